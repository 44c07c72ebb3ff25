"""Telling those who are asked, their deputies, and whoever asked."""

from collections.abc import Iterable

from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.actions import action_of
from gtmos.kernel.approvals.models import Approval, ApprovalStep
from gtmos.kernel.approvals.selectors import deputies_of
from gtmos.kernel.notifications.kinds import kind
from gtmos.kernel.notifications.services import notify
from gtmos.kernel.people.models import User

REQUESTED = kind("approval_requested", label="Something waits for my decision", default_mail=True).name
DECIDED = kind("approval_decided", label="What I asked for is decided", default_mail=True).name
URL = "/approval-requests/{}/"


def tell_asked(approval: Approval, step: ApprovalStep, people: Iterable[User], *, actor: Actor) -> None:
    """Once for each step and person; the deputies of those who are away too."""
    people = list(people)
    notify(
        [*people, *deputies_of(people)],
        kind=REQUESTED,
        title=action_of(approval.action).question(approval),
        text=f"{approval.requested_label}: {approval.reason}"
        if approval.reason
        else approval.requested_label,
        url=URL.format(approval.pk),
        key=f"approval:{step.pk}",
        actor=actor,
    )


def tell_requester(approval: Approval, *, actor: Actor) -> None:
    if approval.requested_by is None:
        return
    notify(
        [approval.requested_by],
        kind=DECIDED,
        title=f"{approval.get_state_display().capitalize()}: {approval.subject_name}",
        text=approval.answer,
        url=URL.format(approval.pk),
        key=f"approval:{approval.pk}:{approval.state}",
        actor=actor,
    )
