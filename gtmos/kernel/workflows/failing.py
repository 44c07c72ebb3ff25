"""Whoever a workflow acts for hears that a run has failed for good, with the sentence that says why."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.approvers import last_resort
from gtmos.kernel.notifications.kinds import kind
from gtmos.kernel.notifications.services import notify
from gtmos.kernel.people.models import User
from gtmos.kernel.workflows.models import WorkflowRun, WorkflowStepRun

FAILED = kind("workflow_failed", label="A workflow of mine fails", default_mail=True, tells_oneself=True).name
URL = "/settings/events/workflows/runs/{}/"
ENGINE = Actor.system("workflows")


def tell_of_failure(step: WorkflowStepRun) -> None:
    """Once for each time that it was given up. Only who configures has a page of the run."""
    run = step.run
    for person in _told(run):
        notify(
            [person],
            kind=FAILED,
            title=f"{run.workflow} failed",
            text=run.reason,
            url=URL.format(run.pk) if person.may_configure else "",
            key=f"workflow-failed:{step.pk}:{step.finished_at}",
            actor=ENGINE,
        )


def _told(run: WorkflowRun) -> list[User]:
    owner = run.workflow.owner
    return [owner] if owner is not None and owner.is_active else last_resort()
