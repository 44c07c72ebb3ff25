"""Carrying out the steps that are due: each under a lock that dies with its worker, effect and mark in one transaction."""

import logging
import traceback
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet

from gtmos.kernel import clock, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.cause import caused_by
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.workflows import about
from gtmos.kernel.workflows.actions import Call, Outcome, actions
from gtmos.kernel.workflows.basics import due_after
from gtmos.kernel.workflows.failing import tell_of_failure
from gtmos.kernel.workflows.models import RunState, StepState, Workflow, WorkflowRun, WorkflowStepRun
from gtmos.kernel.workflows.starting import next_step
from gtmos.kernel.workflows.steps import BRANCH, STOP, WAIT, after, inside, step_at
from gtmos.kernel.workflows.words import branch_in_words

logger = logging.getLogger(__name__)
GIVE_UP_AFTER = 6
LONGEST_PAUSE = timedelta(hours=1)
TOPIC = "workflows:all"


class NobodyError(DomainError):
    """There is nobody on whose behalf it could act."""

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(
            f"{workflow} has no owner who is active, so it has no rights. Give it an owner.", code="no_owner"
        )


def run_due(*, limit: int = 500) -> int:
    """Carry out what is due, one transaction each; returns how many steps were."""
    done = 0
    while done < limit and _run_next():
        done += 1
    if done:
        live.push(TOPIC)
    return done


def is_anything_due() -> bool:
    return _due().exists()


def _due() -> QuerySet[WorkflowStepRun]:
    return WorkflowStepRun.objects.filter(state=StepState.WAITING, due_at__lte=clock.now()).order_by(
        "due_at", "id"
    )


@transaction.atomic
def _run_next() -> bool:
    rows = _due().select_for_update(skip_locked=True, of=("self",))
    step = rows.select_related("run__workflow__owner", "run__definition", "run__event").first()
    if step is None:
        return False
    step.attempts += 1
    step.started_at = step.started_at or clock.now()
    try:
        with transaction.atomic(), caused_by(step.run_id):
            _carry_out(step)
    except DomainError as error:
        fail(step, error.message)
    except Exception as error:  # noqa: BLE001 -- outermost loop: an action is any app's code; logged, kept in the step, tried again
        _try_later(step, error)
    return True


def _carry_out(step: WorkflowStepRun) -> None:
    run = step.run
    definition = step_at(run.definition.steps, step.path)
    if definition is None or run.event is None:
        raise DomainError("The event of this run is forgotten.", code="event_gone")
    call = call_of(run, step.path, definition.get("with", {}))
    if step.action == BRANCH:
        holds, words = branch_in_words(call)
        finish(step, Outcome(words), side="then" if holds else "else")
    elif step.action == WAIT and step.outcome == "":
        _put_off(step, call)
    else:
        _perform(step, call)


def _put_off(step: WorkflowStepRun, call: Call) -> None:
    """The wait begins; the row itself is the clock."""
    step.due_at = due_after(call, clock.now())
    step.outcome = f"Waits until {step.due_at:%d %b %Y %H:%M} UTC."
    step.attempts = 0
    step.save(update_fields=["due_at", "outcome", "attempts", "started_at"])


def _perform(step: WorkflowStepRun, call: Call) -> None:
    known = actions().get(step.action)
    if known is None:
        raise DomainError(f"There is no action {step.action} any more.", code="action_gone")
    outcome = known.perform(call)
    if outcome.waits:
        _note(step, outcome, StepState.ASKED)
    else:
        finish(step, outcome)


def call_of(run: WorkflowRun, path: str, values: dict[str, object]) -> Call:
    assert run.event is not None
    actor = actor_of(run)
    seen = about.seen_of([run.event], seers=(actor,))[run.event.pk]
    if seen.is_hidden:
        raise DomainError(
            f"{run.workflow} acts for {actor.user}, who may not see what this event is about.",
            code="not_seen",
        )
    return Call(values, run.event, seen.records, actor, uuid5(run.pk, path))


def actor_of(run: WorkflowRun) -> Actor:
    """The workflow on behalf of its owner: never more rights than theirs."""
    owner = run.workflow.owner
    if owner is None or not owner.is_active:
        raise NobodyError(run.workflow)
    return Actor.for_workflow(run.workflow.name, owner, run_id=run.pk)


def finish(step: WorkflowStepRun, outcome: Outcome, *, side: str = "") -> None:
    """Mark the step and put the next one in the queue, or end the run."""
    _note(step, outcome, StepState.DONE)
    steps = step.run.definition.steps
    path = inside(steps, step.path, side) if side else after(steps, step.path)
    if step.action == STOP:
        _end(step.run, RunState.STOPPED, "Stopped here, as written.")
    elif path is None:
        _end(step.run, RunState.DONE)
    else:
        WorkflowStepRun.objects.bulk_create([next_step(step.run, path)], ignore_conflicts=True)


def fail(step: WorkflowStepRun, words: str) -> None:
    """Trying again by itself would change nothing: a person has to look."""
    step.error = words[-4000:]
    step.state = StepState.FAILED
    step.finished_at = clock.now()
    step.save(update_fields=["state", "attempts", "started_at", "finished_at", "error"])
    _end(step.run, RunState.FAILED, words)
    tell_of_failure(step)


def _try_later(step: WorkflowStepRun, error: Exception) -> None:
    logger.error("step %s of workflow run %s failed", step.path, step.run_id, exc_info=error)
    words = "".join(traceback.format_exception(error))
    if step.attempts >= GIVE_UP_AFTER:
        fail(step, words)
        return
    step.error = words[-4000:]
    step.due_at = clock.now() + pause_after(step.attempts)
    step.save(update_fields=["due_at", "attempts", "started_at", "error"])


def pause_after(attempts: int) -> timedelta:
    return min(timedelta(seconds=4**attempts), LONGEST_PAUSE)


def _note(step: WorkflowStepRun, outcome: Outcome, state: StepState) -> None:
    made: UUID | None = (
        outcome.made.pk if outcome.made is not None and isinstance(outcome.made.pk, UUID) else None
    )
    step.state, step.outcome, step.error = state, outcome.text[:500], ""
    step.made_id = made
    step.made_type = outcome.made._meta.label_lower if outcome.made is not None else ""
    step.finished_at = clock.now() if state == StepState.DONE else None
    step.save(
        update_fields=[
            *("state", "attempts", "started_at", "finished_at", "outcome", "made_type", "made_id", "error"),
        ]
    )


def _end(run: WorkflowRun, state: RunState, reason: str = "") -> None:
    run.state, run.reason, run.finished_at = state, reason.strip().rpartition("\n")[2][:300], clock.now()
    run.save(update_fields=["state", "reason", "finished_at"])
