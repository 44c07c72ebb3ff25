"""Triggers of before become workflows under the same key, and what they had handled is not handled again."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.tests.releases import by_the_originals
from gtmos.kernel.workflows.models import Workflow, WorkflowRun

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = ("kernel", "0017_undo")


def test_a_trigger_becomes_a_workflow_with_its_task_and_keeps_what_it_has_done() -> None:
    keeper = a_user(name="Kim Keeper", role=Role.REVOPS)
    executor = by_the_originals()
    executor.migrate([BEFORE])
    old = executor.loader.project_state([BEFORE]).apps
    key: Any = uuid4()
    old.get_model("kernel", "EventTrigger").objects.create(
        pk=key,
        name="Won",
        event_name="crm.deal_won",
        title="Thank {record}",
        due_days=0,
        assignee_id=keeper.pk,
        conditions=[{"field": "deal_id", "operator": "filled", "value": ""}],
        is_active=True,
    )
    event = old.get_model("kernel", "EventRecord").objects.create(
        name="crm.deal_won", actor_kind="user", actor_label="x"
    )
    old.get_model("kernel", "Delivery").objects.create(
        event=event, subscriber=f"trigger:{key}", order_key=event.pk, state="done", done_at=timezone.now()
    )

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

    workflow = Workflow.objects.get()
    assert (workflow.pk, workflow.owner, workflow.is_active, workflow.event_name) == (
        key,
        keeper,
        True,
        "crm.deal_won",
    )
    assert workflow.active is not None
    assert workflow.active.conditions == {"all": [{"field": "deal_id", "operator": "filled", "value": ""}]}
    assert workflow.active.steps == [
        {
            "do": "create_task",
            "with": {"title": "Thank {record}", "due_days": 0, "assignee": str(keeper.pk)},
        }
    ]
    assert WorkflowRun.objects.get().event_key == event.pk
