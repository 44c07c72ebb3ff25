"""Other times for steps that wait: how many move and how is said first, then they are moved."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.definitions import Definition, StepPlan, definition_of
from gtmos.kernel.approvals.enums import ApprovalState
from gtmos.kernel.approvals.models import ApprovalPolicy, ApprovalStep
from gtmos.kernel.approvals.services.requests import due_of, tell
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.records import save_changes

SHOWN = 5
TIMED = ("hours", "in_business_hours", "due_at")


@dataclass(frozen=True, slots=True)
class DueMove:
    """One step that waits, with the times of the new rules already on it. Nothing is saved yet."""

    step: ApprovalStep
    before: datetime | None

    @property
    def words(self) -> str:
        return f"{self.step.approval.subject_name} from {_moment(self.before)} to {_moment(self.step.due_at)}"


class ConfirmationNeededError(DomainError):
    """Nothing was saved; said again with a confirmation it is."""


def _moment(at: datetime | None) -> str:
    return at.strftime("%-d %b %H:%M UTC") if at else "no due time"


def due_moves(policy: ApprovalPolicy) -> list[DueMove]:
    """Of every step of its open requests whose time the rules in hand say otherwise."""
    plan = definition_of(policy.definition)
    steps = (
        ApprovalStep.objects.filter(
            approval__policy_version__policy=policy,
            approval__state=ApprovalState.REQUESTED,
            approval__step__lte=F("position"),
        )
        .select_related("approval")
        .order_by("approval__requested_at", "approval_id", "position")
    )
    found = (_moved(step, plan) for step in steps.select_for_update(of=("self",)))
    return [each for each in found if each is not None]


def _moved(step: ApprovalStep, plan: Definition) -> DueMove | None:
    branch = next((each for each in plan.branches if each.name == step.approval.branch), None)
    if branch is None or step.position >= len(branch.steps):
        return None
    wanted: StepPlan = branch.steps[step.position]
    before, hours = step.due_at, step.hours
    step.hours, step.in_business_hours = wanted.hours, wanted.in_business_hours
    step.due_at = due_of(step, plan)
    is_other = step.due_at != before if step.opened_at else (hours or 0) != (wanted.hours or 0)
    return DueMove(step, before) if is_other else None


def refuse_unconfirmed(moves: list[DueMove], *, confirmed: bool) -> None:
    open_now = [each for each in moves if each.step.opened_at]
    if confirmed or not open_now:
        return
    listed = "; ".join(each.words for each in open_now[:SHOWN])
    more = f"; and {len(open_now) - SHOWN} more" if len(open_now) > SHOWN else ""
    what = "1 open request gets" if len(open_now) == 1 else f"{len(open_now)} open requests get"
    raise ConfirmationNeededError(f"{what} another due time: {listed}{more}.", code="confirm_due_times")


def move_due_times(moves: list[DueMove], *, actor: Actor) -> None:
    """One row of history for each; a step that is late by its new time goes on with the next look."""
    for each in moves:
        save_changes(each.step, *TIMED)
        if each.step.opened_at:
            history.record(
                each.step.approval,
                before={"due_at": each.before},
                after={"due_at": each.step.due_at},
                actor=actor,
                category="APPROVAL",
            )
            tell(each.step.approval)
