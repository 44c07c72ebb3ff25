"""Other times and working hours of a policy: said first, of what waits and of what is to come, and then counted."""

from datetime import timedelta
from typing import Any

import pytest

from crm.tests.approval_builders import a_priced_deal, a_seller_and_a_manager, asked
from gtmos.kernel import clock, history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.approvals.models import Approval, ApprovalPolicy, ApprovalStep
from gtmos.kernel.approvals.services import decide, left_alone
from gtmos.kernel.approvals.services.due_times import ConfirmationNeededError
from gtmos.kernel.approvals.services.overdue import see_to_due
from gtmos.kernel.approvals.services.policies import update_policy
from gtmos.kernel.approvals.tests.builders import a_branch, a_policy, above
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import create_user, update_user
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db
FIRST = {"approvers": ["manager"]}
SECOND = {"approvers": ["role:executive"], "hours": 8, "in_business_hours": True}
OFFICE = {"time_zone": "UTC", "day_from": 9, "day_to": 17}
EIGHT = "8 working hours, 9 to 17 UTC"


@pytest.fixture(autouse=True)
def _a_movable_clock(settings: Any) -> None:
    settings.SANDBOX = True


def rules(first: dict[str, Any] = FIRST, second: dict[str, Any] = SECOND, **office: Any) -> dict[str, Any]:
    branch = {**a_branch(above("0.2"), name="Large"), "steps": [first, second]}
    return {"branches": [branch], **OFFICE, **office}


def a_chain() -> tuple[ApprovalPolicy, Approval, Actor]:
    """Two steps, of which the manager's waits."""
    seller, manager = a_seller_and_a_manager()
    a_user(role=Role.EXECUTIVE)
    policy = a_policy(*rules()["branches"], **OFFICE)
    return policy, asked(a_priced_deal(seller, name="Orchard"), seller), manager


def change(policy: ApprovalPolicy, definition: dict[str, Any], *, confirmed: bool = False) -> None:
    update_policy(policy, changes={"definition": definition}, actor=SYSTEM, confirmed=confirmed)


@pytest.mark.parametrize(
    ("changed", "becomes"),
    [
        (rules(second={**SECOND, "in_business_hours": False}), "8 hours"),
        (rules(second={**SECOND, "hours": 2}), "2 working hours, 9 to 17 UTC"),
        (rules(second={**SECOND, "hours": None}), "no due time"),
        (rules(day_to=20), "8 working hours, 9 to 20 UTC"),
        (rules(time_zone="Europe/Berlin"), "8 working hours, 9 to 17 Europe/Berlin"),
    ],
)
def test_another_time_of_a_step_to_come_is_said_confirmed_and_kept(
    changed: dict[str, Any], becomes: str
) -> None:
    policy, approval, _ = a_chain()
    before = list(ApprovalStep.objects.values()), ApprovalPolicy.objects.get().definition

    with pytest.raises(ConfirmationNeededError) as refused:
        change(policy, changed)
    unchanged = list(ApprovalStep.objects.values()), ApprovalPolicy.objects.get().definition
    change(policy, changed, confirmed=True)

    words = f"1 step that is to come gets another time: Orchard, step 2 from {EIGHT} to {becomes}."
    assert (str(refused.value), unchanged) == (words, before)
    noted = history.of_record(approval).get(change_category="APPROVAL")
    assert (noted.previous_values, noted.new_values) == (
        {"time_of_step_2": EIGHT},
        {"time_of_step_2": becomes},
    )


@pytest.mark.parametrize(
    ("changed", "hours"),
    [
        (rules(second={**SECOND, "in_business_hours": False}), 8),
        (rules(day_from=0, day_to=24), 8),
        (rules(day_from=12, day_to=16), 24 + 16 - 10),
    ],
)
def test_a_step_that_begins_later_counts_the_working_hours_that_were_confirmed(
    changed: dict[str, Any], hours: int
) -> None:
    policy, approval, manager = a_chain()
    change(policy, changed, confirmed=True)
    clock.advance(_until_tuesday_at_ten() - clock.now(), actor=SYSTEM)

    decide(approval, granted=True, actor=manager)

    step = ApprovalStep.objects.get(position=1)
    assert step.opened_at is not None
    assert step.due_at is not None
    assert round((step.due_at - step.opened_at) / timedelta(hours=1)) == hours


def _until_tuesday_at_ten() -> Any:
    day = clock.now() + timedelta(days=7)
    tuesday = day - timedelta(days=day.weekday() - 1)
    return tuesday.replace(hour=10, minute=0, second=0, microsecond=0)


def test_what_waits_and_what_is_to_come_are_said_together() -> None:
    policy, _, _ = a_chain()
    first = {**FIRST, "hours": 4, "in_business_hours": False}

    with pytest.raises(ConfirmationNeededError) as refused:
        change(policy, rules(first, {**SECOND, "hours": 6}))

    said = str(refused.value)
    assert said.startswith("1 open request gets another due time: Orchard from no due time to ")
    assert said.endswith(
        f". 1 step that is to come gets another time: Orchard, step 2 from {EIGHT} to 6 working hours, 9 to 17 UTC."
    )


def test_rules_that_leave_the_times_as_they_are_need_no_confirmation() -> None:
    policy, approval, _ = a_chain()
    without = rules(second={**SECOND, "approvers": ["manager"]})

    change(policy, without)

    assert ApprovalPolicy.objects.get().number == 2
    assert history.of_record(approval).filter(change_category="APPROVAL").count() == 0


def test_requests_that_nothing_can_be_done_about_do_not_stand_before_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(left_alone, "AT_ONCE", 1)
    seller, manager = a_seller_and_a_manager()
    a_policy()
    approvals = [asked(a_priced_deal(seller), seller) for _ in range(3)]
    update_user(manager.user, changes={"is_active": False}, actor=SYSTEM)
    nothing = see_to_due()
    create_user("r@gtmos.example", name="Rea", role=Role.REVOPS, password=None, actor=SYSTEM)

    turns = 0
    while len(left_alone.left_alone()) and turns < 100:
        turns += see_to_due()

    assert (nothing, turns) == (0, len(approvals))
