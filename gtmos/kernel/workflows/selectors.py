"""Who sees workflows and their runs, and what a workflow would have done."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Prefetch, Q, QuerySet

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.permissions import allows, require
from gtmos.kernel.workflows import about
from gtmos.kernel.workflows.actions import Call, actions
from gtmos.kernel.workflows.models import RunState, Workflow, WorkflowRun, WorkflowVersion
from gtmos.kernel.workflows.starting import asked_of
from gtmos.kernel.workflows.steps import APPROVAL, BRANCH, STOP, after, first_of, inside, step_at
from gtmos.kernel.workflows.words import branch_in_words

RIGHT = "kernel.configure_workflows"
LAST = 20
LOOKED_AT = 200  # of which those are shown that the reader may see
DAYS = 30


@dataclass(frozen=True, slots=True)
class Tried:
    """One event of the past. `lines` are what each step would do; none where a condition does not hold."""

    record: EventRecord
    fits: bool
    about: str = ""
    lines: list[str] = field(default_factory=list)
    error: str = ""


def visible_workflows(*, actor: Actor) -> QuerySet[Workflow]:
    newest = WorkflowVersion.objects.order_by("workflow_id", "-number").distinct("workflow_id")
    rows = Workflow.objects.select_related("owner", "active").prefetch_related(
        Prefetch("versions", queryset=newest, to_attr="newest_versions")
    )
    return rows if allows(actor, RIGHT) else rows.none()


def with_counts(rows: QuerySet[Workflow]) -> QuerySet[Workflow]:
    """How often each ran in the last 30 days, how often in vain, and when last."""
    recent = Q(runs__started_at__gte=clock.now() - timedelta(days=DAYS))
    counted: Any = rows.annotate(
        ran=Count("runs", filter=recent),
        failed=Count("runs", filter=recent & Q(runs__state=RunState.FAILED)),
        last_at=Max("runs__started_at"),
    )
    return counted  # type: ignore[no-any-return]  # the stubs lose the model of an annotated queryset


def get_workflow(workflow_id: UUID, *, actor: Actor) -> Workflow:
    workflow = visible_workflows(actor=actor).filter(pk=workflow_id).first()
    if workflow is None:
        raise NotFoundError("There is no such workflow.", code="not_found")
    return workflow


def visible_versions(*, actor: Actor) -> QuerySet[WorkflowVersion]:
    rows = WorkflowVersion.objects.select_related("workflow", "created_by")
    return rows if allows(actor, RIGHT) else rows.none()


def get_version(workflow: Workflow, number: int, *, actor: Actor) -> WorkflowVersion:
    version = visible_versions(actor=actor).filter(workflow=workflow, number=number).first()
    if version is None:
        raise NotFoundError("There is no such version.", code="not_found")
    return version


def visible_runs(*, actor: Actor) -> QuerySet[WorkflowRun]:
    rows = WorkflowRun.objects.select_related("workflow", "definition", "event")
    return rows if allows(actor, RIGHT) else rows.none()


def get_run(run_id: UUID, *, actor: Actor) -> WorkflowRun:
    run = visible_runs(actor=actor).filter(pk=run_id).first()
    if run is None:
        raise NotFoundError("There is no such run.", code="not_found")
    return run


def tried(version: WorkflowVersion, *, actor: Actor) -> list[Tried]:
    """The last events of its kind, and what would come of each, step by step. Nothing is written.

    Events about what the reader may not see are not among them; of the others only what the owner may see, too, is told.
    """
    require(actor, RIGHT, version.workflow)
    rows = EventRecord.objects.filter(name=version.event_name).order_by("-happened_at", "-id")
    events = list(rows[:LOOKED_AT])
    known = about.seen_of(events, seers=(actor,))
    shown = [each for each in events if not known[each.pk].is_hidden][:LAST]
    acting = _acting(version, actor)
    seen = about.seen_of(shown, seers=(actor, acting))
    return [
        _tried(version, event, seen[event.pk], acting, str(about.nearest_of(known[event.pk].records) or ""))
        for event in shown
    ]


def _acting(version: WorkflowVersion, actor: Actor) -> Actor:
    """Whoever it will act for; as long as there is nobody, whoever looks."""
    workflow = version.workflow
    owner = workflow.owner
    return Actor.for_workflow(workflow.name, owner, run_id=workflow.pk) if owner is not None else actor


def _tried(
    version: WorkflowVersion, event: EventRecord, seen: about.Seen, acting: Actor, shown: str
) -> Tried:
    records = seen.records
    if seen.is_hidden:
        return Tried(event, fits=False, about=shown, error=f"{acting.user} may not see this.")
    if not asked_of(version).fits(event, records):
        return Tried(event, fits=False, about=shown)
    lines: list[str] = []
    try:
        for line in _lines(version, event, records, acting):
            lines.append(line)  # noqa: PERF402 -- what was said before a refusal stays
    except DomainError as error:
        return Tried(event, fits=True, about=shown, lines=lines, error=error.message)
    return Tried(event, fits=True, about=shown, lines=lines)


def _lines(
    version: WorkflowVersion, event: EventRecord, records: about.Records, actor: Actor
) -> Iterator[str]:
    """Along the way that this event would take; a decision of a person is taken to be granted."""
    path = first_of(version.steps)
    while path is not None:
        step = step_at(version.steps, path)
        assert step is not None
        call = Call(step.get("with", {}), event, records, actor, event.pk)
        words, side = _dry(step["do"], call)
        yield words
        if step["do"] == STOP:
            return
        path = inside(version.steps, path, side) if side else after(version.steps, path)


def _dry(do: str, call: Call) -> tuple[str, str]:
    """What the step would do, and which side of it would come next."""
    if do == BRANCH:
        holds, words = branch_in_words(call)
        return words, "then" if holds else "else"
    return actions()[do].dry(call), "then" if do == APPROVAL else ""
