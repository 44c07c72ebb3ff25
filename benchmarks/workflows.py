"""How many runs a second one worker starts through conditions: `python -m benchmarks workflows`, or `measure()` on any database."""

import time
from typing import Any
from uuid import uuid4

from gtmos.kernel.events import dispatch
from gtmos.kernel.events.models import Delivery, EventRecord
from gtmos.kernel.workflows.models import Workflow, WorkflowRun

RUNS = 2000


def told(workflow: Workflow, deals: list[Any], count: int = RUNS) -> None:
    """Events about these deals, each with its delivery, as writing them one by one would have left them."""
    events = [
        EventRecord(
            pk=uuid4(),
            name=workflow.event_name,
            subject_type="crm.deal",
            subject_id=deals[number % len(deals)].pk,
            payload={"deal_id": str(deals[number % len(deals)].pk)},
            actor_kind="system",
            actor_label="benchmark",
        )
        for number in range(count)
    ]
    EventRecord.objects.bulk_create(events, batch_size=500)
    Delivery.objects.bulk_create(
        [
            Delivery(event=each, subscriber=f"workflow:{workflow.pk}", order_key=each.subject_id)
            for each in events
        ],
        batch_size=500,
    )


def measure(workflow: Workflow, deals: list[Any], count: int = RUNS) -> float:
    """Runs a second, from waiting deliveries to runs with their first step in the queue."""
    told(workflow, deals, count)
    before, began = WorkflowRun.objects.count(), time.perf_counter()
    dispatch.dispatch_pending()
    started, seconds = WorkflowRun.objects.count() - before, time.perf_counter() - began
    print(
        f"workflows: {started:,} runs started through conditions in {seconds:.2f} s, {started / seconds:,.0f} a second"
    )
    return started / seconds
