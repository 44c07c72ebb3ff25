"""The actions of a workflow that open a deal and note what happened."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from crm.enums import ActivityType
from crm.models import Company, Contact, Deal, Pipeline
from crm.selectors.currencies import organisation_currency
from crm.services.activities import log_activity
from crm.services.deals import create_deal
from crm.subscribers.workflows import MODELS, SOURCE
from gtmos.kernel import clock
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.kinds import Field
from gtmos.kernel.wording import money
from gtmos.kernel.workflows.actions import CHOICE, LONG, NUMBER, TEXT, Call, Outcome, Param, action, named_in

LONGEST_NAME = 300
MONTH = 30


def pipelines() -> list[tuple[str, str]]:
    return [(str(each.pk), each.name) for each in Pipeline.objects.order_by("name")]


def _amount(text: str) -> Decimal | None:
    """What the deal is worth; nothing where nothing is said or the value is not known."""
    if not text or text == "not known":
        return None
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise InvalidInputError(f"{text} is no amount.", code="bad_value") from error
    if not amount.is_finite() or amount < 0:
        raise InvalidInputError(f"{text} is no amount.", code="bad_value")
    return amount


def _amount_fault(values: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
    del fields
    text = str(values.get("amount") or "")
    if named_in(text):
        return ""  # what it will be is known only then
    try:
        _amount(text)
    except InvalidInputError as error:
        return error.message
    return ""


def _currency(call: Call) -> str:
    """Of the deal that the event is about, whose amount may be repeated here; else that of the house."""
    deal = call.records.get("deal")
    return deal.deal_amount_currency if isinstance(deal, Deal) else organisation_currency()


def _says_deal(call: Call) -> str:
    amount = _amount(call.text("amount"))
    worth = f" over {money(amount, _currency(call))}" if amount is not None else ""
    return f"Opens the deal “{call.text('name')}”{worth}."


def _pipeline(call: Call) -> Pipeline | None:
    chosen = call.values.get("pipeline")
    found = Pipeline.objects.filter(pk=chosen).first() if chosen else None
    if chosen and found is None:
        raise DomainError("The pipeline is not there any more.", code="pipeline_gone")
    return found


def _company(call: Call) -> Company | None:
    company = call.records.get("company")
    return company if isinstance(company, Company) else None


def _contact(call: Call) -> Contact | None:
    """Whom the event names, or whom the deal is with."""
    contact, deal = call.records.get("contact"), call.records.get("deal")
    if isinstance(contact, Contact):
        return contact
    return deal.contact if isinstance(deal, Deal) else None


@action(
    "create_deal",
    label="Create a deal",
    icon="cash",
    words="Create the deal “{name}”",
    dry=_says_deal,
    needs=tuple(MODELS),
    fault=_amount_fault,
    params=(
        Param(
            "name",
            "Name of the deal",
            help_text="{record} is what the event is about. Company, person and owner are taken from it.",
            is_required=True,
            most=200,
        ),
        Param("amount", "Amount", TEXT, "A number, or a value such as {deal.deal_amount}. Empty: not known."),
        Param("close_days", "Closes in days", NUMBER, default=MONTH),
        Param("pipeline", "Pipeline", CHOICE, "Empty: the usual one.", choices=pipelines),
    ),
)
def open_deal(call: Call) -> Outcome:
    """In the first stage. Where that asks for more than is known here, the run fails and says for what."""
    said = _says_deal(call)
    deal = create_deal(
        name=call.text("name")[:LONGEST_NAME],
        company=_company(call),
        contact=_contact(call),
        amount=_amount(call.text("amount")),
        currency=_currency(call),
        pipeline=_pipeline(call),
        close_on=clock.today() + timedelta(days=int(call.values.get("close_days", MONTH))),
        owner=call.owner or call.actor.user,
        actor=call.actor,
    )
    return Outcome(said, made=deal)


def kinds() -> list[tuple[str, str]]:
    return [(value, str(label).capitalize()) for value, label in ActivityType.choices]


@action(
    "log_activity",
    label="Log an activity",
    icon="history",
    words="Log a {type}: “{subject}”",
    dry=lambda call: f"Logs a {call.values.get('type')}: “{call.text('subject')}”.",
    needs=tuple(MODELS),
    params=(
        Param("subject", "About", help_text="{record} is what the event is about.", is_required=True),
        Param(
            "type", "What it was", CHOICE, choices=kinds, is_required=True, default=ActivityType.NOTE.value
        ),
        Param("body", "Text", LONG, most=2000),
    ),
)
def note_activity(call: Call) -> Outcome:
    """Its key comes of the run and the step, so it is noted once."""
    about: dict[str, Any] = dict(call.records)
    activity = log_activity(
        type=str(call.values["type"]),
        subject=call.text("subject"),
        body=call.text("body"),
        source_type=SOURCE,
        source_id=call.key,
        actor=call.actor,
        **about,
    )
    return Outcome(f"Logged the {activity.get_type_display()} “{activity.subject}”.", made=activity)
