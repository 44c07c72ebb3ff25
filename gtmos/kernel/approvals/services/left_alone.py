"""Steps that wait only for people who have left: others are asked, or those who stayed have agreed already."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.definitions import definition_of
from gtmos.kernel.approvals.enums import ApprovalState
from gtmos.kernel.approvals.events import ApprovalEscalated
from gtmos.kernel.approvals.models import Approval, ApprovalAsked, ApprovalDecision, ApprovalStep
from gtmos.kernel.approvals.selectors import open_step, still_asked
from gtmos.kernel.approvals.services.deciding import refuse_changed, settle
from gtmos.kernel.approvals.services.requests import about, locked, people_for, tell
from gtmos.kernel.approvals.services.telling import tell_asked
from gtmos.kernel.people.models import User
from gtmos.kernel.records import save_changes

CLOCK = Actor.system("approvals")
AT_ONCE = 200


def left_alone() -> list[UUID]:
    """Approvals whose open step nobody could say a word on who has not said it.

    So many at a time, drawn by lot: those that nothing can be done about do not stand before the others.
    """
    said = ApprovalDecision.objects.filter(step=OuterRef("step"), person=OuterRef("person"))
    waited = ApprovalAsked.objects.filter(step=OuterRef("pk"), person__is_active=True).exclude(Exists(said))
    steps = ApprovalStep.objects.filter(approval__state=ApprovalState.REQUESTED, closed_at=None)
    found = steps.exclude(opened_at=None).exclude(Exists(waited)).order_by("?")
    return list(found.values_list("approval_id", flat=True)[:AT_ONCE])


@transaction.atomic
def see_to_left_alone(key: UUID) -> bool:
    approval = locked(Approval(pk=key))
    step = open_step(approval)
    if step is None or still_asked(step):
        return False
    last = step.decisions.order_by("decided_at").last()
    return _ask_others(approval, step) if last is None else _close(approval, step, last)


def _close(approval: Approval, step: ApprovalStep, last: ApprovalDecision) -> bool:
    """All had to agree, and all who stayed have: the last of their words is the one that decides."""
    refuse_changed(approval)
    last.closes_step = True
    save_changes(last, "closes_step")
    settle(approval, step, answer="", summary=f"{approval}: granted by all who are still here", actor=CLOCK)
    return True


def _ask_others(approval: Approval, step: ApprovalStep) -> bool:
    people = people_for(step, approval, definition_of(approval.rules))
    if not people:
        return False
    known = set(step.asked.values_list("person_id", flat=True))
    ApprovalAsked.objects.bulk_create(
        ApprovalAsked(step=step, person=each) for each in people if each.pk not in known
    )
    tell_asked(approval, step, people, actor=CLOCK)
    _note(approval, people)
    tell(approval)
    return True


def _note(approval: Approval, people: Iterable[User]) -> None:
    words = f"{approval}: whoever was asked has left, now asked: {', '.join(map(str, people))}"
    history.record(
        approval,
        before={"words": ""},
        after={"words": words},
        actor=CLOCK,
        category="APPROVAL",
        summary=words,
    )
    asked = tuple(each.pk for each in people)
    events.publish(ApprovalEscalated(**about(approval), asked_ids=asked), subject=approval, actor=CLOCK)
