"""Other times for steps that wait or are to come: how many move and how is said first, then they are moved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.business_time import Office
from gtmos.kernel.approvals.definitions import Definition, StepPlan, definition_of
from gtmos.kernel.approvals.enums import ApprovalState
from gtmos.kernel.approvals.models import ApprovalPolicy, ApprovalStep
from gtmos.kernel.approvals.services.requests import due_of, tell
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.records import save_changes

SHOWN = 5
NO_TIME = "no due time"
TIMED = ("hours", "in_business_hours", "due_at")


@dataclass(frozen=True, slots=True)
class DueMove:
    """One step with the times of the new rules already on it. Nothing is saved yet."""

    step: ApprovalStep
    due_before: datetime | None
    before: str
    after: str

    @property
    def changes(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """As history keeps it."""
        if self.step.opened_at:
            return {"due_at": self.due_before}, {"due_at": self.step.due_at}
        name = f"time_of_{self.step}".replace(" ", "_")
        return {name: self.before}, {name: self.after}

    @property
    def words(self) -> str:
        about = self.step.approval.subject_name
        named = about if self.step.opened_at else f"{about}, {self.step}"
        return f"{named} from {self.before} to {self.after}"


class ConfirmationNeededError(DomainError):
    """Nothing was saved; said again with a confirmation it is."""


def _said(step: ApprovalStep, office: Office) -> str:
    """Of a step that waits its moment; of one that is to come how long it will have."""
    if step.opened_at:
        return step.due_at.strftime("%-d %b %H:%M UTC") if step.due_at else NO_TIME
    if not step.hours:
        return NO_TIME
    hours = f"{float(step.hours):g}"
    if not step.in_business_hours:
        return f"{hours} hours"
    return f"{hours} working hours, {office.day_from} to {office.day_to} {office.time_zone}"


def due_moves(policy: ApprovalPolicy, *, earlier: Definition) -> list[DueMove]:
    """Of every step of its open requests whose time the rules in hand say otherwise than the `earlier` ones."""
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
    found = (_moved(step, earlier, plan) for step in steps.select_for_update(of=("self",)))
    return [each for each in found if each is not None]


def _moved(step: ApprovalStep, earlier: Definition, plan: Definition) -> DueMove | None:
    branch = next((each for each in plan.branches if each.name == step.approval.branch), None)
    if branch is None or step.position >= len(branch.steps):
        return None
    wanted: StepPlan = branch.steps[step.position]
    due_before, before = step.due_at, _said(step, earlier.office)
    step.hours, step.in_business_hours = wanted.hours, wanted.in_business_hours
    step.due_at = due_of(step, plan.office)
    after = _said(step, plan.office)
    is_other = step.due_at != due_before if step.opened_at else after != before
    return DueMove(step, due_before, before, after) if is_other else None


def refuse_unconfirmed(moves: list[DueMove], *, confirmed: bool) -> None:
    if confirmed or not moves:
        return
    waits = [each for each in moves if each.step.opened_at]
    to_come = [each for each in moves if not each.step.opened_at]
    parts = (
        _listed(waits, ("open request gets", "open requests get"), "another due time"),
        _listed(to_come, ("step that is to come gets", "steps that are to come get"), "another time"),
    )
    raise ConfirmationNeededError(" ".join(filter(None, parts)), code="confirm_due_times")


def _listed(moves: list[DueMove], one_or_more: tuple[str, str], what: str) -> str:
    if not moves:
        return ""
    listed = "; ".join(each.words for each in moves[:SHOWN])
    more = f"; and {len(moves) - SHOWN} more" if len(moves) > SHOWN else ""
    return f"{len(moves)} {one_or_more[len(moves) > 1]} {what}: {listed}{more}."


def move_due_times(moves: list[DueMove], *, actor: Actor) -> None:
    """One row of history for each; a step that is late by its new time goes on with the next look."""
    for each in moves:
        save_changes(each.step, *TIMED)
        before, after = each.changes
        history.record(each.step.approval, before=before, after=after, actor=actor, category="APPROVAL")
    for approval in {each.step.approval_id: each.step.approval for each in moves}.values():
        tell(approval)
