"""Deciding on what a search found: select, dismiss, and take a decision back as a whole."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from gtmos.kernel import events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from outreach.enums import ProspectState
from outreach.events import ProspectsDecided
from outreach.models import Prospect, ResearchJob
from outreach.scoring.formulas import GRADES
from outreach.selectors.prospects import graded_from, graded_to, named, prospects_of

S = ProspectState


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision changed. `states` are those from before, for `restore_prospects`; `blocked` were left as they are."""

    id: UUID
    states: dict[str, str] = field(default_factory=dict)
    blocked: int = 0

    @property
    def count(self) -> int:
        return len(self.states)


@transaction.atomic
def select_prospects(
    job: ResearchJob,
    *,
    actor: Actor,
    prospects: Iterable[Prospect] | None = None,
    top_n: int | None = None,
    min_grade: str | None = None,
    max_grade: str | None = None,
    names: Iterable[str] | None = None,
) -> Decision:
    """Choose some, or everybody who was not dismissed. Who may not be written to is left out and counted."""
    chosen = _chosen(job, prospects, names, (min_grade, max_grade), actor=actor)
    if prospects is None and names is None:
        chosen = chosen.exclude(state=S.DISMISSED)
    blocked = chosen.exclude(blocked_reason="").count()
    chosen = chosen.filter(blocked_reason="")
    return _decide(job, _top(chosen, top_n), S.SELECTED, blocked=blocked, actor=actor)


@transaction.atomic
def select_one(prospect: Prospect, *, actor: Actor) -> Decision:
    """Choose one person; whoever may not be written to is refused with the reason."""
    require(actor, "outreach.decide_prospects", prospect.job)
    if prospect.blocked_reason:
        raise DomainError(f"{prospect} cannot be written to: {prospect.blocked_reason}.", code="blocked")
    return select_prospects(prospect.job, prospects=[prospect], actor=actor)


@transaction.atomic
def dismiss_prospects(
    job: ResearchJob,
    *,
    actor: Actor,
    prospects: Iterable[Prospect] | None = None,
    top_n: int | None = None,
    min_grade: str | None = None,
    max_grade: str | None = None,
    names: Iterable[str] | None = None,
) -> Decision:
    """Put some aside. They stay in the search and can be brought back."""
    chosen = _chosen(job, prospects, names, (min_grade, max_grade), actor=actor)
    return _decide(job, _top(chosen, top_n), S.DISMISSED, blocked=0, actor=actor)


@transaction.atomic
def restore_prospects(states: Mapping[str, str], *, actor: Actor) -> int:
    """Give each prospect the state it had; `states` is prospect → state, as a decision returned it."""
    if set(states.values()) - set(S.values):
        raise InvalidInputError("A prospect is new, selected or dismissed.", code="unknown_state")
    job_ids = set(Prospect.objects.filter(pk__in=list(states)).values_list("job_id", flat=True))
    restored = 0
    for job in ResearchJob.objects.filter(pk__in=job_ids).order_by("pk"):
        require(actor, "outreach.decide_prospects", job)
        for state in S.values:
            own = [key for key, before in states.items() if before == state]
            rows = prospects_of(job, actor=actor).filter(pk__in=own).values("pk")
            restored += Prospect.objects.filter(pk__in=rows).update(
                state=state, previous_state="", decision=None, updated_at=timezone.now()
            )
        _tell(job, S.NEW, restored, actor)
    return restored


@transaction.atomic
def undo_decision(job: ResearchJob, decision: UUID, *, actor: Actor) -> int:
    """Take a decision back as a whole. Those who were decided on again since keep their newer state."""
    require(actor, "outreach.decide_prospects", job)
    rows = prospects_of(job, actor=actor).filter(decision=decision).values("pk")
    undone = Prospect.objects.filter(pk__in=rows).update(
        state=F("previous_state"), previous_state="", decision=None, updated_at=timezone.now()
    )
    if not undone:
        raise DomainError("This decision was already taken back or replaced.", code="nothing_to_undo")
    _tell(job, S.NEW, undone, actor)
    return undone


def _chosen(
    job: ResearchJob,
    prospects: Iterable[Prospect] | None,
    names: Iterable[str] | None,
    grades: tuple[str | None, str | None],
    *,
    actor: Actor,
) -> QuerySet[Prospect]:
    require(actor, "outreach.decide_prospects", job)
    chosen = prospects_of(job, actor=actor)
    if prospects is not None:
        chosen = chosen.filter(pk__in=[prospect.pk for prospect in prospects])
    if names is not None:
        chosen = _by_name(chosen, list(names))
    least, most = (_grade(letter) for letter in grades)
    if least:
        chosen = graded_from(chosen, least)
    return graded_to(chosen, most) if most else chosen


def _by_name(chosen: QuerySet[Prospect], names: list[str]) -> QuerySet[Prospect]:
    for name in names:
        if not name.strip() or not named(chosen, [name]).exists():
            raise InvalidInputError(f"{name} is not among the results.", code="unknown_name")
    return named(chosen, names)


def _grade(letter: str | None) -> str | None:
    if not letter:
        return None
    if letter.upper() not in dict(GRADES):
        raise InvalidInputError(
            f"{letter} is no grade. There are: {', '.join(dict(GRADES))}.", code="unknown_grade"
        )
    return letter.upper()


def _top(chosen: QuerySet[Prospect], top_n: int | None) -> QuerySet[Prospect]:
    if top_n is None:
        return chosen
    if top_n < 1:
        raise InvalidInputError("Say how many, at least one.", code="bad_count")
    return chosen[:top_n]


def _decide(
    job: ResearchJob, chosen: QuerySet[Prospect], to: ProspectState, *, blocked: int, actor: Actor
) -> Decision:
    """Locked in the order of the keys, so that two decisions at once never wait for each other."""
    keys = list(chosen.values_list("pk", flat=True))
    rows = Prospect.objects.select_for_update().filter(pk__in=keys).exclude(state=to).order_by("pk")
    states = {str(pk): state for pk, state in rows.values_list("pk", "state")}
    decision = Decision(uuid.uuid4(), states, blocked)
    if states:
        Prospect.objects.filter(pk__in=list(states)).update(
            previous_state=F("state"), state=to, decision=decision.id, updated_at=timezone.now()
        )
        _tell(job, to, decision.count, actor)
    return decision


def _tell(job: ResearchJob, to: ProspectState, count: int, actor: Actor) -> None:
    events.publish(ProspectsDecided(job_id=job.pk, to=to, count=count), subject=job, actor=actor)
    live.push(f"research:{job.pk}", "decided")
