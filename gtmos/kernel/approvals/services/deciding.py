"""Giving one's word on an open step. Exactly one decision closes a step, however many people answer at once."""

from django.db import transaction

from gtmos.kernel import clock, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.actions import action_of, subject_of
from gtmos.kernel.approvals.definitions import definition_of
from gtmos.kernel.approvals.enums import Needs
from gtmos.kernel.approvals.events import ApprovalGranted, ApprovalRejected
from gtmos.kernel.approvals.models import Approval, ApprovalDecision, ApprovalStep
from gtmos.kernel.approvals.selectors import Word, is_own, open_step, still_asked, word_of
from gtmos.kernel.approvals.services.requests import about, close, locked, open_next, tell
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes


@transaction.atomic
def decide(approval: Approval, *, granted: bool, actor: Actor, reason: str = "") -> Approval:
    """Grant or reject, in one's own name or in that of somebody who is away. A rejection says why."""
    require(actor, "kernel.decide_approval", approval)
    approval = locked(approval)
    word = _word(approval, actor)
    reason = reason.strip()
    if not granted and not reason:
        raise InvalidInputError("Say why, so that whoever asked knows what to change.", code="reason_missing")
    if granted:
        refuse_changed(approval)
    is_last_word = not granted or _closes(word)
    decision = _note(word, granted=granted, closes=is_last_word, reason=reason, actor=actor)
    said = _in_words(approval, decision)
    if not granted:
        close(
            approval,
            approval.reject,
            ApprovalRejected(**about(approval), reason=reason),
            actor=actor,
            answer=reason,
            summary=said,
        )  # fmt: skip -- one call
    elif is_last_word:
        settle(approval, word.step, answer=reason, summary=said, actor=actor)
    else:
        _go_on(approval, summary=said, actor=actor)
    return approval


def settle(approval: Approval, step: ApprovalStep, *, answer: str, summary: str, actor: Actor) -> None:
    """The step is granted: the next one opens, and with the last one what was asked for takes effect."""
    if approval.steps.filter(position__gt=approval.step).exists():
        step.closed_at = clock.now()
        save_changes(step, "closed_at")
        _go_on(approval, summary=summary, actor=actor, step=approval.step + 1)
        return
    close(
        approval,
        approval.grant,
        ApprovalGranted(**about(approval)),
        actor=actor,
        answer=answer,
        summary=summary,
    )  # fmt: skip -- one call


def _word(approval: Approval, actor: Actor) -> Word:
    assert actor.user is not None  # the permission asked
    word = word_of(actor.user, approval)
    if word is not None:
        return word
    if open_step(approval) is None:
        raise DomainError(f"This was {approval.get_state_display()} already.", code="already_decided")
    if is_own(actor.user, approval):
        raise NotPermittedError("Nobody decides on what they asked for themselves.", code="own_request")
    step = open_step(approval)
    if step is not None and step.decisions.filter(given_by=actor.user).exists():
        raise DomainError("You have said your word on this step.", code="already_decided")
    raise NotPermittedError(f"{actor.label} is not asked for this.", code="not_asked")


def refuse_changed(approval: Approval) -> None:
    """What is granted is what was asked: where the record has changed so that others would be asked, nothing is."""
    subject = subject_of(approval, locked=True)
    if subject is None:
        raise DomainError(f"{approval.subject_name} is no longer there.", code="subject_gone")
    plan = definition_of(approval.rules)
    facts = action_of(approval.action).facts(subject)
    fits = plan.branch_for(plain({**facts, **approval.values}))
    if fits is None or fits.name != approval.branch:
        raise DomainError(
            f"{approval.subject_name} has changed since this was asked, so that others would decide. "
            "Reject it or let it be asked anew.",
            code="changed_since",
        )


def _closes(word: Word) -> bool:
    """Any one is enough, or this is the last; whoever a late step went to decides it alone."""
    if word.step.needs == Needs.ANY:
        return True
    asked = next(each for each in word.step.asked.all() if each.person_id == word.person.pk)
    if asked.is_escalation:
        return True
    escalated = {each.person_id for each in word.step.asked.all() if each.is_escalation}
    return not [
        each for each in still_asked(word.step) if each.pk != word.person.pk and each.pk not in escalated
    ]


def _note(word: Word, *, granted: bool, closes: bool, reason: str, actor: Actor) -> ApprovalDecision:
    decision = ApprovalDecision(
        step=word.step,
        person=word.person,
        given_by=actor.user,
        is_granted=granted,
        closes_step=closes,
        reason=reason[:500],
        decided_at=clock.now(),
    )
    decision.save(force_insert=True)
    return decision


def names_of(decision: ApprovalDecision) -> str:
    """Both, where a deputy spoke."""
    person, giver = decision.person, decision.given_by
    return f"{giver} for {person}" if isinstance(person, User) and person != giver else str(giver)


def _in_words(approval: Approval, decision: ApprovalDecision) -> str:
    verb = "granted" if decision.is_granted else "rejected"
    return f"{approval}: {verb} by {names_of(decision)}" + (f": {decision.reason}" if decision.reason else "")


def _go_on(approval: Approval, *, summary: str, actor: Actor, step: int | None = None) -> None:
    """Said, but not yet decided: others of the step are still to say, or the next `step` opens."""
    before = {"step": approval.step, "words": ""}
    if step is not None:
        approval.step = step
        open_next(approval, definition_of(approval.rules), actor=actor)
        save_changes(approval, "step")
    after = {"step": approval.step, "words": summary}
    history.record(approval, before=before, after=after, actor=actor, category="APPROVAL", summary=summary)
    tell(approval)
