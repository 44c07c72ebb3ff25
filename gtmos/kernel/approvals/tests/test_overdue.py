"""What time does: late steps go to somebody else and what nobody decides expires, each once; all-of steps and deputies."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Deal
from crm.tests.approval_builders import QUARTER, a_priced_deal, a_seller_and_a_manager, asked
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.approvals.models import Approval, ApprovalDecision, ApprovalPolicy, ApprovalStep
from gtmos.kernel.approvals.selectors import approvals_waiting
from gtmos.kernel.approvals.services import decide
from gtmos.kernel.approvals.services.delegations import delegate
from gtmos.kernel.approvals.services.due_times import ConfirmationNeededError
from gtmos.kernel.approvals.services.overdue import see_to_due
from gtmos.kernel.approvals.services.policies import update_policy
from gtmos.kernel.approvals.tests.builders import a_branch, a_policy, above
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.people.models import Role, Team
from gtmos.kernel.people.services import create_user, update_user
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db
HOURLY = {"hours": 2, "in_business_hours": False}


@pytest.fixture(autouse=True)
def _a_movable_clock(settings: Any) -> None:
    settings.SANDBOX = True


def later(**span: float) -> None:
    clock.advance(timedelta(**span), actor=SYSTEM)


def told(name: str) -> int:
    return EventRecord.objects.filter(name=f"kernel.approval_{name}").count()


def test_a_late_step_goes_to_somebody_else_once_and_both_may_decide() -> None:
    seller, manager = a_seller_and_a_manager()
    boss = Actor.of(a_user(role=Role.EXECUTIVE))
    a_policy(a_branch(above("0.2"), escalate_to="role:executive", **HOURLY))
    approval = asked(a_priced_deal(seller), seller)

    later(hours=1.9)
    early = see_to_due()
    later(hours=0.2)
    counts = [see_to_due(), see_to_due()]

    assert (early, counts, told("escalated")) == (0, [1, 0], 1)
    assert [approvals_waiting(actor=each).count() for each in (manager, boss)] == [1, 1]
    assert decide(approval, granted=True, actor=boss).state == "granted"
    assert Notification.objects.filter(kind="approval_requested").count() == 2


def test_a_late_request_that_nobody_else_can_be_asked_about_holds_up_no_other() -> None:
    kim, manager = a_seller_and_a_manager()
    seller = Actor.of(a_user(team=Team.objects.get()))
    a_policy(a_branch(above("0.2"), escalate_to=f"person:{kim.user.pk}", **HOURLY))
    own, other = (asked(a_priced_deal(each), each) for each in (kim, seller))
    later(hours=3)

    counts = [see_to_due(), see_to_due()]

    assert (counts, told("escalated")) == ([2, 0], 2)
    assert list(approvals_waiting(actor=kim)) == [other]
    assert decide(own, granted=True, actor=manager).state == "granted"


def test_what_nobody_decides_expires_once_and_the_price_stays() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy(a_branch(above("0.2")), expires_hours=24)
    approval = asked(a_priced_deal(seller), seller)
    later(hours=25)

    counts = [see_to_due(), see_to_due()]

    approval.refresh_from_db()
    assert (counts, approval.state, told("expired")) == ([1, 0], "expired", 1)
    assert Deal.objects.get().deal_policy_state == "ok"
    with pytest.raises(DomainError, match="expired already"):
        decide(approval, granted=True, actor=manager)


def test_all_of_a_step_have_to_agree_and_one_no_is_enough() -> None:
    seller, _ = a_seller_and_a_manager()
    both = [Actor.of(a_user(role=Role.EXECUTIVE)) for _ in range(2)]
    a_policy(a_branch(above("0.2"), approvers=["role:executive"], needs="all"))
    first, second = (asked(a_priced_deal(seller), seller) for _ in range(2))

    decide(first, granted=True, actor=both[0])
    half = Approval.objects.get(pk=first.pk).state
    with pytest.raises(DomainError, match="said your word"):
        decide(first, granted=True, actor=both[0])
    decide(first, granted=True, actor=both[1])
    decide(second, granted=False, reason="No", actor=both[0])

    states = [Approval.objects.get(pk=each.pk).state for each in (first, second)]
    assert (half, states) == ("requested", ["granted", "rejected"])


def leave(*people: Actor) -> None:
    for each in people:
        assert each.user is not None
        update_user(each.user, changes={"is_active": False}, actor=SYSTEM)


def two_who_have_to_agree() -> tuple[Actor, Actor, Actor]:
    seller, _ = a_seller_and_a_manager()
    a_policy(a_branch(above("0.2"), approvers=["role:executive"], needs="all"))
    first, second = (Actor.of(a_user(role=Role.EXECUTIVE)) for _ in range(2))
    return seller, first, second


def test_whoever_has_left_need_not_agree_any_more() -> None:
    seller, stays, leaves = two_who_have_to_agree()
    approval = asked(a_priced_deal(seller), seller)

    leave(leaves)

    assert decide(approval, granted=True, actor=stays).state == "granted"


def test_when_the_last_who_is_silent_leaves_what_the_others_said_stands() -> None:
    seller, stays, leaves = two_who_have_to_agree()
    approval = asked(a_priced_deal(seller), seller)
    decide(approval, granted=True, actor=stays)

    leave(leaves)
    counts = [see_to_due(), see_to_due()]

    approval.refresh_from_db()
    assert (counts, approval.state, told("granted")) == ([1, 0], "granted", 1)
    assert [each.closes_step for each in ApprovalDecision.objects.all()] == [True]
    assert Deal.objects.get().discount == QUARTER


def test_when_all_who_were_asked_have_left_those_who_configure_are_asked_once() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    approval = asked(a_priced_deal(seller), seller)
    revops = create_user("r@gtmos.example", name="Rea", role=Role.REVOPS, password=None, actor=SYSTEM)

    leave(manager)
    counts = [see_to_due(), see_to_due()]

    assert (counts, list(approvals_waiting(actor=Actor.of(revops)))) == ([1, 0], [approval])
    assert list(Notification.objects.filter(person=revops).values_list("kind", flat=True)) == [
        "approval_requested"
    ]
    assert decide(approval, granted=True, actor=Actor.of(revops)).state == "granted"


def test_when_nobody_is_left_to_ask_it_waits_and_holds_up_no_other() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy(expires_hours=24)
    old = asked(a_priced_deal(seller), seller)
    later(hours=23)
    new = asked(a_priced_deal(seller), seller)
    leave(manager)
    later(hours=2)

    counts = [see_to_due(), see_to_due()]

    assert counts == [1, 0]
    states = [Approval.objects.get(pk=each.pk).state for each in (old, new)]
    assert states == ["expired", "requested"]


def test_a_chain_whose_next_step_has_nobody_stays_and_the_others_go_on() -> None:
    seller, stays, leaves = two_who_have_to_agree()
    branch = a_branch(above("0.2"), approvers=["role:executive"], needs="all")
    next_one = a_user()
    branch["steps"].append({"approvers": [f"person:{next_one.pk}"]})
    update_policy(
        ApprovalPolicy.objects.get(),
        changes={"definition": {"branches": [branch], "expires_hours": 24}},
        actor=SYSTEM,
    )
    stuck, late = (asked(a_priced_deal(seller), seller) for _ in range(2))
    Approval.objects.filter(pk=stuck.pk).update(expires_at=None)
    decide(stuck, granted=True, actor=stays)
    leave(leaves, Actor.of(next_one))
    later(hours=25)

    counts = [see_to_due(), see_to_due()]

    assert counts == [1, 0]
    states = [Approval.objects.get(pk=each.pk).state for each in (stuck, late)]
    assert (states, ApprovalDecision.objects.get().closes_step) == (["requested", "expired"], False)


def test_a_chain_goes_on_step_by_step() -> None:
    seller, manager = a_seller_and_a_manager()
    boss = Actor.of(a_user(role=Role.EXECUTIVE))
    branch = a_branch(above("0.2"))
    branch["steps"].append({"approvers": ["role:executive"]})
    a_policy(branch)
    approval = asked(a_priced_deal(seller), seller)

    with pytest.raises(NotPermittedError):
        decide(approval, granted=True, actor=boss)
    decide(approval, granted=True, actor=manager)

    assert [approvals_waiting(actor=each).count() for each in (manager, boss)] == [0, 1]
    assert decide(approval, granted=True, actor=boss).state == "granted"


def test_a_deputy_never_decides_for_their_own_request() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    approval = asked(a_priced_deal(seller), seller)
    away = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(days=1)}
    delegate(manager.user, deputy=seller.user, actor=manager, **away)

    assert approvals_waiting(actor=seller).count() == 0
    with pytest.raises(NotPermittedError, match="asked for themselves"):
        decide(approval, granted=True, actor=seller)


def test_a_policy_that_says_so_lets_people_decide_on_their_own() -> None:
    seller, _ = a_seller_and_a_manager()
    a_policy(a_branch(above("0.2"), approvers=["role:ae"]), own_allowed=True)
    approval = asked(a_priced_deal(seller), seller)

    assert approvals_waiting(actor=seller).count() == 1
    assert decide(approval, granted=True, actor=seller).state == "granted"


def test_whoever_has_no_manager_asks_those_who_configure_and_nobody_left_is_said() -> None:
    alone = Actor.of(a_user())
    a_policy()
    with pytest.raises(DomainError, match="nobody who could decide"):
        asked(a_priced_deal(alone), alone)
    revops = a_user(role=Role.REVOPS)
    type(revops).objects.filter(pk=revops.pk).update(is_staff=True)

    approval = asked(a_priced_deal(alone), alone)

    assert [each.person for each in approval.steps.get().asked.all()] == [revops]


def test_another_time_is_confirmed_first_moves_what_waits_and_says_how() -> None:
    seller, _ = a_seller_and_a_manager()
    branch = a_branch(above("0.2"), hours=4, in_business_hours=False)
    policy = a_policy(branch)
    approval = asked(a_priced_deal(seller, name="Orchard"), seller)
    changes = {"definition": {"branches": [{**branch, "steps": [{**branch["steps"][0], "hours": 2}]}]}}

    with pytest.raises(ConfirmationNeededError, match="1 open request gets another due time: Orchard from"):
        update_policy(policy, changes=changes, actor=SYSTEM)
    before = ApprovalStep.objects.get().due_at
    update_policy(policy, changes=changes, actor=SYSTEM, confirmed=True)

    assert before == approval.requested_at + timedelta(hours=4) or before - approval.requested_at < timedelta(
        hours=4.1
    )
    assert before - ApprovalStep.objects.get().due_at == timedelta(hours=2)


def test_what_is_decided_on_is_read_under_its_lock() -> None:
    """Whoever changes the deal meanwhile comes before the decision or after it."""
    seller, manager = a_seller_and_a_manager()
    a_policy()
    approval = asked(a_priced_deal(seller), seller)

    with CaptureQueriesContext(connection) as said:
        decide(approval, granted=True, actor=manager)

    reads = [each["sql"] for each in said if f'FROM "{Deal._meta.db_table}"' in each["sql"]]
    assert "FOR UPDATE" in reads[0]


@pytest.mark.django_db(transaction=True)
def test_decided_expired_and_withdrawn_at_once_it_ends_one_way() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy(a_branch(above("0.2"), escalate_to="role:ae", **HOURLY), expires_hours=3)
    approval = asked(a_priced_deal(seller), seller)
    later(hours=4)
    turns: list[Callable[[], Any]] = [
        see_to_due,
        lambda: decide(approval, granted=True, actor=manager),
        lambda: decide(approval, granted=False, reason="No", actor=manager),
    ] * 8
    together = threading.Barrier(len(turns), timeout=60)

    def attempt(turn: Callable[[], Any]) -> None:
        together.wait()
        try:
            turn()
        except DomainError:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(len(turns)) as pool:
        list(pool.map(attempt, turns))

    ends = sum(told(name) for name in ("granted", "rejected", "expired", "withdrawn"))
    approval.refresh_from_db()
    assert (ends, told(approval.state)) == (1, 1)
