"""Events start workflows: conditions are asked of many at a time, and each pair becomes one run, once.

The key of a run comes of its workflow and its event, so however often and beside whom a delivery is handled, there is one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from gtmos.kernel import clock, jobs
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.events.publishing import family, set_family
from gtmos.kernel.workflows import about
from gtmos.kernel.workflows.conditions import Group, compiled, parts_of
from gtmos.kernel.workflows.models import (
    ASSISTANT_RUN,
    RunState,
    StepState,
    Workflow,
    WorkflowRun,
    WorkflowStepRun,
    WorkflowVersion,
)
from gtmos.kernel.workflows.steps import FIRST, step_at

PREFIX = "workflow"
JOB = "kernel.run_workflows"
LONGEST_CHAIN = 5
Pair = tuple[EventRecord, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """The conditions of one version, read once."""

    group: Group
    names: frozenset[str]

    def fits(self, event: EventRecord, records: about.Records) -> bool:
        values = about.values_of(self.names, event, records)
        return self.group.holds(values, about.ranks_of(self.names, records))


_KNOWN: dict[UUID, Asked] = {}
MOST_KNOWN = 1000


def asked_of(version: WorkflowVersion) -> Asked:
    """A version is never changed, so it is read once."""
    known = _KNOWN.get(version.pk)
    if known is None:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        names = frozenset(part.field for part in parts_of(version.conditions))
        known = _KNOWN[version.pk] = Asked(compiled(version.conditions), names)
    return known


@family(PREFIX)
def start_one(record: EventRecord, key: str) -> None:
    start_many([(record, key)])


@set_family(PREFIX)
def start_many(pairs: Sequence[Pair]) -> None:
    """Start what these events start; of a pair that has a run already nothing new is made."""
    active = _active(key for _, key in pairs)
    wanted = [
        (event, active[key]) for event, key in pairs if key in active and active[key].event_name == event.name
    ]
    chains, now = _chains(event for event, _ in wanted), clock.now()
    runs = [_run(event, workflow, chains.get(event.run_id, []), now) for event, workflow in _fitting(wanted)]
    WorkflowRun.objects.bulk_create(runs, ignore_conflicts=True, batch_size=500)
    first = [_first_step(each) for each in runs if each.state == RunState.RUNNING]
    WorkflowStepRun.objects.bulk_create(first, ignore_conflicts=True, batch_size=500)
    if first:
        jobs.enqueue(JOB)


def _active(keys: Iterable[str]) -> dict[str, Workflow]:
    rows = Workflow.objects.select_related("active", "owner").filter(pk__in=set(keys), is_active=True)
    return {str(each.pk): each for each in rows if each.active is not None}


def _fitting(wanted: Sequence[tuple[EventRecord, Workflow]]) -> list[tuple[EventRecord, Workflow]]:
    """Conditions look at what the owner sees, and an event about what they may not see starts nothing of theirs."""
    seen = _seen(wanted)
    return [
        (event, workflow)
        for event, workflow in wanted
        if not (known := seen[workflow.owner_id, event.pk]).is_hidden
        and asked_of(_version(workflow)).fits(event, known.records)
    ]


def _seen(wanted: Sequence[tuple[EventRecord, Workflow]]) -> dict[tuple[UUID | None, UUID], about.Seen]:
    """By owner and event: a few statements for each owner, however many events there are."""
    seers = {workflow.owner_id: _seer(workflow) for _, workflow in wanted}
    return {
        (owner_id, event_id): found
        for owner_id, seer in seers.items()
        for event_id, found in about.seen_of(_events_of(owner_id, wanted), seers=(seer,)).items()
    }


def _events_of(owner_id: UUID | None, wanted: Sequence[tuple[EventRecord, Workflow]]) -> list[EventRecord]:
    return list({event.pk: event for event, workflow in wanted if workflow.owner_id == owner_id}.values())


def _seer(workflow: Workflow) -> Actor:
    """One without an owner is started all the same, so that its run can say that nobody stands behind it."""
    owner = workflow.owner
    return Actor.of(owner, source="task") if owner is not None and owner.is_active else SYSTEM


def _version(workflow: Workflow) -> WorkflowVersion:
    assert workflow.active is not None
    return workflow.active


def _chains(events: Iterable[EventRecord]) -> Mapping[UUID | None, list[str]]:
    """Of events that go back to a run, what had led to that run, itself included; also through a run of the assistant."""
    keys = {event.run_id for event in events if event.run_id}
    rows = WorkflowRun.objects.filter(pk__in=keys).values_list("pk", "chain") if keys else ()
    found: dict[UUID | None, list[str]] = dict(rows)
    if others := {key for key in keys if key not in found}:
        told = WorkflowStepRun.objects.filter(made_type=ASSISTANT_RUN, made_id__in=others)
        found |= dict(told.values_list("made_id", "run__chain"))
    return found


def _run(event: EventRecord, workflow: Workflow, chain: Sequence[str], now: datetime) -> WorkflowRun:
    link = f"{workflow.pk} {event.subject_id or event.pk}"
    reason = _refusal(workflow, link, chain)
    return WorkflowRun(
        pk=uuid5(workflow.pk, str(event.pk)),
        workflow=workflow,
        definition=workflow.active,
        event=event,
        event_key=event.pk,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
        state=RunState.STOPPED if reason else RunState.RUNNING,
        reason=reason,
        chain=[*chain, link],
        started_at=now,
        finished_at=now if reason else None,
    )


def _refusal(workflow: Workflow, link: str, chain: Sequence[str]) -> str:
    """No circles: neither of one workflow on one record, nor a long line of workflows that start each other."""
    if link in chain:
        return f"{workflow} was started by what it did itself to the same record. It did not run again."
    if len(chain) >= LONGEST_CHAIN:
        return f"{LONGEST_CHAIN} workflows had started each other in a row. This one did not run."
    return ""


def _first_step(run: WorkflowRun) -> WorkflowStepRun:
    return next_step(run, FIRST, run.started_at)


def next_step(run: WorkflowRun, path: str, now: datetime | None = None) -> WorkflowStepRun:
    """A row in the queue, due now; a wait is put off when its turn comes."""
    step = step_at(run.definition.steps, path)
    assert step is not None
    return WorkflowStepRun(
        run=run, path=path, action=step["do"], state=StepState.WAITING, due_at=now or clock.now()
    )
