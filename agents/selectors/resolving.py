"""From the names in a plan to the actor's own records. Two that fit are a question, never a guess."""

from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from crm.models import Company, Contact, Deal
from crm.selectors.companies import visible_companies
from crm.selectors.contacts import visible_contacts
from crm.selectors.deals import visible_deals
from gtmos.context.models import Product
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import User
from gtmos.kernel.people.selectors import active_users
from gtmos.kernel.records import visible_to
from outreach.models import Campaign, ResearchJob, SavedSearch
from outreach.selectors.research import visible_searches

M = TypeVar("M", bound=Model)
MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record that the words fit; `value` is what the slot receives when it is chosen."""

    value: str
    title: str
    detail: str = ""


class ClarifyError(DomainError):
    """The words fit no record, or more than one. Nothing was changed."""

    def __init__(self, question: str, *, slot: str, candidates: tuple[Candidate, ...] = ()) -> None:
        super().__init__(question, code="clarify", missing=(slot,))
        self.slot = slot
        self.candidates = candidates


@dataclass(slots=True)
class Call:
    """One tool call under way: who acts, what the thread and the screen mean, and what names became.

    `is_approved`: a person has confirmed exactly this, or it is only rehearsed.
    """

    actor: Actor
    context: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    step_id: UUID | None = None
    resolved: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_approved: bool = False

    def company(self, words: str, slot: str = "company") -> Company:
        return self._one(visible_companies(actor=self.actor), words, slot)

    def contact(self, words: str, slot: str = "contact", *, within: UUID | None = None) -> Contact:
        """`within`: at this company, when one was said; elsewhere only when nobody there has the name."""
        people = visible_contacts(actor=self.actor)
        there = people.filter(company=within)
        return self._one(there if within and self._matching(there, words) else people, words, slot)

    def deal(self, words: str, slot: str = "deal") -> Deal:
        return self._one(visible_deals(actor=self.actor), words, slot)

    def campaign(self, words: str, slot: str = "campaign") -> Campaign:
        return self._one(visible_to(self.actor, Campaign.objects.all()), words, slot)

    def saved_search(self, words: str, slot: str = "audience_ref") -> SavedSearch:
        return self._one(visible_searches(actor=self.actor), words, slot)

    def product(self, words: str, slot: str = "product") -> Product:
        return self._one(Product.objects.all(), words, slot)

    def user(self, words: str, slot: str = "owner") -> User:
        if words.strip().lower() in {"me", "myself", "i"} and self.actor.user is not None:
            return self.actor.user
        return self._one(active_users(actor=self.actor), words, slot)

    def last_research(self) -> ResearchJob:
        """The search that "the prospects I just found" are from: the open one, else the thread's last."""
        jobs = visible_to(self.actor, ResearchJob.objects.all())
        focus = self.context.get("focus") or {}
        keys = [focus.get("id") if focus.get("type") == "research" else None]
        keys.append((self.context.get("last_search") or {}).get("id"))
        for key in filter(None, keys):
            job = jobs.filter(pk=key).first()
            if job is not None:
                self._note("research", job)
                return job
        raise ClarifyError("There is no search in this thread yet. Whom should I look for?", slot="audience")

    def last_campaign(self) -> Campaign | None:
        """The campaign whose test was worked on last, for "like the last test"."""
        key = (self.context.get("last_test") or {}).get("id")
        return visible_to(self.actor, Campaign.objects.all()).filter(pk=key).first() if key else None

    def _one(self, records: QuerySet[M], words: str, slot: str) -> M:
        found = self._matching(records, words)
        noun = str(records.model._meta.verbose_name)
        if len(found) == 1:
            self._note(slot, found[0])
            return found[0]
        if not found:
            raise ClarifyError(f"I know no {noun} called {words}. Which one do you mean?", slot=slot)
        raise ClarifyError(
            f"Which {noun} called {words}?",
            slot=slot,
            candidates=tuple(Candidate(str(row.pk), str(row), detail_of(row)) for row in found),
        )

    def _matching(self, records: QuerySet[M], words: str) -> list[M]:
        key = _as_uuid(words)
        if key is not None:
            return list(records.filter(pk=key))
        found = list(records.filter(name__iexact=words.strip())[:MOST_CANDIDATES])
        if len(found) > 1:
            found = self._focused(found) or found
        return found

    def _focused(self, found: list[M]) -> list[M]:
        """Of several with the same name, the one that is open on the screen."""
        key = (self.context.get("focus") or {}).get("id")
        return [row for row in found if str(row.pk) == key]

    def _note(self, slot: str, row: Model) -> None:
        self.resolved[slot] = {
            "type": row._meta.label_lower,
            "id": str(row.pk),
            "name": str(row),
            "version": getattr(row, "version", 0),
        }


def detail_of(row: Model) -> str:
    """What tells two records of one name apart."""
    if isinstance(row, Contact):
        return ", ".join(filter(None, [row.title, row.company.name if row.company else "", row.email]))
    if isinstance(row, Deal):
        return ", ".join(filter(None, [row.company.name if row.company else "", row.stage.name]))
    if isinstance(row, Company):
        return ", ".join(filter(None, [row.domain, row.city]))
    return row.email if isinstance(row, User) else ""


def _as_uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
