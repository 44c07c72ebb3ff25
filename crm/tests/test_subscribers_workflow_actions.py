"""What steps of a workflow do: ask people, open deals, note what happened; and who hears that a run failed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Activity, Deal
from crm.services.deals import update_deal
from crm.services.pipelines import ensure_default_pipeline
from crm.tests.builders import a_company, a_contact, a_deal
from crm.tests.test_subscribers_workflows import a_task_step, a_workflow, carried_out, made
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.approvals.models import Approval, ApprovalPolicy
from gtmos.kernel.approvals.selectors import approvals_waiting
from gtmos.kernel.approvals.services import decide, withdraw_approval
from gtmos.kernel.approvals.services.overdue import see_to_due
from gtmos.kernel.approvals.services.policies import create_policy
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.workflows.models import WorkflowRun, WorkflowStepRun
from gtmos.kernel.workflows.running import run_due
from gtmos.kernel.workflows.selectors import tried
from gtmos.kernel.workflows.services.runs import retry_run
from gtmos.kernel.workflows.services.workflows import delete_workflow, update_workflow
from gtmos.kernel.workflows.words import lines_of

pytestmark = pytest.mark.django_db
CREATED = "crm.deal_created"


@pytest.fixture
def keeper() -> User:
    return a_user(name="Kim Keeper", role=Role.REVOPS)


@pytest.fixture
def boss() -> User:
    return a_user(name="Berta Boss", role=Role.EXECUTIVE)


def a_question(boss: User, *, then: list[Any], otherwise: list[Any] = (), **values: Any) -> dict[str, Any]:
    asked = {"question": "Take on {record}?", "to": f"person:{boss.pk}", **values}
    return {"do": "ask_approval", "with": asked, "then": then, "else": list(otherwise)}


def a_workflow_that_asks(keeper: User, boss: User, **values: Any) -> None:
    step = a_question(
        boss, then=[a_task_step("Go {record}")], otherwise=[a_task_step("Stop {record}")], **values
    )
    a_workflow(keeper, step, a_task_step("After {record}"), event_name=CREATED)


def test_a_run_waits_for_a_decision_and_goes_on_the_side_of_its_answer(keeper: User, boss: User) -> None:
    a_workflow_that_asks(keeper, boss, text="It is far away.")
    a_deal(name="Alpine")
    a_deal(name="Baltic")
    carried_out()
    waits = (made(), set(WorkflowStepRun.objects.values_list("path", "state")))
    asked = {each.subject_name: each for each in approvals_waiting(actor=Actor.of(boss))}
    said = Notification.objects.filter(person=boss, kind="approval_requested").order_by("title")

    decide(asked["Alpine"], granted=True, actor=Actor.of(boss))
    decide(asked["Baltic"], granted=False, reason="Too small", actor=Actor.of(boss))
    carried_out()

    assert waits == ([], {("0", "asked")})
    assert [each.title for each in said] == ["Take on Alpine?", "Take on Baltic?"]
    assert sorted(made()) == ["After Alpine", "After Baltic", "Go Alpine", "Stop Baltic"]
    logged = WorkflowStepRun.objects.filter(path="0").values_list("state", "outcome", "run__state")
    assert sorted(logged) == [("done", "Granted.", "done"), ("done", "Rejected: Too small", "done")]


def test_a_question_is_asked_once_and_decided_once_however_often_the_engine_turns(
    keeper: User, boss: User
) -> None:
    a_workflow_that_asks(keeper, boss)
    a_deal(name="Alpine")
    for _ in range(3):
        carried_out()
    decide(Approval.objects.get(), granted=True, actor=Actor.of(boss))
    for _ in range(3):
        carried_out()

    assert (made(), Approval.objects.count()) == (["Go Alpine", "After Alpine"], 1)


def test_nobody_who_answers_in_time_counts_as_a_refusal(
    keeper: User, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_workflow_that_asks(keeper, boss, days=2)
    a_deal(name="Alpine")
    carried_out()
    now = timezone.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2, minutes=1))

    see_to_due()
    carried_out()

    assert (made(), Approval.objects.get().state) == (["Stop Alpine", "After Alpine"], "expired")


def test_the_owner_of_a_workflow_may_answer_it_and_take_the_question_back(keeper: User) -> None:
    a_workflow_that_asks(keeper, keeper)
    a_deal(name="Alpine")
    a_deal(name="Baltic")
    carried_out()
    asked = {each.subject_name: each for each in approvals_waiting(actor=Actor.of(keeper))}

    decide(asked["Alpine"], granted=True, actor=Actor.of(keeper))
    withdraw_approval(asked["Baltic"], actor=Actor.of(keeper))
    carried_out()

    assert sorted(made()) == ["After Alpine", "After Baltic", "Go Alpine", "Stop Baltic"]


def test_the_owner_of_the_record_is_asked_and_without_one_the_owner_of_the_workflow(keeper: User) -> None:
    seller = a_user(name="Olga Owner", role=Role.AE)
    a_workflow_that_asks(keeper, keeper, to="owner")
    a_deal(name="Alpine", owner=seller)
    a_deal(name="Baltic", owner=None)
    carried_out()

    assert [each.subject_name for each in approvals_waiting(actor=Actor.of(seller))] == ["Alpine"]
    assert [each.subject_name for each in approvals_waiting(actor=Actor.of(keeper))] == ["Baltic"]


def test_what_a_workflow_asked_is_taken_back_when_it_is_deleted(keeper: User, boss: User) -> None:
    step = a_question(boss, then=[a_task_step("Go")])
    workflow = a_workflow(keeper, step, event_name=CREATED)
    a_deal()
    carried_out()

    delete_workflow(workflow, actor=Actor.of(keeper))
    carried_out()

    assert (made(), Approval.objects.get().state) == ([], "withdrawn")


def test_a_policy_cannot_be_written_for_what_names_its_own_deciders(keeper: User) -> None:
    rules = {"branches": [{"name": "All", "steps": [{"approvers": ["manager"]}]}]}

    with pytest.raises(InvalidInputError, match="whoever asks names who is asked"):
        create_policy("X", action="kernel.workflow_step", definition=rules, actor=Actor.of(keeper))

    assert ApprovalPolicy.objects.count() == 0


def test_trying_says_who_would_be_asked_and_asks_nobody(keeper: User, boss: User) -> None:
    step = a_question(boss, then=[a_task_step("Go")])
    workflow = a_workflow(keeper, step, on=False, event_name=CREATED)
    a_deal(name="Alpine")

    lines = tried(workflow.newest, actor=Actor.of(keeper))[0].lines

    assert lines[0] == "Asks Berta Boss: “Take on Alpine?”. The run waits for the answer."
    assert (Approval.objects.count(), lines_of(workflow.newest)[1]) == (
        0,
        "Ask Berta Boss: “Take on {record}?”",
    )


def test_a_workflow_opens_a_deal_with_the_company_the_person_and_the_owner_of_the_record(
    keeper: User,
) -> None:
    owner = a_user(name="Olga Owner", role=Role.AE)
    company = a_company(name="Alpine")
    deal = a_deal(
        name="First", company=company, contact=a_contact(company=company), owner=owner, amount=Decimal(800)
    )
    step = {"do": "create_deal", "with": {"name": "Renewal of {record}", "amount": "{deal.deal_amount}"}}
    a_workflow(keeper, step, event_name="crm.deal_changed")

    update_deal(deal, changes={"next_step": "Renew"}, actor=SYSTEM)
    carried_out()

    opened = Deal.objects.get(name="Renewal of First")
    assert (opened.company, opened.contact, opened.owner, opened.deal_amount) == (
        company,
        deal.contact,
        owner,
        Decimal(800),
    )
    assert (opened.deal_state, WorkflowStepRun.objects.get().made_id) == ("open", opened.pk)


def test_an_amount_that_is_none_is_refused_when_it_is_written(keeper: User) -> None:
    step = {"do": "create_deal", "with": {"name": "X", "amount": "much"}}

    with pytest.raises(InvalidInputError, match="much is no amount"):
        a_workflow(keeper, step, event_name=CREATED)


def test_a_workflow_notes_what_happened_once(keeper: User) -> None:
    step = {
        "do": "log_activity",
        "with": {"type": "note", "subject": "{record} came in", "body": "By itself."},
    }
    a_workflow(keeper, step, event_name=CREATED)
    deal = a_deal(name="Alpine")
    carried_out()
    carried_out()

    noted = Activity.objects.get(source_type="kernel.workflow")
    assert (noted.subject, noted.type, noted.deal, noted.company) == (
        "Alpine came in",
        "note",
        deal,
        deal.company,
    )


def test_the_owner_hears_once_that_a_run_has_failed_and_again_when_it_fails_again(keeper: User) -> None:
    workflow = a_workflow(keeper, a_task_step("One"), event_name=CREATED, name="Welcome")
    User.objects.filter(pk=keeper.pk).update(role=Role.VIEWER)
    a_deal()
    carried_out()
    run_due()
    told = Notification.objects.filter(person=keeper, kind="workflow_failed")
    after_one = [(each.title, each.text) for each in told]
    successor = a_user(role=Role.REVOPS)
    retry_run(WorkflowRun.objects.get(), actor=Actor.of(successor))
    carried_out()
    told_twice = told.all().count()
    update_workflow(workflow, changes={"owner": successor}, actor=Actor.of(successor))
    retry_run(WorkflowRun.objects.get(), actor=Actor.of(successor))
    carried_out()

    assert after_one == [
        ("Welcome failed", "Workflow Welcome may not create task: the role viewer has no right to it here.")
    ]
    assert (told_twice, Notification.objects.filter(kind="workflow_failed").count(), made()) == (
        2,
        2,
        ["One"],
    )


def test_without_an_owner_those_who_configure_hear_of_it(keeper: User) -> None:
    desk = a_user(name="Dana Desk", role=Role.REVOPS)
    User.objects.filter(pk=desk.pk).update(is_staff=True)
    a_workflow(keeper, a_task_step("One"), event_name=CREATED)
    User.objects.filter(pk=keeper.pk).update(is_active=False)
    a_deal()
    carried_out()

    told = Notification.objects.filter(kind="workflow_failed").values_list("person__name", flat=True)
    assert list(told) == ["Dana Desk"]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (a_task_step("X"), "Create the task “X”, due in 1 day"),
        (a_task_step("X", due_days=3), "Create the task “X”, due in 3 days"),
        (a_task_step("X", due_days=0), "Create the task “X”, due on the same day"),
        ({"do": "wait", "with": {"days": 1, "hours": 2}}, "Wait 1 day 2 hours"),
        (
            {"do": "wait", "with": {"days": 7, "until": "deal.deal_expected_signing_date"}},
            "Wait until 7 days before Deal: expected signing date",
        ),
    ],
)
def test_a_step_is_said_in_good_words(keeper: User, step: dict[str, Any], words: str) -> None:
    workflow = a_workflow(keeper, step, on=False, event_name=CREATED)

    assert lines_of(workflow.newest) == ["When deal created", words]


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ("closed_lost", "closed_lost"),
        ("Closed lost", "closed_lost"),
        ("PROPOSAL", "proposal"),
        ("{deal.stage}", "lead"),
    ],
)
def test_a_stage_is_set_by_its_key_or_its_name_in_any_case(said: str, stage: str, keeper: User) -> None:
    ensure_default_pipeline(actor=SYSTEM)
    step = {"do": "set_field", "with": {"field": "deal.stage", "value": said}}
    a_workflow(keeper, step, event_name=CREATED)
    deal = a_deal()

    carried_out()

    deal.refresh_from_db()
    assert (deal.stage.key, WorkflowRun.objects.get().state) == (stage, "done")
