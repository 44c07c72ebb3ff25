"""What time does to approvals: late steps go to somebody else, and what nobody decides expires. Each once."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from gtmos.kernel import clock, events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals import approvers
from gtmos.kernel.approvals.definitions import definition_of
from gtmos.kernel.approvals.enums import ApprovalState
from gtmos.kernel.approvals.events import ApprovalEscalated, ApprovalExpired
from gtmos.kernel.approvals.models import Approval, ApprovalAsked, ApprovalStep
from gtmos.kernel.approvals.services.left_alone import AT_ONCE, left_alone, see_to_left_alone
from gtmos.kernel.approvals.services.requests import about, chosen, close, locked, tell
from gtmos.kernel.approvals.services.telling import tell_asked
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import User
from gtmos.kernel.records import save_changes

logger = logging.getLogger(__name__)

CLOCK = Actor.system("approvals")


def see_to_due() -> int:
    """Expire first: what is over is not escalated any more. Who has left is made good for before anything is late."""
    seen = _each(expire_approval, _expiring()) + _each(see_to_left_alone, left_alone())
    return seen + _each(escalate_approval, _late())


def _each(verb: Callable[[UUID], bool], keys: list[UUID]) -> int:
    return sum(_tried(verb, key) for key in keys)


def _tried(verb: Callable[[UUID], bool], key: UUID) -> bool:
    """Each verb is a transaction in itself: one that is refused holds up no other."""
    try:
        return verb(key)
    except DomainError as error:
        logger.warning("approval %s stays as it is: %s", key, error)
        return False


def _expiring() -> list[UUID]:
    late = Approval.objects.filter(state=ApprovalState.REQUESTED, expires_at__lte=clock.now())
    return list(late.order_by("expires_at").values_list("pk", flat=True)[:AT_ONCE])


def _late() -> list[UUID]:
    late = ApprovalStep.objects.filter(due_at__lte=clock.now(), closed_at=None, escalated_at=None)
    return list(
        late.exclude(escalate_to="").order_by("due_at").values_list("approval_id", flat=True)[:AT_ONCE]
    )


@transaction.atomic
def expire_approval(key: UUID) -> bool:
    approval = locked(Approval(pk=key))
    is_over = approval.expires_at is not None and approval.expires_at <= clock.now()
    if approval.state != ApprovalState.REQUESTED or not is_over:
        return False
    words = "Nobody decided in time."
    close(
        approval,
        approval.expire,
        ApprovalExpired(**about(approval)),
        actor=CLOCK,
        answer=words,
        summary=f"{approval}: {words}",
    )  # fmt: skip -- one call
    return True


@transaction.atomic
def escalate_approval(key: UUID) -> bool:
    """Whom the step goes to is asked beside those who did not answer."""
    approval = locked(Approval(pk=key))
    step = approval.steps.filter(position=approval.step, closed_at=None, escalated_at=None).first()
    is_late = step is not None and step.due_at is not None and step.due_at <= clock.now()
    if approval.state != ApprovalState.REQUESTED or step is None or not is_late:
        return False
    people = _ask_further(approval, step)
    step.escalated_at = clock.now()
    save_changes(step, "escalated_at")
    words = f"{approval}: late, now also asked: {', '.join(map(str, people)) or 'nobody else'}"
    history.record(
        approval,
        before={"escalated_at": None},
        after={"escalated_at": step.escalated_at},
        actor=CLOCK,
        category="APPROVAL",
        summary=words,
    )
    asked = tuple(each.pk for each in people)
    events.publish(ApprovalEscalated(**about(approval), asked_ids=asked), subject=approval, actor=CLOCK)
    tell(approval)
    return True


def _ask_further(approval: Approval, step: ApprovalStep) -> list[User]:
    found = approvers.people_of(step.escalate_to, requester=approval.requested_by)
    people = chosen(found, step, approval, definition_of(approval.rules))
    known = set(step.asked.values_list("person_id", flat=True))
    ApprovalAsked.objects.bulk_create(
        ApprovalAsked(step=step, person=each, is_escalation=True) for each in people if each.pk not in known
    )
    ApprovalAsked.objects.filter(step=step, person__in=people).update(is_escalation=True)
    tell_asked(approval, step, people, actor=CLOCK)
    return people
