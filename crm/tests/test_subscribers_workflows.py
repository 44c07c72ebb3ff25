"""Workflows on the customer record: once for each event, whatever is killed, repeated or played again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Deal, Stage, Task
from crm.services.deals import update_deal
from crm.services.tasks import create_task
from crm.tests.builders import a_company, a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events import dispatch
from gtmos.kernel.events.models import Delivery, EventRecord
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_user, an_actor
from gtmos.kernel.workflows.models import Workflow, WorkflowRun, WorkflowStepRun
from gtmos.kernel.workflows.running import run_due
from gtmos.kernel.workflows.selectors import tried
from gtmos.kernel.workflows.services.runs import retry_run
from gtmos.kernel.workflows.services.workflows import (
    activate_version,
    create_workflow,
    roll_back,
    save_version,
    switch_off,
    switch_on,
    update_workflow,
)

pytestmark = pytest.mark.django_db
MOVED = "crm.deal_stage_changed"


@pytest.fixture
def keeper() -> User:
    return a_user(name="Kim Keeper", role=Role.REVOPS)


def a_task_step(title: str = "Look at {record}: {before} to {after}", **values: Any) -> dict[str, Any]:
    return {"do": "create_task", "with": {"title": title, "due_days": 1, **values}}


def a_workflow(
    keeper: User,
    *steps: dict[str, Any],
    on: bool = True,
    name: str = "Moved deals",
    event_name: str = MOVED,
    conditions: dict[str, Any] | None = None,
) -> Workflow:
    actor = Actor.of(keeper)
    workflow = create_workflow(
        name, event_name=event_name, steps=list(steps) or [a_task_step()], conditions=conditions, actor=actor
    )
    return switch_on(workflow, actor=actor) if on else workflow


def where(field: str, operator: str, value: str = "") -> dict[str, Any]:
    return {"all": [{"field": field, "operator": operator, "value": value}]}


def a_moved_deal(**fields: Any) -> Deal:
    deal = a_deal(**fields)
    stage = deal.pipeline.stages.exclude(pk=deal.stage_id).order_by("position")[0]
    return update_deal(deal, changes={"stage": stage}, actor=SYSTEM)


def carried_out() -> None:
    """Deliver and run until nothing is due."""
    while dispatch.dispatch_pending() + run_due():
        pass


def made() -> list[str]:
    tasks = Task.objects.filter(source_type="kernel.workflow").order_by("created_at")
    return list(tasks.values_list("title", flat=True))


def logged() -> list[tuple[str, str, str]]:
    return list(WorkflowStepRun.objects.values_list("path", "action", "state"))


def test_a_stage_change_makes_its_task_once_however_often_it_is_delivered(keeper: User) -> None:
    a_workflow(keeper)
    deal = a_moved_deal()

    carried_out()
    delivery = Delivery.objects.get(subscriber__startswith="workflow:")
    for _ in range(2):
        dispatch.replay(delivery, actor=Actor.of(keeper))
        carried_out()

    task = Task.objects.get(source_type="kernel.workflow")
    assert task.title.startswith(f"Look at {deal.name}: ")
    assert (task.deal, task.company) == (deal, deal.company)
    assert (WorkflowRun.objects.get().state, logged()) == ("done", [("0", "create_task", "done")])
    assert Change.objects.filter(change_category="DELIVERY").count() == 2


def test_a_worker_that_dies_before_its_commit_makes_nothing_and_the_next_makes_one(
    keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_workflow(keeper)
    a_moved_deal()
    dispatch.dispatch_pending()

    def dies(*args: object, **kwargs: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(WorkflowStepRun, "save", dies)
        with pytest.raises(SystemExit):
            run_due()
    after_the_kill = len(made())
    carried_out()

    assert (after_the_kill, len(made())) == (0, 1)


def test_nothing_starts_while_it_is_off_and_nothing_where_a_condition_does_not_hold(keeper: User) -> None:
    workflow = a_workflow(keeper, on=False)
    a_moved_deal()
    switch_on(workflow, actor=Actor.of(keeper))
    version = save_version(
        workflow,
        event_name=MOVED,
        steps=[a_task_step()],
        conditions=where("after", "is", "negotiation"),
        actor=Actor.of(keeper),
    )
    activate_version(version, actor=Actor.of(keeper))
    a_moved_deal()
    carried_out()
    switch_off(workflow, actor=Actor.of(keeper))

    assert (made(), WorkflowRun.objects.count()) == ([], 0)


def test_the_owner_of_the_record_gets_the_task_and_without_one_who_was_named(keeper: User) -> None:
    owner, other = a_user(name="Olga Owner", role=Role.AE), a_user(name="Nat Named", role=Role.AE)
    step = a_task_step("Welcome {record}", assignee=str(other.pk))
    a_workflow(keeper, step, event_name="crm.deal_created")
    a_deal(owner=owner)
    a_deal(owner=None)

    carried_out()

    assert sorted(str(task.owner) for task in Task.objects.all()) == sorted([str(owner), str(other)])


def test_the_task_of_a_record_whose_owner_has_left_goes_to_the_owner_of_the_workflow(keeper: User) -> None:
    a_workflow(keeper)
    gone = a_user(name="Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    deal = a_deal()
    Deal.objects.filter(pk=deal.pk).update(owner=gone)
    update_deal(deal, changes={"stage": deal.pipeline.stages.exclude(pk=deal.stage_id)[0]}, actor=SYSTEM)

    carried_out()

    assert Task.objects.get(source_type="kernel.workflow").owner == keeper


def test_a_workflow_that_starts_itself_stops_with_a_sentence(keeper: User) -> None:
    a_workflow(keeper, a_task_step("Again"), event_name="crm.task_created", name="Echo")
    create_task(title="By hand", actor=SYSTEM)

    carried_out()

    runs = WorkflowRun.objects.order_by("started_at")
    assert [run.state for run in runs] == ["done"] * 5 + ["stopped"]
    assert made() == ["Again"] * 5
    assert runs.last().reason == "5 workflows had started each other in a row. This one did not run."


def test_one_that_changes_the_record_it_listens_to_is_not_started_by_its_own_change(keeper: User) -> None:
    step = {"do": "set_field", "with": {"field": "deal.next_step", "value": "Call {record}"}}
    a_workflow(keeper, step, event_name="crm.deal_changed", name="Next step")
    deal = a_deal()
    update_deal(deal, changes={"name": "Alpine"}, actor=SYSTEM)

    carried_out()

    deal.refresh_from_db()
    first, second = WorkflowRun.objects.order_by("started_at")
    assert (deal.next_step, first.state, second.state) == ("Call Alpine", "done", "stopped")
    assert second.reason == (
        "Next step was started by what it did itself to the same record. It did not run again."
    )


def test_trying_on_the_last_twenty_events_writes_nothing(keeper: User) -> None:
    step = a_task_step("New: {record}")
    workflow = a_workflow(keeper, step, on=False, event_name="crm.deal_created")
    deals = [a_deal() for _ in range(22)]
    before = (Task.objects.count(), EventRecord.objects.count(), WorkflowRun.objects.count())

    rows = tried(workflow.newest, actor=Actor.of(keeper))

    assert len(rows) == 20
    due = clock.now() + timedelta(days=1)
    assert {line for each in rows for line in each.lines} == {
        f"Task “New: {deal.name}” for {keeper}, due {due:%d %b %Y}." for deal in deals[2:]
    }
    assert (Task.objects.count(), EventRecord.objects.count(), WorkflowRun.objects.count()) == before


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"event_name": "crm.nothing"}, "There is no event crm.nothing"),
        ({"step": a_task_step("See {amount}")}, "The event has no value amount"),
        ({"step": a_task_step("{record.owner.password}")}, "no value record.owner.password"),
        ({"step": a_task_step("")}, "Title of the task is missing"),
        ({"step": a_task_step(colour="red")}, "“Create a task” has no colour"),
        ({"step": a_task_step(assignee="nobody")}, "For: choose one of the list"),
        ({"step": a_task_step(due_days=400)}, "due within 365 days"),
        ({"step": {"do": "fly", "with": {}}}, "There is no action fly"),
        ({"step": {"do": "wait", "with": {}}}, "how many days or hours"),
        ({"step": {"do": "branch", "with": {}}}, "“If” needs conditions"),
        ({"conditions": where("amount", "is", "1")}, "no value amount"),
        ({"conditions": where("after", "like", "1")}, "how the value is compared"),
        ({"conditions": where("deal.deal_amount", "at_least", "much")}, "is a number; 'much' is none"),
        ({"conditions": where("deal.deal_expected_signing_date", "at_least", "soon")}, "is a date"),
        ({"conditions": where("deal.deal_state", "is", "flying")}, "is one of"),
        ({"conditions": {"none": []}}, "Conditions are one group"),
    ],
)
def test_what_could_never_work_is_refused_when_it_is_written(
    values: dict[str, Any], words: str, keeper: User
) -> None:
    step = values.pop("step", a_task_step())

    with pytest.raises(InvalidInputError, match=words):
        a_workflow(keeper, step, **values)

    assert Workflow.objects.count() == 0


def test_only_those_who_configure_write_workflows(keeper: User) -> None:
    with pytest.raises(NotPermittedError):
        create_workflow(
            "X", event_name="crm.deal_won", steps=[a_task_step("Y")], actor=an_actor(role=Role.AE)
        )


def test_a_branch_looks_at_the_record_as_it_is_now(keeper: User) -> None:
    step = {
        "do": "branch",
        "with": {"conditions": where("deal.deal_amount", "at_least", "50000")},
        "then": [a_task_step("Large {record}")],
        "else": [a_task_step("Small {record}")],
    }
    a_workflow(keeper, step, a_task_step("Both {record}"), event_name="crm.deal_created")
    a_deal(name="Whale", amount=80_000)
    a_deal(name="Minnow", amount=100)

    carried_out()

    assert sorted(made()) == ["Both Minnow", "Both Whale", "Large Whale", "Small Minnow"]
    assert set(WorkflowRun.objects.values_list("state", flat=True)) == {"done"}


def test_conditions_in_groups_look_at_the_event_the_deal_and_its_company(keeper: User) -> None:
    conditions = {
        "any": [
            {
                "all": [
                    *where("company.country_hq", "is", "CH")["all"],
                    *where("deal.deal_amount", "filled")["all"],
                ]
            },
            {"field": "deal.name", "operator": "contains", "value": "vip"},
        ]
    }
    a_workflow(keeper, a_task_step("{record}"), event_name="crm.deal_created", conditions=conditions)
    swiss = a_company(country_hq="CH")
    a_deal(name="Both hold", company=swiss, amount=1)
    a_deal(name="No amount", company=swiss)
    a_deal(name="The VIP")

    carried_out()

    assert sorted(made()) == ["Both hold", "The VIP"]


def test_a_wait_is_over_when_the_clock_says_so_and_not_before(
    keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_workflow(
        keeper, {"do": "wait", "with": {"days": 3}}, a_task_step("Later"), event_name="crm.deal_created"
    )
    a_deal()
    carried_out()
    waits = (made(), logged())
    now = timezone.now()

    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2, hours=23))
    carried_out()
    almost = made()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=3, minutes=1))
    carried_out()

    assert (waits, almost, made()) == (([], [("0", "wait", "waiting")]), [], ["Later"])


def test_a_run_finishes_on_the_version_it_began_with(keeper: User, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = Actor.of(keeper)
    wait = {"do": "wait", "with": {"days": 1}}
    workflow = a_workflow(keeper, wait, a_task_step("Old"), event_name="crm.deal_created")
    a_deal()
    carried_out()
    version = save_version(
        workflow, event_name="crm.deal_created", steps=[wait, a_task_step("New")], actor=actor
    )
    activate_version(version, actor=actor)
    a_deal()
    carried_out()
    now = timezone.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2))

    carried_out()

    assert sorted(made()) == ["New", "Old"]


def test_an_earlier_version_comes_back_and_is_in_force_at_once(keeper: User) -> None:
    actor = Actor.of(keeper)
    workflow = a_workflow(keeper, a_task_step("First"), event_name="crm.deal_created")
    second = save_version(workflow, event_name="crm.deal_created", steps=[a_task_step("Second")], actor=actor)
    activate_version(second, actor=actor)

    again = roll_back(workflow.versions.get(number=1), actor=actor)
    a_deal()
    carried_out()

    workflow.refresh_from_db()
    assert (made(), again.number, workflow.active) == (["First"], 3, again)


def test_a_failed_step_says_why_and_goes_on_when_it_is_tried_again(keeper: User) -> None:
    workflow = a_workflow(keeper, a_task_step("One"), a_task_step("Two"), event_name="crm.deal_created")
    User.objects.filter(pk=keeper.pk).update(role=Role.VIEWER)
    a_deal()
    carried_out()
    failed = WorkflowRun.objects.get()
    after_the_failure = (failed.state, failed.reason, made())
    successor = a_user(role=Role.REVOPS)
    update_workflow(workflow, changes={"owner": successor}, actor=Actor.of(successor))

    retry_run(failed, actor=Actor.of(successor))
    carried_out()

    failed.refresh_from_db()
    assert after_the_failure == (
        "failed",
        "Workflow Moved deals may not create task: the role viewer has no right to it here.",
        [],
    )
    assert (failed.state, failed.reason, made()) == ("done", "", ["One", "Two"])


def test_a_workflow_whose_owner_has_left_does_nothing_and_says_so(keeper: User) -> None:
    a_workflow(keeper, a_task_step("X"), event_name="crm.deal_created", name="Orphan")
    User.objects.filter(pk=keeper.pk).update(is_active=False)
    a_deal()

    carried_out()

    assert (made(), WorkflowRun.objects.get().reason) == (
        [],
        "Orphan has no owner who is active, so it has no rights. Give it an owner.",
    )


def test_the_stages_of_a_deal_are_compared_in_their_order(keeper: User) -> None:
    deal = a_deal(name="Far")
    stages = list(Stage.objects.filter(pipeline=deal.pipeline).order_by("position"))
    a_workflow(keeper, a_task_step("{record}"), conditions=where("deal.stage", "from", stages[2].key))

    update_deal(deal, changes={"stage": stages[1]}, actor=SYSTEM)
    carried_out()
    before = made()
    update_deal(deal, changes={"stage": stages[2]}, actor=SYSTEM)
    carried_out()

    assert (before, made()) == ([], ["Far"])
