"""Reading searches: who sees which, how far one is, and why it found nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.records import visible_to
from outreach.enums import ResearchState
from outreach.models import ResearchJob, SavedSearch
from outreach.scoring.chips import NAMES
from outreach.scoring.criteria import OUT

UNFINISHED = (ResearchState.QUEUED, ResearchState.PROCESSING)


def visible_researches(*, actor: Actor) -> QuerySet[ResearchJob]:
    return visible_to(actor, ResearchJob.objects.select_related("owner", "parent", "saved_search"))


def get_research(key: UUID | str, *, actor: Actor) -> ResearchJob:
    found = visible_researches(actor=actor).filter(pk=key).first()
    if found is None:
        raise NotFoundError("There is no such search, or you may not see it.", code="not_found")
    return found


def visible_searches(*, actor: Actor) -> QuerySet[SavedSearch]:
    """One's own, and those that others share with everybody."""
    searches = SavedSearch.objects.select_related("owner", "last_job")
    own = visible_to(actor, SavedSearch.objects.all()).values("pk")
    return searches.filter(Q(pk__in=own) | Q(is_shared=True))


def get_search(key: UUID | str, *, actor: Actor) -> SavedSearch:
    found = visible_searches(actor=actor).filter(pk=key).first()
    if found is None:
        raise NotFoundError("There is no such saved search, or you may not see it.", code="not_found")
    return found


def waiting_jobs(*, queued_before: datetime) -> list[UUID]:
    """Searches that nobody is working on: their bell was lost, or their worker died."""
    now = timezone.now()
    lost = Q(state=ResearchState.QUEUED, created_at__lt=queued_before)
    died = Q(state=ResearchState.PROCESSING, lease_until__lt=now)
    return list(
        ResearchJob.objects.filter(lost | died).order_by("created_at").values_list("pk", flat=True)[:50]
    )


def is_running(job: ResearchJob) -> bool:
    return job.state in UNFINISHED


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What one criterion did to the rows that were examined."""

    slot: str
    name: str
    rows: int
    unknown: int
    alone: int
    noun: str

    @property
    def sentence(self) -> str:
        """How many, of how many nothing is known, and how many would be results without this criterion."""
        text = f"{wording.plural(self.rows, *self._nouns)} left out"
        if self.unknown:
            text += f", of {wording.counted(self.unknown)} it is not known"
        return f"{text}. {wording.counted(self.alone)} by this alone." if self.alone else f"{text}."

    @property
    def alone_words(self) -> str:
        return f"{wording.plural(self.alone, *self._nouns)} more"

    @property
    def removable(self) -> bool:
        return self.slot in NAMES

    @property
    def _nouns(self) -> tuple[str, str]:
        return ("person", "people") if self.noun == "person" else ("company", "companies")


def left_out(job: ResearchJob) -> list[LeftOut]:
    """The criterion that alone kept out the most stands first."""
    rows = [_left_out(slot, counts) for slot, counts in job.left_out.items()]
    return sorted(rows, key=lambda row: (-row.alone, -row.rows, row.slot))


def _left_out(slot: str, counts: dict[str, Any]) -> LeftOut:
    name = "Left out by you" if slot == "excluded" else NAMES.get(slot.removeprefix(OUT), slot)
    noun = "person" if slot in {"titles", "min_grade", "excluded_people"} else "company"
    return LeftOut(slot, name, counts["rows"], counts["unknown"], counts["alone"], noun)
