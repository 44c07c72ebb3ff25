"""What a person does with a run: try the step again that failed."""

from django.db import transaction

from gtmos.kernel import clock, history, jobs, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require
from gtmos.kernel.workflows.models import RunState, StepState, WorkflowRun, WorkflowStepRun
from gtmos.kernel.workflows.services.workflows import RIGHT, TOPIC
from gtmos.kernel.workflows.starting import JOB


@transaction.atomic
def retry_run(run: WorkflowRun, *, actor: Actor) -> WorkflowRun:
    """The failed step is due again, and the run goes on from it. What was done before is not done again."""
    require(actor, RIGHT, run.workflow)
    run = WorkflowRun.objects.select_for_update(of=("self",)).select_related("workflow").get(pk=run.pk)
    step = WorkflowStepRun.objects.select_for_update().filter(run=run, state=StepState.FAILED).first()
    if run.state != RunState.FAILED or step is None:
        raise DomainError("Only a run whose step failed can be tried again.", code="wrong_state")
    step.state, step.attempts, step.due_at, step.finished_at = StepState.WAITING, 0, clock.now(), None
    step.save(update_fields=["state", "attempts", "due_at", "finished_at"])
    run.state, run.reason, run.finished_at = RunState.RUNNING, "", None
    run.save(update_fields=["state", "reason", "finished_at"])
    history.record(
        run.workflow,
        before={"run": "failed"},
        after={"run": "tried again"},
        actor=actor,
        category="WORKFLOW",
        summary=f"Tried step {step.path} of the run of {run.started_at:%d %b %H:%M} again",
    )
    jobs.enqueue(JOB)
    live.push(TOPIC)
    return run
