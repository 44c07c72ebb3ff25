"""Workflows in sets and one by one, through kills, and what they tell."""

import os
import random
import signal
from typing import Any

import pytest
from django.db import connection

from benchmarks.workflows import RUNS, measure
from crm.models import Task
from crm.tests.builders import a_deal
from crm.tests.test_subscribers_workflows import a_task_step, a_workflow, carried_out, made, where
from gtmos.kernel.events import dispatch, publishing
from gtmos.kernel.events.models import Delivery
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.tests.processes import in_a_process_of_its_own
from gtmos.kernel.webhooks.models import Webhook, WebhookDelivery
from gtmos.kernel.workflows.models import WorkflowRun, WorkflowStepRun
from gtmos.kernel.workflows.running import run_due

KILLS = int(os.environ.get("GTMOS_TEST_KILLS", "20"))
DEALS, SEED = 25, 11
LEAST_A_SECOND = 100


@pytest.fixture
def keeper() -> User:
    return a_user(name="Kim Keeper", role=Role.REVOPS)


def runs() -> list[Any]:
    rows = WorkflowRun.objects.order_by("workflow__name", "event_key")
    return list(rows.values_list("pk", "definition", "event_key", "state", "reason", "chain"))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_many_at_a_time_and_one_by_one_start_the_same_runs(
    seed: int, keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)
    fields = {"deal.deal_amount": "at_least", "deal.name": "contains", "deal.owner": "filled"}
    for number in range(3):
        field = draw.choice([*fields])
        value = str(draw.randint(1, 9))
        a_workflow(
            keeper,
            a_task_step(f"{number} {{record}}"),
            name=f"W{number}",
            event_name="crm.deal_created",
            conditions=where(field, fields[field], value),
        )
    for number in range(12):
        a_deal(name=f"Deal {number}", amount=draw.randint(1, 9), owner=draw.choice([keeper, None]))

    dispatch.dispatch_pending()
    in_sets = runs()
    WorkflowRun.objects.all().delete()
    Delivery.objects.filter(subscriber__startswith="workflow:").update(state="waiting", attempts=0)
    monkeypatch.setattr(publishing, "_sets", {})
    dispatch.dispatch_pending()

    assert in_sets == runs()
    assert len(in_sets) == len({each[0] for each in in_sets}) > 0


def work() -> None:
    while dispatch.dispatch_pending() + run_due():
        pass


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_each_step_of_each_run_is_done_once_through_kills(keeper: User) -> None:
    steps = [a_task_step("One {record}"), a_task_step("Two {record}")]
    a_workflow(keeper, *steps, event_name="crm.deal_created")
    names = [a_deal().name for _ in range(DEALS)]
    draw = random.Random(SEED)
    ended = []

    for _ in range(KILLS):
        process = in_a_process_of_its_own(work, dies_at=draw.randint(3, 60))
        process.join()
        ended.append(process.exitcode)
    connection.close()
    carried_out()

    print(
        f"{DEALS} events, {ended.count(-signal.SIGKILL)} of {KILLS} workers killed, {Task.objects.count()} tasks"
    )
    assert sorted(made()) == sorted(f"{step} {name}" for step in ("One", "Two") for name in names)
    assert set(WorkflowRun.objects.values_list("state", flat=True)) == {"done"}
    assert WorkflowStepRun.objects.count() == 2 * DEALS
    assert ended.count(-signal.SIGKILL) > 0


@pytest.mark.django_db
def test_a_step_tells_people_once_and_another_system_by_its_webhook(keeper: User) -> None:
    webhook = Webhook.objects.create(
        name="Partner", url="https://partner.example/", event_names=["crm.signal_recorded"]
    )
    tell = {"do": "notify", "with": {"title": "New: {record}", "to": "owner"}}
    call = {"do": "call_webhook", "with": {"text": "{record}", "webhook": str(webhook.pk)}}
    a_workflow(keeper, tell, call, event_name="crm.deal_created")
    owner = a_user(name="Olga Owner", role=Role.AE)
    a_deal(name="Alpine", owner=owner)

    carried_out()
    carried_out()

    assert list(Notification.objects.values_list("person", "title")) == [(owner.pk, "New: Alpine")]
    (delivery,) = WebhookDelivery.objects.all()
    assert (delivery.webhook, delivery.event.name, delivery.event.payload["text"]) == (
        webhook,
        "kernel.workflow_called",
        "Alpine",
    )


@pytest.mark.django_db
def test_one_worker_starts_hundreds_of_runs_a_second_through_conditions(keeper: User) -> None:
    """A floor far under what a quiet machine does; `benchmarks/workflows.py` prints what it measured."""
    deals = [a_deal(name=f"Deal {number}", amount=10) for number in range(50)]
    workflow = a_workflow(
        keeper,
        a_task_step("X"),
        event_name="crm.deal_changed",
        conditions={
            "all": where("deal.deal_amount", "at_least", "5")["all"] + where("company.name", "filled")["all"]
        },
    )

    assert measure(workflow, deals) > LEAST_A_SECOND
    assert WorkflowRun.objects.count() == RUNS
