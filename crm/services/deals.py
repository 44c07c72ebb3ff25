"""What can be done to a deal."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from crm.enums import StageKind
from crm.events import DealChanged, DealCreated, DealDeleted
from crm.models import Company, Contact, Deal, Pipeline, Stage
from crm.selectors.criteria import refuse_unmet
from crm.selectors.deals import default_pipeline, find_pipeline, find_stage, first_stage
from crm.services.changing import apply_changes, check, locked, stated, with_custom
from crm.services.companies import ownership
from crm.services.deal_stages import begin, companies_are_buying, company_is_buying, reposition, tell
from crm.services.discounts import refuse_hidden_discount
from crm.services.identity import fill_deal_text
from crm.services.notifying import tell_new_owner
from gtmos.context.models import Product
from gtmos.kernel import clock, events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.currencies import currency_of
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.rights import refuse_fixed
from gtmos.kernel.rules.checking import refuse_broken
from gtmos.kernel.sets import insert_many

EDITABLE = frozenset(
    {
        "name",
        "company",
        "contact",
        "product",
        "deal_amount",
        "deal_amount_currency",
        "deal_payment_status",
        "deal_health",
        "payment_frequency",
        "forecast_category",
        "acquisition_channel_source",
        "acquisition_campaign_source",
        "deal_start_date",
        "deal_end_date",
        "deal_expected_signing_date",
        "deal_signing_date",
        "next_step",
        "next_step_owner",
        "next_step_due_on",
        "lost_reason",
        "lost_note",
        "on_hold_reason",
        "custom",
        "owner",
        "team",
        "external_id",
        "source",
    }
)  # fmt: skip -- a table of names reads better in lines
# Where a deal stands: changed by the moves of `deal_stages`, never as a plain column.
POSITION = ("pipeline", "stage", "deal_state")


@transaction.atomic
def create_deal(
    *,
    name: str,
    company: Company | None,
    actor: Actor,
    cause_id: UUID | None = None,
    **given: Any,
) -> Deal:
    """Open a deal in the first stage of the default pipeline, or in the one named. What may be given: see `draft_deal`.

    It needs what the stage asks of a deal that enters; a sale that ended elsewhere is only written down.
    """
    require(actor, "crm.create_deal")
    deal = draft_deal(name=name, company=company, actor=actor, **given)
    deal.deal_id = next_numbers(1)[0]
    try:
        deal.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(deal) from error
    history.record_creation(deal, actor=actor, cause_id=cause_id)
    events.publish(DealCreated(deal_id=deal.pk), subject=deal, actor=actor)
    if company is not None and deal.stage.kind == StageKind.OPEN:
        company_is_buying(company, cause_id)
    tell(deal)
    return deal


@transaction.atomic
def create_deals(drafts: Sequence[Deal], *, actor: Actor, cause_id: UUID) -> None:
    """The set form, for drafts in hand: four statements, and one more for each company that begins to buy.

    Who calls it publishes one fact for all of them.
    """
    require(actor, "crm.create_deal")
    for deal, number in zip(drafts, next_numbers(len(drafts)), strict=True):
        deal.deal_id = number
    insert_many(drafts)
    insert_many(history.creations_of(drafts, actor=actor, cause_id=cause_id))
    opened = [deal for deal in drafts if deal.stage.kind == StageKind.OPEN]
    companies_are_buying((deal.company_id for deal in opened if deal.company_id), cause_id)


def draft_deal(  # noqa: PLR0913 -- a record has as many sides as it has; nearly all are optional
    *,
    name: str,
    company: Company | None,
    actor: Actor,
    amount: Decimal | None = None,
    currency: str = "USD",
    pipeline: Pipeline | str | None = None,
    stage: Stage | str | None = None,
    contact: Contact | None = None,
    product: Product | None = None,
    close_on: date | None = None,
    owner: User | None = None,
    is_record_of_the_past: bool = False,
    **fields: Any,
) -> Deal:
    """A deal that may be saved as it is: every check is done, but it has no number yet."""
    given = {"deal_amount": amount, "deal_expected_signing_date": close_on, "owner": owner, **fields}
    refuse_fixed(Deal, stated(given), actor=actor)
    fields = with_custom(Deal(), fields, actor=actor)
    position = _first_position(pipeline, stage)
    if position.kind != StageKind.OPEN:
        refuse_fixed(Deal, ["deal_state"], actor=actor)
    deal = Deal(
        name=name.strip() or (company.name if company else "Deal"),
        company=company,
        contact=contact,
        product=product,
        deal_amount=amount,
        deal_amount_currency=currency_of(currency),
        deal_expected_signing_date=close_on,
        stage=position,
        stage_entered_at=clock.now(),
        **{
            "deal_start_date": clock.today(),
            **ownership(actor),
            **({"owner": owner} if owner else {}),
            **fields,
        },
    )
    if not (is_record_of_the_past and position.kind != StageKind.OPEN):
        refuse_unmet(deal, position)
    _own_next_step(deal, fields)
    derived = fill_deal_text(deal)
    begin(deal, position)
    check(deal, ["name", "deal_amount", "deal_amount_currency", *fields, *derived])
    refuse_broken(deal)
    return deal


@transaction.atomic
def update_deal(deal: Deal, *, changes: dict[str, Any], actor: Actor, cause_id: UUID | None = None) -> Deal:
    """Change fields, the stage and pipeline included; a move needs what the stages ask of it."""
    require(actor, "crm.edit_deal", deal)
    deal = locked(deal)
    changes = dict(changes)
    position = {name: value for name in POSITION if (value := changes.pop(name, None)) is not None}
    changes = _with_known_currency(deal, _with_step_owner(deal, changes))
    refuse_hidden_discount(deal, changes)
    changed = _changed(deal, changes, actor, cause_id) if changes else ()
    if changed:
        events.publish(DealChanged(deal_id=deal.pk, fields=changed), subject=deal, actor=actor)
    if "owner" in changed:
        tell_new_owner(deal, actor=actor)
    if position:
        target = _target(deal, position.get("pipeline"), position.get("stage"))
        reposition(deal, target, position.get("deal_state"), actor=actor, cause_id=cause_id)
    tell(deal)
    return deal


def _changed(deal: Deal, changes: dict[str, Any], actor: Actor, cause_id: UUID | None) -> tuple[str, ...]:
    try:
        return apply_changes(
            deal,
            changes,
            allowed=EDITABLE,
            actor=actor,
            category="DEAL",
            derive=fill_deal_text,
            cause_id=cause_id,
        )
    except IntegrityError as error:
        raise _taken(deal) from error


def _taken(deal: Deal) -> DomainError:
    return DomainError(f"{deal.external_id} already belongs to another deal.", code="deal_exists")


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
    events.publish(DealDeleted(deal_id=deal.pk), subject=deal, actor=actor)
    tell(deal)
    deal.delete()


def as_stage(stage: Stage | str, *, pipeline: Pipeline | None = None) -> Stage:
    return stage if isinstance(stage, Stage) else find_stage(stage, pipeline=pipeline)


def next_numbers(count: int) -> list[int]:
    """The numbers people say; from a sequence, so two new deals never share one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('crm_deal_number') FROM generate_series(1, %s)", [count])
        return [int(number) for (number,) in cursor.fetchall()]


def _first_position(pipeline: Pipeline | str | None, stage: Stage | str | None) -> Stage:
    home = find_pipeline(pipeline) if isinstance(pipeline, str) else pipeline
    if stage:
        position = as_stage(stage, pipeline=home)
        _refuse_other_pipeline(position, home)
        return position
    return first_stage(home or default_pipeline())


def _target(deal: Deal, pipeline: Pipeline | str | None, stage: Stage | str | None) -> Stage | None:
    """The stage to go to; in another pipeline the one of the same key, else its first."""
    home = find_pipeline(pipeline) if isinstance(pipeline, str) else pipeline
    if stage is not None:
        target = as_stage(stage, pipeline=home or deal.stage.pipeline)
        _refuse_other_pipeline(target, home)
        return target
    if home is None or home.pk == deal.stage.pipeline_id:
        return None
    return home.stages.filter(key=deal.stage.key, kind=deal.stage.kind).first() or first_stage(home)


def _refuse_other_pipeline(stage: Stage, pipeline: Pipeline | None) -> None:
    if pipeline is not None and stage.pipeline_id != pipeline.pk:
        raise InvalidInputError(
            f"{stage} is no stage of the pipeline {pipeline}.", code="stage_of_another_pipeline"
        )


def _own_next_step(deal: Deal, fields: dict[str, Any]) -> None:
    if fields.get("next_step") and deal.next_step_owner is None:
        deal.next_step_owner = deal.owner


def _with_step_owner(deal: Deal, changes: dict[str, Any]) -> dict[str, Any]:
    """A step that is named without anybody to take it is taken by the deal's owner."""
    is_new = bool(changes.get("next_step")) and changes["next_step"] != deal.next_step
    if is_new and "next_step_owner" not in changes and deal.next_step_owner_id is None and deal.owner:
        return {**changes, "next_step_owner": deal.owner}
    return changes


def _with_known_currency(deal: Deal, changes: dict[str, Any]) -> dict[str, Any]:
    """One that stands there already stays, so that whatever else there is of its deal can be changed."""
    given = changes.get("deal_amount_currency", deal.deal_amount_currency)
    if given in (None, deal.deal_amount_currency):
        return changes
    return {**changes, "deal_amount_currency": currency_of(given)}
