"""A workflow tells the assistant what to do: once, with its owner's rights, and never by words from outside."""

from typing import Any

import pytest

from agents.models import Run, Thread
from crm.models import Task
from crm.services.tasks import create_task
from crm.tests.builders import a_deal
from crm.tests.test_subscribers_workflows import a_workflow, carried_out
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events import dispatch
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.workflows.models import WorkflowRun, WorkflowStepRun
from gtmos.kernel.workflows.running import run_due

pytestmark = pytest.mark.django_db
COMMAND = "move this deal to negotiation"


@pytest.fixture
def keeper() -> User:
    return a_user(name="Kim Keeper", role=Role.REVOPS)


def told(command: str = COMMAND) -> dict[str, Any]:
    return {"do": "run_agent", "with": {"command": command}}


def test_a_command_is_carried_out_once_for_the_record_in_a_thread_of_the_owner(keeper: User) -> None:
    a_workflow(keeper, told(), event_name="crm.deal_created")
    deal = a_deal(name="Alpine")
    carried_out()
    carried_out()

    deal.refresh_from_db()
    run = Run.objects.get()
    assert deal.stage.key == "negotiation"
    assert (run.owner, run.state, Thread.objects.get().title) == (keeper, "done", "Workflow Moved deals")
    assert WorkflowStepRun.objects.get().made_id == run.pk


def test_what_the_assistant_does_not_do_fails_with_its_answer_and_leaves_nothing(keeper: User) -> None:
    a_workflow(keeper, told("xyzzy plugh"), event_name="crm.deal_created")
    a_deal(name="Alpine")
    carried_out()

    failed = WorkflowRun.objects.get()
    assert (failed.state, failed.reason.startswith("The assistant could not do “xyzzy plugh”: ")) == (
        "failed",
        True,
    )
    assert (Task.objects.count(), Run.objects.count(), Thread.objects.count()) == (0, 0, 0)


def test_words_of_records_are_no_part_of_a_command(keeper: User) -> None:
    with pytest.raises(InvalidInputError, match="takes no values in braces"):
        a_workflow(keeper, told("remind me to call {record}"), event_name="crm.deal_created")


def test_an_assistant_that_starts_its_own_workflow_stops(keeper: User) -> None:
    a_workflow(keeper, told("remind me to call tomorrow"), event_name="crm.task_created")
    deal = a_deal(name="Alpine")
    create_task(title="By hand", deal=deal, actor=SYSTEM)

    for _ in range(12):
        dispatch.dispatch_pending()
        run_due(limit=1)

    states = list(WorkflowRun.objects.order_by("started_at").values_list("state", flat=True))
    assert states == ["done"] * 5 + ["stopped"]
    assert Task.objects.count() == 6
