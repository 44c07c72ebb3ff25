"""How many runs a second one worker starts through conditions: `python -m benchmarks.workflows [--quick]`."""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from benchmarks.stage import fresh_stores, misses

if TYPE_CHECKING:
    from gtmos.kernel.workflows.models import Workflow

RUNS, TURNS, DEALS = 2000, 5, 50
LEAST_RUNS_PER_SECOND = 500
TWO_CONDITIONS = {
    "all": [
        {"field": "deal.deal_amount", "operator": "at_least", "value": "5"},
        {"field": "company.name", "operator": "filled", "value": ""},
    ]
}


def told(workflow: Workflow, deals: list[Any], count: int = RUNS) -> None:
    """Events about these deals, each with its delivery, as writing them one by one would have left them."""
    from gtmos.kernel.events.models import Delivery, EventRecord

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
    from gtmos.kernel.events import dispatch
    from gtmos.kernel.workflows.models import WorkflowRun

    told(workflow, deals, count)
    before, began = WorkflowRun.objects.count(), time.perf_counter()
    dispatch.dispatch_pending()
    started, seconds = WorkflowRun.objects.count() - before, time.perf_counter() - began
    print(
        f"workflows: {started:,} runs started through conditions in {seconds:.2f} s, {started / seconds:,.0f} a second"
    )
    return started / seconds


def measured(turns: int) -> list[float]:
    from crm.tests.builders import a_deal
    from gtmos.kernel.actors import Actor
    from gtmos.kernel.people.models import Role
    from gtmos.kernel.tests.builders import a_user
    from gtmos.kernel.workflows.services.workflows import create_workflow, switch_on

    actor = Actor.of(a_user(name="Kim Keeper", role=Role.REVOPS))
    deals = [a_deal(name=f"Deal {number}", amount=10) for number in range(DEALS)]
    workflow = create_workflow(
        "Changed deals",
        event_name="crm.deal_changed",
        conditions=TWO_CONDITIONS,
        steps=[{"do": "create_task", "with": {"title": "Look at {record}"}}],
        actor=actor,
    )
    workflow = switch_on(workflow, actor=actor)
    return [measure(workflow, deals) for _ in range(turns)]


def main(arguments: list[str]) -> dict[str, Any]:
    with fresh_stores():
        speeds = measured(1 if "--quick" in arguments else TURNS)
    middle = round(statistics.median(speeds))
    short_of = misses(
        (
            middle >= LEAST_RUNS_PER_SECOND,
            f"workflows: {middle} of {LEAST_RUNS_PER_SECOND} runs started a second",
        )
    )
    return {
        "runs_started_per_second": middle,
        "slowest": round(min(speeds)),
        "short_of": short_of,
        "ok": not short_of,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
