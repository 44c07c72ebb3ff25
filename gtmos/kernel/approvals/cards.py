"""An approval as people see it: the question, exactly what it is about, the chain, and what they may do now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.actions import ApprovalAction, actions
from gtmos.kernel.approvals.enums import ApprovalState, Needs
from gtmos.kernel.approvals.models import Approval, ApprovalStep
from gtmos.kernel.approvals.selectors import open_step, still_asked, word_of
from gtmos.kernel.approvals.services.deciding import names_of
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import allows
from gtmos.kernel.records import subject_of as noun_of


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the chain. `tone` is that of a pill."""

    who: str
    words: str
    tone: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    approval: Approval
    question: str
    arguments: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    lines: list[Line]
    waits_for: str
    due_at: datetime | None
    is_late: bool
    in_name_of: str
    may_decide: bool
    may_withdraw: bool
    url: str

    @property
    def key(self) -> str:
        """For the id of its element."""
        return str(self.approval.pk)


def cards_of(approvals: Iterable[Approval], *, actor: Actor) -> list[Card]:
    return [card_of(each, actor=actor) for each in approvals]


def card_of(approval: Approval, *, actor: Actor) -> Card:
    action, step = actions().get(approval.action), open_step(approval)
    user = actor.user if actor.kind == "user" else None
    word = word_of(user, approval) if user and allows(actor, "kernel.decide_approval", approval) else None
    return Card(
        approval=approval,
        question=action.question(approval) if action else str(approval),
        arguments=_arguments(approval, action, actor),
        changes=_seen(action.changes(approval), action, actor) if action else [],
        lines=[_line(each, approval) for each in approval.steps.all()],
        waits_for=_names(still_asked(step)) if step else "",
        due_at=step.due_at if step else None,
        is_late=bool(step and step.due_at and step.due_at <= clock.now()),
        in_name_of=str(word.person) if word and word.person != user else "",
        may_decide=word is not None,
        may_withdraw=step is not None and user is not None and approval.requested_by_id == user.pk,
        url=action.url(approval) if action else "",
    )


def _arguments(approval: Approval, action: ApprovalAction | None, actor: Actor) -> list[dict[str, Any]]:
    given = [{"name": name, "value": value, "field": name} for name, value in approval.values.items()]
    return _seen(given, action, actor) if action else given


def _seen(rows: list[dict[str, Any]], action: ApprovalAction, actor: Actor) -> list[dict[str, Any]]:
    """Without the fields that the reader's role hides."""
    hidden = actor.user.standing.hidden(noun_of(action.model)) if actor.user else frozenset()
    return [each for each in rows if each.get("field") not in hidden]


def _names(people: list[User]) -> str:
    return ", ".join(map(str, people)) or "nobody"


def _line(step: ApprovalStep, approval: Approval) -> Line:
    decisions = list(step.decisions.all())
    if decisions:
        tone = "good" if decisions[-1].is_granted else "bad"
        said = "Granted" if decisions[-1].is_granted else "Rejected"
        who = ", ".join(names_of(each) for each in decisions)
        if step.closed_at is None:
            return Line(f"{who}, then {_names(still_asked(step))}", "Not all yet", "warn")
        return Line(who, said, tone, decisions[-1].reason)
    if step.opened_at is None:
        return Line(
            "Then the next step", "Later" if approval.state == ApprovalState.REQUESTED else "Not asked"
        )
    asked = [each.person for each in step.asked.all()] if step.closed_at else still_asked(step)
    several = len(asked) > 1
    who = _names(asked) + (f" ({'any one' if step.needs == Needs.ANY else 'all'})" if several else "")
    if step.closed_at is not None:
        return Line(who, "Not decided")
    return Line(who, "Late, escalated" if step.escalated_at else "Waiting", "warn")
