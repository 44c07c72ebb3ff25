"""How deals move: what a stage asks for, what a state allows, and that a race has one winner."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from crm.enums import CriterionKind, CriterionMoment, InfluenceRole
from crm.models import Activity, Deal, Pipeline, Stage
from crm.selectors.criteria import StageCriteriaError
from crm.services.activities import log_activity
from crm.services.contacts import create_contact
from crm.services.deal_stages import hold_deal, lose_deal, reopen_deal, resume_deal, win_deal
from crm.services.deals import create_deal, update_deal
from crm.services.pipelines import add_criterion, create_pipeline, create_stage, update_criterion
from crm.services.restoring import restore_values
from crm.tests.builders import a_company, a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor

pytestmark = pytest.mark.django_db
THREADS = 50
ROUNDS = int(os.environ.get("GTMOS_TEST_ROUNDS", "3"))


def stage_of(deal: Deal, key: str) -> Stage:
    return deal.stage.pipeline.stages.get(key=key)


def asks(stage: Stage, kind: str, *, moment: str = CriterionMoment.EXIT, **fields: Any) -> None:
    add_criterion(stage, actor=SYSTEM, kind=kind, moment=moment, **fields)


def missing_of(deal: Deal, to: str) -> list[tuple[str, str, str]]:
    with pytest.raises(StageCriteriaError) as refusal:
        update_deal(deal, changes={"stage": to}, actor=SYSTEM)
    return [(each["stage"], each["kind"], each["name"]) for each in refusal.value.missing]


def edges_of(deal: Deal) -> list[tuple[str, str]]:
    changes = Change.objects.filter(subject_id=deal.pk, changed_fields__contains=["deal_state"]).order_by(
        "id"
    )
    return [(each.previous_values["deal_state"], each.new_values["deal_state"]) for each in changes]


# What a stage asks for


def test_a_refused_move_names_everything_that_is_missing_and_changes_nothing() -> None:
    deal = a_deal()
    asks(stage_of(deal, "lead"), CriterionKind.ACTIVITY, activity_type="meeting")
    asks(stage_of(deal, "discovery"), CriterionKind.ROLE, role=InfluenceRole.DECISION_MAKER)
    asks(stage_of(deal, "proposal"), CriterionKind.AMOUNT, moment=CriterionMoment.ENTRY, least=5000)
    asks(stage_of(deal, "proposal"), CriterionKind.FIELD, moment=CriterionMoment.ENTRY, field="contact")

    with pytest.raises(StageCriteriaError) as refusal:
        update_deal(deal, changes={"stage": "proposal", "next_step": "Send it"}, actor=SYSTEM)

    deal.refresh_from_db()
    assert refusal.value.message == (
        f"{deal} cannot enter Proposal: a meeting (to leave Lead), a decision maker among the people "
        "(to leave Discovery), an amount of at least 5000 and contact are missing."
    )
    assert (deal.stage.key, deal.next_step, deal.version) == ("lead", "", 1)


def test_a_stage_that_is_jumped_over_is_asked_too_and_one_behind_is_not() -> None:
    deal = a_deal(stage="qualification")
    asks(stage_of(deal, "lead"), CriterionKind.FIELD, field="contact")
    asks(stage_of(deal, "discovery"), CriterionKind.FIELD, field="product")

    assert missing_of(deal, "negotiation") == [("discovery", "field", "product")]
    assert update_deal(deal, changes={"stage": "lead"}, actor=SYSTEM).stage.key == "lead"


@pytest.mark.parametrize(
    ("hours", "outcome", "counts"), [(-1, "connected", True), (48, "", False), (-1, "no_answer", False)]
)
def test_a_meeting_counts_once_it_was_held(hours: int, outcome: str, counts: bool) -> None:
    deal = a_deal()
    asks(deal.stage, CriterionKind.ACTIVITY, activity_type="meeting")
    when = clock.now() + timedelta(hours=hours)
    log_activity(type="meeting", subject="Demo", deal=deal, happened_at=when, outcome=outcome, actor=SYSTEM)

    if counts:
        assert update_deal(deal, changes={"stage": "discovery"}, actor=SYSTEM).stage.key == "discovery"
    else:
        assert missing_of(deal, "discovery") == [("lead", "activity", "meeting")]


def test_a_decision_maker_at_the_company_meets_the_criterion() -> None:
    company = a_company()
    deal = a_deal(company=company)
    asks(deal.stage, CriterionKind.ROLE, role="decision_maker")
    create_contact(name="Ada", company=company, influence_role="decision_maker", actor=SYSTEM)

    assert update_deal(deal, changes={"stage": "discovery"}, actor=SYSTEM).stage.key == "discovery"


def test_losing_asks_for_no_way_out() -> None:
    deal = a_deal()
    asks(deal.stage, CriterionKind.FIELD, field="contact")

    assert lose_deal(deal, reason="price", actor=SYSTEM).deal_state == "lost"


def test_a_deal_made_in_a_later_stage_needs_what_that_stage_asks() -> None:
    deal = a_deal()
    asks(stage_of(deal, "proposal"), CriterionKind.FIELD, moment=CriterionMoment.ENTRY, field="deal_amount")

    with pytest.raises(StageCriteriaError):
        create_deal(name="Late", company=None, stage="proposal", actor=SYSTEM)

    assert (
        create_deal(name="Late", company=None, stage="proposal", amount=10, actor=SYSTEM).stage.key
        == "proposal"
    )


def test_what_revops_changes_holds_from_the_next_move_on() -> None:
    deal = a_deal()
    revops = an_actor(Role.REVOPS)
    criterion = add_criterion(deal.stage, kind="field", field="contact", actor=revops)
    before = missing_of(deal, "discovery")

    update_criterion(criterion, changes={"field": "product"}, actor=revops)

    assert before == [("lead", "field", "contact")]
    assert missing_of(deal, "discovery") == [("lead", "field", "product")]


@pytest.mark.parametrize(
    "fields",
    [{"kind": "field", "field": "shoe_size"}, {"kind": "activity"}, {"kind": "role"}, {"kind": "wish"}],
)
def test_a_criterion_that_nobody_can_meet_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        add_criterion(a_deal().stage, actor=SYSTEM, **fields)


def test_only_revops_says_what_a_stage_asks_for() -> None:
    with pytest.raises(NotPermittedError):
        add_criterion(a_deal().stage, kind="field", field="contact", actor=an_actor(Role.AE))


# Several pipelines


def a_second_pipeline() -> Pipeline:
    pipeline = create_pipeline("Renewals", actor=SYSTEM)
    for position, (key, kind) in enumerate((("due", "open"), ("won", "won"), ("lost", "lost"))):
        create_stage(pipeline, name=key, key=key, kind=kind, position=position, actor=SYSTEM)
    return pipeline


def test_a_deal_begins_in_the_first_stage_of_its_pipeline_and_can_change_to_another() -> None:
    company = a_company()
    deal = a_deal(company=company)
    renewals = a_second_pipeline()

    made = create_deal(name="Renewal", company=company, pipeline="renewals", actor=SYSTEM)
    moved = update_deal(deal, changes={"pipeline": renewals}, actor=SYSTEM)

    assert (made.stage.key, moved.stage.key, moved.pipeline) == ("due", "due", renewals)


def test_a_change_of_pipeline_is_taken_back_into_the_right_one() -> None:
    deal = a_deal(stage="discovery")
    update_deal(deal, changes={"pipeline": a_second_pipeline()}, actor=SYSTEM)
    change = Change.objects.filter(subject_id=deal.pk, change_category="DEAL_STAGE").latest("id")

    restore_values(Deal.objects.get(pk=deal.pk), change, actor=SYSTEM)

    assert Deal.objects.get(pk=deal.pk).stage.key == "discovery"


def test_a_stage_of_another_pipeline_is_refused() -> None:
    deal = a_deal()
    renewals = a_second_pipeline()

    with pytest.raises(InvalidInputError):
        update_deal(deal, changes={"pipeline": renewals, "stage": stage_of(deal, "lead")}, actor=SYSTEM)


# States


def test_a_lost_deal_says_why_and_goes_back_to_where_it_stood() -> None:
    deal = a_deal(stage="negotiation")

    lost = lose_deal(deal, reason="competitor", note="Went with Initech", actor=SYSTEM)
    seen = (lost.deal_state, lost.stage.key, lost.lost_reason, lost.lost_note)
    again = reopen_deal(lost, actor=SYSTEM)

    assert seen == ("lost", "closed_lost", "competitor", "Went with Initech")
    assert (again.deal_state, again.stage.key, again.lost_reason) == ("open", "negotiation", "")


@pytest.mark.parametrize("reason", ["", "rain"])
def test_a_loss_without_a_known_reason_is_refused(reason: str) -> None:
    deal = a_deal()

    with pytest.raises(InvalidInputError):
        lose_deal(deal, reason=reason, actor=SYSTEM)

    assert Deal.objects.get().deal_state == "open"


def test_a_deal_on_hold_keeps_its_stage_and_goes_on_there() -> None:
    deal = a_deal(stage="proposal")

    held = hold_deal(deal, reason="Merger", actor=SYSTEM)
    seen = (held.deal_state, held.stage.key, held.on_hold_reason)
    again = resume_deal(held, actor=SYSTEM)

    assert seen == ("on_hold", "proposal", "Merger")
    assert (again.deal_state, again.stage.key, again.on_hold_reason) == ("open", "proposal", "")


def test_each_turn_is_an_event_and_a_row_of_history() -> None:
    deal = a_deal(stage="proposal")

    for turn in (
        lambda: hold_deal(deal, reason="Merger", actor=SYSTEM),
        lambda: resume_deal(deal, actor=SYSTEM),
        lambda: win_deal(deal, actor=SYSTEM),
        lambda: reopen_deal(deal, actor=SYSTEM),
        lambda: lose_deal(deal, reason="price", actor=SYSTEM),
    ):
        turn()

    names = (
        EventRecord.objects.filter(subject_id=deal.pk).order_by("happened_at").values_list("name", flat=True)
    )
    assert [name for name in names if "stage" not in name and "created" not in name] == [
        "crm.deal_held", "crm.deal_resumed", "crm.deal_won", "crm.deal_reopened", "crm.deal_lost",
    ]  # fmt: skip
    assert edges_of(deal) == [
        ("open", "on_hold"), ("on_hold", "open"), ("open", "won"), ("won", "open"), ("open", "lost"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "turn"),
    [
        ("won", lambda deal: win_deal(deal, actor=SYSTEM)),
        ("won", lambda deal: lose_deal(deal, reason="price", actor=SYSTEM)),
        ("won", lambda deal: hold_deal(deal, reason="x", actor=SYSTEM)),
        ("open", lambda deal: resume_deal(deal, actor=SYSTEM)),
        ("open", lambda deal: reopen_deal(deal, actor=SYSTEM)),
    ],
)
def test_a_turn_that_the_state_does_not_allow_is_refused(state: str, turn: Callable[[Deal], Deal]) -> None:
    deal = a_deal()
    if state == "won":
        win_deal(deal, actor=SYSTEM)

    with pytest.raises(DomainError) as refusal:
        turn(deal)

    assert (refusal.value.code, Deal.objects.get().deal_state) == ("wrong_state", state)


def test_a_won_deal_dropped_on_lost_is_opened_between() -> None:
    deal = a_deal(stage="proposal")
    win_deal(deal, actor=SYSTEM)

    update_deal(deal, changes={"stage": "closed_lost"}, actor=SYSTEM)

    assert edges_of(deal) == [("open", "won"), ("won", "open"), ("open", "lost")]


def test_a_loss_is_taken_back_by_its_row_of_history() -> None:
    deal = a_deal(stage="proposal")
    lose_deal(deal, reason="price", note="Too much", actor=SYSTEM)
    change = Change.objects.filter(subject_id=deal.pk, change_category="DEAL_STAGE").latest("id")

    restore_values(Deal.objects.get(pk=deal.pk), change, actor=SYSTEM)

    again = Deal.objects.get(pk=deal.pk)
    assert (again.deal_state, again.stage.key, again.lost_note) == ("open", "proposal", "")


def test_the_database_itself_refuses_a_step_that_is_none() -> None:
    deal = a_deal()
    win_deal(deal, actor=SYSTEM)

    with pytest.raises(IntegrityError), transaction.atomic():
        Deal.objects.filter(pk=deal.pk).update(deal_state="lost")


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_hold_one_deal_at_once_one_succeeds() -> None:
    """Fifty threads, some rounds there and back."""
    deal = a_deal()
    together = threading.Barrier(THREADS, timeout=60)

    def attempt(turn: Callable[[], object]) -> bool:
        together.wait()
        try:
            turn()
        except DomainError:
            return False
        return True

    def leave() -> None:
        connection.close()  # of the thread that asks

    with ThreadPoolExecutor(THREADS) as pool:
        wins = [
            sum(pool.map(attempt, [turn] * THREADS))
            for _ in range(ROUNDS)
            for turn in (
                lambda: hold_deal(deal, reason="Everybody at once", actor=SYSTEM),
                lambda: resume_deal(deal, actor=SYSTEM),
            )
        ]
        list(pool.map(attempt, [leave] * THREADS))

    assert wins == [1] * 2 * ROUNDS
    assert edges_of(deal) == [("open", "on_hold"), ("on_hold", "open")] * ROUNDS


# Next step


def test_a_step_that_is_named_belongs_to_the_owner_of_the_deal() -> None:
    actor = an_actor()
    deal = a_deal(actor=actor)

    update_deal(deal, changes={"next_step": "Send the contract"}, actor=actor)

    assert Deal.objects.get().next_step_owner == actor.user


def test_the_step_of_a_new_deal_belongs_to_its_owner(django_assert_max_num_queries: Any) -> None:
    actor: Actor = an_actor()

    deal = a_deal(actor=actor, next_step="Call")

    assert (deal.next_step_owner, Activity.objects.count()) == (actor.user, 0)
