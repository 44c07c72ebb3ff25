"""How a deal moves: along the stages of its pipeline, and between open, on hold, won and lost.

`deal_state` follows the kind of the stage. A move is one row of history with both, so that it is taken back as one.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from crm.enums import CustomerState, DealState, LossReason, StageKind
from crm.events import DealHeld, DealLost, DealReopened, DealResumed, DealStageChanged, DealWon
from crm.models import Company, Deal, Stage
from crm.selectors.criteria import refuse_unmet
from crm.selectors.deals import closing_stage, stage_before_closing
from crm.services.changing import check, locked, stated
from crm.services.companies import change_state
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.events import Event
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.services.locks import refuse_locked
from gtmos.kernel.fsm import move
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.rights import refuse_fixed
from gtmos.kernel.rules.checking import refuse_broken

# What a move may change beside the stage.
FOLLOWING = ("deal_state", "deal_signing_date", "lost_reason", "lost_note", "on_hold_reason")
CLOSED = frozenset({DealState.WON, DealState.LOST})
NOT_YET = frozenset({CustomerState.DORMANT, CustomerState.EXPLORING, CustomerState.CHURNED})


@transaction.atomic
def win_deal(
    deal: Deal, *, actor: Actor, signed_on: date | None = None, cause_id: UUID | None = None
) -> Deal:
    """The customer signed: the deal goes to the won stage of its pipeline, if it has what that stage asks for."""
    require(actor, "crm.edit_deal", deal)
    deal = locked(deal)
    _refuse_closed(deal, DealState.WON)
    said = {"deal_signing_date": signed_on} if signed_on else {}
    _enter(deal, closing_stage(deal, StageKind.WON), actor=actor, cause_id=cause_id, said=said)
    tell(deal)
    return deal


@transaction.atomic
def lose_deal(deal: Deal, *, reason: str, actor: Actor, note: str = "", cause_id: UUID | None = None) -> Deal:
    """The customer will not buy. The reason is one of a closed set, so that losses can be counted."""
    require(actor, "crm.edit_deal", deal)
    deal = locked(deal)
    _refuse_closed(deal, DealState.LOST)
    if reason not in LossReason.values:
        known = ", ".join(LossReason.values)
        raise InvalidInputError(f"Say why it was lost: one of {known}.", code="loss_reason_missing")
    said = {"lost_reason": reason, "lost_note": note.strip()}
    _enter(deal, closing_stage(deal, StageKind.LOST), actor=actor, cause_id=cause_id, said=said)
    tell(deal)
    return deal


@transaction.atomic
def hold_deal(deal: Deal, *, reason: str, actor: Actor, cause_id: UUID | None = None) -> Deal:
    """Nothing goes on for a while; the deal keeps its stage and leaves the open pipeline."""
    require(actor, "crm.edit_deal", deal)
    deal = locked(deal)
    if not reason.strip():
        raise InvalidInputError("Say why the deal waits.", code="reason_missing")
    said = {"on_hold_reason": reason.strip()}
    _turn(deal, deal.hold, DealHeld(deal_id=deal.pk), actor=actor, cause_id=cause_id, said=said)
    return deal


@transaction.atomic
def resume_deal(deal: Deal, *, actor: Actor, cause_id: UUID | None = None) -> Deal:
    """A deal on hold goes on where it stood."""
    require(actor, "crm.edit_deal", deal)
    deal = locked(deal)
    if deal.deal_state != DealState.ON_HOLD:
        raise DomainError(f"{deal} is {deal.get_deal_state_display()}, not on hold.", code="wrong_state")
    said = {"on_hold_reason": ""}
    _turn(deal, deal.reopen, DealResumed(deal_id=deal.pk), actor=actor, cause_id=cause_id, said=said)
    return deal


@transaction.atomic
def reopen_deal(deal: Deal, *, actor: Actor, cause_id: UUID | None = None) -> Deal:
    """A deal that was won or lost goes on after all, in the stage in which it stood before."""
    require(actor, "crm.edit_deal", deal)
    deal = locked(deal)
    if deal.deal_state not in CLOSED:
        raise DomainError(
            f"{deal} is {deal.get_deal_state_display()} and needs no reopening.", code="wrong_state"
        )
    _reopen(deal, stage_before_closing(deal), actor=actor, cause_id=cause_id)
    tell(deal)
    return deal


def begin(deal: Deal, stage: Stage) -> None:
    """The state of a deal that is being made follows its first stage."""
    if stage.kind != StageKind.OPEN:
        _to_kind(deal, stage)


def reposition(
    deal: Deal, stage: Stage | None, state: str | None, *, actor: Actor, cause_id: UUID | None
) -> None:
    """To the stage, then to the state that was asked for beside it; the locked row is changed."""
    if stage is not None and stage.pk != deal.stage_id:
        _enter(deal, stage, actor=actor, cause_id=cause_id)
    if state is None or state == deal.deal_state:
        return
    steps: dict[str, Callable[[], Any]] = {
        DealState.OPEN: lambda: _open_again(deal, actor=actor, cause_id=cause_id),
        DealState.ON_HOLD: lambda: _turn(
            deal, deal.hold, DealHeld(deal_id=deal.pk), actor=actor, cause_id=cause_id
        ),
        DealState.WON: lambda: _enter(
            deal, closing_stage(deal, StageKind.WON), actor=actor, cause_id=cause_id
        ),
        DealState.LOST: lambda: _enter(
            deal, closing_stage(deal, StageKind.LOST), actor=actor, cause_id=cause_id
        ),
    }
    if state not in steps:
        raise InvalidInputError(f"There is no state {state}.", code="unknown_state")
    steps[state]()


def _open_again(deal: Deal, *, actor: Actor, cause_id: UUID | None) -> None:
    if deal.deal_state in CLOSED:
        _reopen(deal, stage_before_closing(deal), actor=actor, cause_id=cause_id)
        return
    _turn(
        deal,
        deal.reopen,
        DealResumed(deal_id=deal.pk),
        actor=actor,
        cause_id=cause_id,
        said={"on_hold_reason": ""},
    )


def _refuse_closed(deal: Deal, target: DealState) -> None:
    if deal.deal_state in CLOSED:
        raise DomainError(
            f"{deal} is {deal.get_deal_state_display()} and cannot become {target.label}. Reopen it first.",
            code="wrong_state",
        )


def _enter(
    deal: Deal,
    stage: Stage,
    *,
    actor: Actor,
    cause_id: UUID | None,
    said: dict[str, Any] | None = None,
) -> None:
    """From one closed stage to another a deal is opened between, so that history shows no step that is none."""
    _refuse_fixed_move(deal, stage, said or {}, actor)
    if deal.deal_state in CLOSED and stage.kind not in {StageKind.OPEN, deal.deal_state}:
        _reopen(deal, stage_before_closing(deal), actor=actor, cause_id=cause_id)
    origin, following = deal.stage, _following(deal)
    for name, value in (said or {}).items():
        setattr(deal, name, value)
    refuse_unmet(deal, stage, origin=origin)
    _place(deal, stage, following, actor=actor, cause_id=cause_id)
    refuse_locked(deal, {"stage"}, actor=actor)
    refuse_broken(deal, {"stage", *FOLLOWING})
    if deal.deal_state == DealState.WON and following["deal_state"] != DealState.WON:
        _company_is_using(deal, cause_id)


def _refuse_fixed_move(deal: Deal, stage: Stage, said: dict[str, Any], actor: Actor) -> None:
    """To a role that may only read the state a stage of another kind is closed."""
    state = ["deal_state"] if stage.kind != deal.deal_state else []
    refuse_fixed(Deal, [*state, *stated(said)], actor=actor)


def _following(deal: Deal) -> dict[str, Any]:
    return {name: getattr(deal, name) for name in FOLLOWING}


def _place(
    deal: Deal, stage: Stage, following: dict[str, Any], *, actor: Actor, cause_id: UUID | None
) -> None:
    """Put the deal there, save it, and note stage and state as one change of what was before."""
    origin = deal.stage
    deal.stage = stage
    deal.stage_entered_at = clock.now()
    _to_kind(deal, stage)
    check(deal, FOLLOWING[1:])
    save_changes(deal, "stage", "stage_entered_at", *FOLLOWING)
    before, after = _as_told(origin, stage)
    history.record(
        deal,
        before={"stage": before, **following},
        after={"stage": after, **_following(deal)},
        actor=actor,
        category="DEAL_STAGE",
        cause_id=cause_id,
    )
    _publish_move(deal, origin, following["deal_state"], actor)


def _as_told(before: Stage, after: Stage) -> tuple[Any, Any]:
    """By name inside one pipeline; by key and name where a name would not say which pipeline."""
    same = before.pipeline_id == after.pipeline_id
    return (before.name, after.name) if same else (before, after)


def _to_kind(deal: Deal, stage: Stage) -> None:
    """The deal's state follows the kind of its stage."""
    target = str(stage.kind)
    if deal.deal_state != target:
        step = {StageKind.WON: deal.win, StageKind.LOST: deal.lose, StageKind.OPEN: deal.reopen}[
            StageKind(target)
        ]
        move(step, refusal=f"{deal} is {deal.get_deal_state_display()} and cannot become {target}.")
        deal.on_hold_reason = ""
    if target == StageKind.WON:
        deal.deal_signing_date = deal.deal_signing_date or clock.today()
    elif target == StageKind.OPEN:
        deal.deal_signing_date = None
        deal.lost_reason, deal.lost_note = "", ""


def _reopen(deal: Deal, stage: Stage, *, actor: Actor, cause_id: UUID | None) -> None:
    """Back to where it stood: nothing is asked of a stage in which the deal was already."""
    _refuse_fixed_move(deal, stage, {}, actor)
    _place(deal, stage, _following(deal), actor=actor, cause_id=cause_id)


def _turn(
    deal: Deal,
    step: Callable[[], None],
    fact: Event,
    *,
    actor: Actor,
    cause_id: UUID | None,
    said: dict[str, str] | None = None,
) -> None:
    """A change of the state alone; the stage stays."""
    said = said or {}
    refuse_fixed(Deal, ["deal_state", *stated(said)], actor=actor)
    before = {"deal_state": deal.deal_state, **{name: getattr(deal, name) for name in said}}
    move(step, refusal=f"{deal} is {deal.get_deal_state_display()} already or closed; its state stays.")
    for name, value in said.items():
        setattr(deal, name, value)
    check(deal, list(said))
    save_changes(deal, "deal_state", *said)
    history.record(
        deal,
        before=before,
        after={"deal_state": deal.deal_state, **said},
        actor=actor,
        category="DEAL_STATE",
        cause_id=cause_id,
    )
    events.publish(fact, subject=deal, actor=actor)
    tell(deal)


def _publish_move(deal: Deal, before: Stage, was: str, actor: Actor) -> None:
    moved = DealStageChanged(deal_id=deal.pk, before=before.key, after=deal.stage.key)
    events.publish(moved, subject=deal, actor=actor)
    if deal.deal_state == was:
        return
    facts: dict[tuple[str, bool], Event] = {
        (DealState.WON, True): DealWon(deal_id=deal.pk),
        (DealState.LOST, True): DealLost(deal_id=deal.pk),
        (DealState.OPEN, True): DealReopened(deal_id=deal.pk),
        (DealState.OPEN, False): DealResumed(deal_id=deal.pk),
    }
    key = (str(deal.deal_state), was in CLOSED or deal.deal_state in CLOSED)
    events.publish(facts[key], subject=deal, actor=actor)


def companies_are_buying(keys: Iterable[UUID], cause_id: UUID) -> None:
    """Those of them that were not yet; in the order of their keys, as whoever locks several does."""
    for company in Company.objects.filter(pk__in=set(keys), customer_state__in=NOT_YET).order_by("pk"):
        company_is_buying(company, cause_id)


def company_is_buying(company: Company, cause_id: UUID | None) -> None:
    if company.customer_state in NOT_YET:
        _move_company(company, CustomerState.BUYING, "a deal was opened", cause_id)


def _company_is_using(deal: Deal, cause_id: UUID | None) -> None:
    if deal.company and deal.company.customer_state in {CustomerState.BUYING, CustomerState.EXPLORING}:
        _move_company(deal.company, CustomerState.USING, "a deal was won", cause_id)


def _move_company(company: Company, to: CustomerState, reason: str, cause_id: UUID | None) -> None:
    change_state(company, to, actor=Actor.system("deals"), reason=reason, cause_id=cause_id)


def tell(deal: Deal) -> None:
    live.push(f"deal:{deal.pk}")
    if deal.company_id:
        live.push(f"company:{deal.company_id}")
