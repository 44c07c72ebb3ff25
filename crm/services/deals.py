"""What can be done to a deal."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from crm.enums import CustomerState, StageKind
from crm.events import DealChanged, DealCreated, DealLost, DealStageChanged, DealWon
from crm.models import Company, Contact, Deal, Stage
from crm.selectors.deals import default_pipeline, find_stage
from crm.services.changing import apply_changes, check, locked
from crm.services.companies import change_state, ownership
from crm.services.identity import fill_deal_text
from gtmos.context.models import Product
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fsm import move
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require

EDITABLE = frozenset(
    {
        "name",
        "company",
        "contact",
        "product",
        "deal_amount",
        "deal_amount_currency",
        "deal_payment_status",
        "deal_policy_state",
        "deal_health",
        "payment_frequency",
        "acquisition_channel_source",
        "acquisition_campaign_source",
        "deal_start_date",
        "deal_end_date",
        "deal_expected_signing_date",
        "deal_signing_date",
        "next_step",
        "custom",
        "owner",
        "team",
        "external_id",
        "source",
    }
)  # fmt: skip -- a table of names reads better in lines


@transaction.atomic
def create_deal(  # noqa: PLR0913 -- a record has as many sides as it has; nearly all are optional
    *,
    name: str,
    company: Company | None,
    actor: Actor,
    amount: Decimal | None = None,
    currency: str = "USD",
    stage: Stage | str | None = None,
    contact: Contact | None = None,
    product: Product | None = None,
    close_on: date | None = None,
    owner: User | None = None,
    cause_id: UUID | None = None,
    **fields: Any,
) -> Deal:
    """Open a deal in the first stage of the default pipeline, or in the one named."""
    require(actor, "crm.create_deal")
    position = as_stage(stage) if stage else default_pipeline().stages.all()[0]
    deal = Deal(
        name=name.strip() or (company.name if company else "Deal"),
        deal_id=next_number(),
        company=company,
        contact=contact,
        product=product,
        deal_amount=amount,
        deal_amount_currency=currency,
        deal_expected_signing_date=close_on,
        stage=position,
        stage_entered_at=clock.now(),
        **{
            "deal_start_date": clock.now().date(),
            **ownership(actor),
            **({"owner": owner} if owner else {}),
            **fields,
        },
    )
    refuse_missing(deal, position)
    derived = fill_deal_text(deal)
    _follow_stage(deal, position)
    check(deal, ["name", "deal_amount", "deal_amount_currency", *fields, *derived])
    deal.save(force_insert=True)
    history.record_creation(deal, actor=actor, cause_id=cause_id)
    events.publish(DealCreated(deal_id=deal.pk), subject=deal, actor=actor)
    if company is not None and position.kind == StageKind.OPEN:
        _company_is_buying(company, cause_id)
    _tell(deal)
    return deal


@transaction.atomic
def update_deal(deal: Deal, *, changes: dict[str, Any], actor: Actor, cause_id: UUID | None = None) -> Deal:
    """Change fields, the stage included; entering a stage needs the fields that the stage requires."""
    require(actor, "crm.edit_deal", deal)
    deal = locked(deal)
    changes = dict(changes)
    stage = changes.pop("stage", None)
    changed = (
        apply_changes(
            deal,
            changes,
            allowed=EDITABLE,
            actor=actor,
            category="DEAL",
            derive=fill_deal_text,
            cause_id=cause_id,
        )
        if changes
        else ()
    )
    if changed:
        events.publish(DealChanged(deal_id=deal.pk, fields=changed), subject=deal, actor=actor)
    if stage is not None:
        _move(deal, as_stage(stage, of=deal), actor=actor, cause_id=cause_id)
    _tell(deal)
    return deal


@transaction.atomic
def delete_deal(deal: Deal, *, actor: Actor) -> None:
    """Take a deal away, for the undo of its creation; its history stays."""
    require(actor, "crm.delete_deal", deal)
    deal = locked(deal)
    history.record(
        deal,
        before={"created": str(deal)},
        after={"created": None},
        actor=actor,
        category="DELETED",
        summary=f"Deleted deal {deal}",
    )  # fmt: skip -- one thought, two lines
    _tell(deal)
    deal.delete()


def as_stage(stage: Stage | str, *, of: Deal | None = None) -> Stage:
    if isinstance(stage, Stage):
        return stage
    return find_stage(stage, pipeline=of.stage.pipeline if of else None)


def next_number() -> int:
    """The number people say; from a sequence, so two new deals never share one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('crm_deal_number')")
        return int(cursor.fetchone()[0])


def refuse_missing(deal: Deal, stage: Stage) -> None:
    missing = tuple(name for name in stage.required_fields if getattr(deal, name, None) in (None, "", []))
    if missing:
        words = ", ".join(name.removeprefix("deal_").replace("_", " ") for name in missing)
        raise DomainError(
            f"{deal} cannot enter {stage}: {words} is missing.", code="stage_criteria", missing=missing
        )


def _move(deal: Deal, stage: Stage, *, actor: Actor, cause_id: UUID | None) -> None:
    before = deal.stage
    if before == stage:
        return
    refuse_missing(deal, stage)
    deal.stage = stage
    deal.stage_entered_at = clock.now()
    _follow_stage(deal, stage)
    deal.version += 1
    deal.save(
        update_fields=[
            "stage",
            "stage_entered_at",
            "deal_state",
            "deal_signing_date",
            "version",
            "updated_at",
        ]
    )  # fmt: skip -- a list of names
    history.record(
        deal,
        before={"stage": before.name},
        after={"stage": stage.name},
        actor=actor,
        category="DEAL_STAGE",
        cause_id=cause_id,
    )
    events.publish(
        DealStageChanged(deal_id=deal.pk, before=before.key, after=stage.key), subject=deal, actor=actor
    )
    if stage.kind == StageKind.WON:
        events.publish(DealWon(deal_id=deal.pk), subject=deal, actor=actor)
        _company_is_using(deal, cause_id)
    elif stage.kind == StageKind.LOST:
        events.publish(DealLost(deal_id=deal.pk), subject=deal, actor=actor)


def _follow_stage(deal: Deal, stage: Stage) -> None:
    """The deal's state follows the kind of its stage."""
    target = str(stage.kind)
    if deal.deal_state == target:
        return
    if target != StageKind.OPEN and deal.deal_state not in {"open", "on_hold"}:
        move(deal.reopen, refusal=f"{deal} is {deal.deal_state} and cannot move.")
    step = {StageKind.WON: deal.win, StageKind.LOST: deal.lose, StageKind.OPEN: deal.reopen}[
        StageKind(target)
    ]
    move(step, refusal=f"{deal} is {deal.deal_state} and cannot become {target}.")
    if target == StageKind.WON:
        deal.deal_signing_date = deal.deal_signing_date or clock.now().date()
    elif target == StageKind.OPEN:
        deal.deal_signing_date = None


def _company_is_buying(company: Company, cause_id: UUID | None) -> None:
    if company.customer_state in {CustomerState.DORMANT, CustomerState.EXPLORING, CustomerState.CHURNED}:
        _move_company(company, CustomerState.BUYING, "a deal was opened", cause_id)


def _company_is_using(deal: Deal, cause_id: UUID | None) -> None:
    if deal.company and deal.company.customer_state in {CustomerState.BUYING, CustomerState.EXPLORING}:
        _move_company(deal.company, CustomerState.USING, "a deal was won", cause_id)


def _move_company(company: Company, to: CustomerState, reason: str, cause_id: UUID | None) -> None:
    change_state(company, to, actor=Actor.system("deals"), reason=reason, cause_id=cause_id)


def _tell(deal: Deal) -> None:
    live.push(f"deal:{deal.pk}")
    if deal.company_id:
        live.push(f"company:{deal.company_id}")
