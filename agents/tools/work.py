"""Activities, tasks and deals."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from agents.selectors.custom import custom_key
from agents.selectors.resolving import Call, ClarifyError
from agents.services.registry import Slots, ToolResult, tool, undoer
from agents.tools.changed import diff, subject_of
from crm.enums import ActivityType
from crm.intake.reasons import loss_reason_of
from crm.models import Activity, Company, Contact, Deal, Task
from crm.selectors.activities import get_activity, get_task
from crm.selectors.deals import get_deal
from crm.services.activities import delete_activity, log_activity
from crm.services.deals import create_deal, update_deal
from crm.services.restoring import restore_values
from crm.services.taking_back import put_state_back, take_back_deal, take_back_task
from crm.services.tasks import create_task
from gtmos.kernel import clock, wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.history.models import Change

MORNING = dt.time(9)
SHORT = 60


@tool(
    "activity.log",
    examples=(
        "log a call with Jane Porter: wants a quote for 50 seats",
        "note on Acme Corp: legal signed off",
    ),
)
def log(slots: Slots, call: Call) -> ToolResult:
    """Note a call, meeting, mail or note."""
    about = _about(slots, call)
    if not about:
        raise ClarifyError("Whom or what was that with?", slot="contact")
    kind = str(slots["type"])
    words = str(slots.get("summary") or "").strip()
    activity = log_activity(
        type=kind,
        subject=words[:300] or ActivityType(kind).label.capitalize(),
        body=words if len(words) > 300 else "",
        happened_at=_moment(slots.get("when")) or clock.now(),
        duration_minutes=int(slots["duration_min"]) if slots.get("duration_min") else None,
        outcome=str(slots.get("outcome") or ""),
        actor=call.actor,
        **about,
    )
    with_whom = activity.contact or activity.deal or activity.company
    return ToolResult(
        f"Logged {activity.get_type_display()} with {with_whom}: {activity.subject}.",
        subject=subject_of(with_whom),
        undo={"verb": "activity.delete", "activity": str(activity.pk)},
    )


@undoer("activity.delete")
def undo_log(activity: str, *, actor: Actor) -> str:
    row = get_activity(activity, actor=actor)
    delete_activity(row, actor=actor)
    return f"Took back the {row.get_type_display()} “{_short(row)}”."


@tool(
    "task.create",
    examples=("remind me to call Jane Porter on Monday", "task for Nina: send slides by Friday"),
)
def add_task(slots: Slots, call: Call) -> ToolResult:
    """Add a to-do."""
    owner = call.user(str(slots["assignee"]), "assignee") if slots.get("assignee") else None
    task = create_task(
        title=str(slots["title"]),
        due_at=_moment(slots.get("due")),
        owner=owner,
        actor=call.actor,
        **_about(slots, call),
    )
    due = f", due {wording.when(task.due_at, clock.now())}" if task.due_at else ""
    for_whom = f" for {owner}" if owner and owner != call.actor.user else ""
    return ToolResult(
        f"Added the task “{_short(task)}”{for_whom}{due}.",
        subject={"type": "task", "id": str(task.pk), "name": task.title},
        undo={"verb": "task.delete", "task": str(task.pk), "version": task.version},
    )


@undoer("task.delete")
def undo_task(task: str, version: int = 1, *, actor: Actor) -> str:
    row = get_task(task, actor=actor)
    take_back_task(row, version=version, actor=actor)
    return f"Took back the task “{_short(row)}”."


@tool("deal.create", examples=("create a $25k deal with Acme Corp, close by June 30",))
def add_deal(slots: Slots, call: Call) -> ToolResult:
    """Open a deal."""
    company = call.company(str(slots["company"]))
    was = company.customer_state
    money = slots.get("amount") or {}
    product = call.product(str(slots["product"])) if slots.get("product") else None
    name = str(slots.get("name") or (f"{company.name} {product.name}" if product else company.name))
    deal = create_deal(
        name=name,
        company=company,
        amount=_amount(money) if money else None,
        currency=money.get("currency", "USD") if isinstance(money, Mapping) else "USD",
        stage=str(slots["stage"]) if slots.get("stage") else None,
        contact=_contact_of(slots, call),
        product=product,
        close_on=_day(slots["close_date"]) if slots.get("close_date") else None,
        owner=call.user(str(slots["owner"])) if slots.get("owner") else None,
        cause_id=call.step_id,
        actor=call.actor,
    )
    return ToolResult(
        f"Opened the deal {deal}, {_money_of(deal)}, in {deal.stage}.",
        subject=subject_of(deal),
        context={"focus": subject_of(deal)},
        undo={
            "verb": "deal.delete",
            "deal": str(deal.pk),
            "version": deal.version,
            **_state_change(company, was),
        },
    )


@undoer("deal.delete")
def undo_deal(deal: str, version: int = 1, company: dict[str, str] | None = None, *, actor: Actor) -> str:
    row = get_deal(deal, actor=actor)
    take_back_deal(row, version=version, actor=actor)
    return f"Took back the deal {row}.{_state_back(row, company, actor)}"


@tool(
    "deal.update",
    examples=("move Acme Rollout to negotiation and set amount to 40k", "Globex Annual lost, no budget"),
)
def change_deal(slots: Slots, call: Call) -> ToolResult:
    """Change a deal: its stage, amount, close date, owner, next step and so on."""
    deal = call.deal(str(slots["deal"]))
    changes = _deal_changes(deal, slots["set"], call)
    was = deal.company.customer_state if deal.company else ""
    update_deal(deal, changes=changes, cause_id=call.step_id, actor=call.actor)
    made = Change.objects.filter(cause_id=call.step_id, subject_id=deal.pk).order_by("timestamp", "id")
    if not made:
        return ToolResult(f"{deal} is like that already. Nothing was changed.", subject=subject_of(deal))
    words = "; ".join(change.summary for change in made)
    return ToolResult(
        f"Changed {deal}: {words}.",
        card={"changes": [diff(change) for change in made]},
        subject=subject_of(deal),
        context={"focus": subject_of(deal)},
        undo={
            "verb": "deal.restore",
            "deal": str(deal.pk),
            "changes": [str(change.pk) for change in made][::-1],
            **_state_change(deal.company, was),
        },
    )


@undoer("deal.restore")
def undo_deal_changes(
    deal: str, changes: list[str], company: dict[str, str] | None = None, *, actor: Actor
) -> str:
    rows = {str(change.pk): change for change in Change.objects.filter(pk__in=changes, subject_id=deal)}
    row = get_deal(deal, actor=actor)
    for key in changes:
        restore_values(row, rows[key], actor=actor)
        row = get_deal(deal, actor=actor)
    return f"{row} is as it was: {row.stage}, {_money_of(row)}.{_state_back(row, company, actor)}"


def _state_change(company: Company | None, was: str) -> dict[str, Any]:
    """What the deal made of its company: a company with an open deal buys, one with a won deal uses."""
    if company is None:
        return {}
    became = Company.objects.values_list("customer_state", flat=True).get(pk=company.pk)
    return {"company": {"id": str(company.pk), "was": was, "became": became}} if became != was else {}


def _state_back(deal: Deal, company: dict[str, str] | None, actor: Actor) -> str:
    if not company or deal.company is None or str(deal.company_id) != company["id"]:
        return ""
    words = put_state_back(deal.company, was=company["was"], became=company["became"], actor=actor)
    return f" {words}"


FIELDS = {
    "close_date": "deal_expected_signing_date",
    "next_step": "next_step",
    "name": "name",
    "health": "deal_health",
    "payment_frequency": "payment_frequency",
    "payment_status": "deal_payment_status",
}
REASONS = {"lost_reason", "won_reason"}


def _deal_changes(deal: Deal, said: Mapping[str, Any], call: Call) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, value in said.items():
        if name == "stage":
            changes["stage"] = str(value)
        elif name == "amount":
            changes |= _money_changes(deal, value)
        elif name == "owner":
            changes["owner"] = call.user(str(value))
        elif name == "product":
            changes["product"] = call.product(str(value))
        elif name == "contact":
            changes["contact"] = _deals_contact(deal, str(value), call)
        elif name == "close_date":
            changes[FIELDS[name]] = _day(value)
        elif name in FIELDS:
            changes[FIELDS[name]] = value
        elif name in REASONS:
            changes |= _custom(changes, _reason_changes(deal, name, str(value)))
        else:
            changes |= _custom(changes, {"custom": {_custom_key(name): value}})
    return changes


def _custom_key(name: str) -> str:
    key = custom_key("deal", name)
    if not key:
        words = name.removeprefix("custom.").replace("_", " ")
        raise InvalidInputError(
            f"A deal has no field {words} that can be changed here. Nothing was changed.",
            code="unknown_field",
        )
    return key


def _custom(changes: dict[str, Any], further: dict[str, Any]) -> dict[str, Any]:
    """Several custom values are one change."""
    if "custom" not in further:
        return further
    return {**further, "custom": {**changes.get("custom", {}), **further["custom"]}}


def _reason_changes(deal: Deal, name: str, said: str) -> dict[str, Any]:
    if name == "lost_reason":
        return {"lost_reason": loss_reason_of(said), "lost_note": said[:300]}
    return {"custom": {**deal.custom, name: said}}


def _money_changes(deal: Deal, value: Any) -> dict[str, Any]:
    currency = value.get("currency") if isinstance(value, Mapping) else None
    changes: dict[str, Any] = {"deal_amount": _amount(value)}
    if currency and currency != deal.deal_amount_currency:
        changes["deal_amount_currency"] = currency
    return changes


def _deals_contact(deal: Deal, words: str, call: Call) -> Contact:
    return call.contact(words, within=deal.company_id)


def _contact_of(slots: Slots, call: Call) -> Contact | None:
    return call.contact(str(slots["contact"])) if slots.get("contact") else None


def _about(slots: Slots, call: Call) -> dict[str, Any]:
    """The records a note or task is about; the person is looked for at the company that was said."""
    about: dict[str, Any] = {}
    if slots.get("company"):
        about["company"] = call.company(str(slots["company"]))
    if slots.get("contact"):
        company = about.get("company")
        about["contact"] = call.contact(str(slots["contact"]), within=company.pk if company else None)
    if slots.get("deal"):
        about["deal"] = call.deal(str(slots["deal"]))
    return about


def _moment(said: Any) -> dt.datetime | None:
    """A day means its morning; a time is the person's own clock."""
    if not said:
        return None
    try:
        moment = dt.datetime.fromisoformat(str(said))
    except ValueError as error:
        raise InvalidInputError(f"{said} is not a date.", code="not_a_date") from error
    if len(str(said)) <= 10:
        moment = dt.datetime.combine(moment.date(), MORNING)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _day(said: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(str(said)[:10])
    except ValueError as error:
        raise InvalidInputError(f"{said} is not a date.", code="not_a_date") from error


def _amount(value: Any) -> Decimal:
    return Decimal(str(value["amount"] if isinstance(value, Mapping) else value))


def _money_of(deal: Deal) -> str:
    if deal.deal_amount is None:
        return "amount not known"
    return wording.money(deal.deal_amount, deal.deal_amount_currency)


def _short(record: Activity | Task) -> str:
    text = str(record)
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
