"""The newest records as rules of routing would have given them away. Nothing is changed."""

from collections import Counter
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from crm.models import Company, Contact, RoutingVersion
from crm.selectors.routing import Given, Newcomer, Router, noun_of, turns_as_they_stand
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to

NOBODY = "Everybody"


@dataclass(frozen=True, slots=True)
class Tried:
    """One record, who has it and who would."""

    record: Newcomer
    given: Given

    @property
    def kind(self) -> str:
        return noun_of(self.record)

    @property
    def now(self) -> str:
        return str(self.record.owner or NOBODY)

    @property
    def after(self) -> str:
        """Where no rule fits it stays whose it is."""
        return str(self.given.owner or self.now)

    @property
    def moves(self) -> bool:
        return self.now != self.after


@dataclass(frozen=True, slots=True)
class Trial:
    """The newest records first; of each person how many they have and would have."""

    rows: tuple[Tried, ...]

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def fitting(self) -> int:
        return sum(bool(row.given.rule) for row in self.rows)

    @property
    def people(self) -> list[tuple[str, int, int]]:
        now, after = Counter(row.now for row in self.rows), Counter(row.after for row in self.rows)
        return [(name, now[name], after[name]) for name in sorted({*now, *after})]

    @property
    def by_rule(self) -> list[tuple[str, int]]:
        return Counter(row.given.rule for row in self.rows if row.given.rule).most_common()


def tried(version: RoutingVersion, leads: int, *, actor: Actor) -> Trial:
    """Given away in the order in which they came in, so that turns go round as they would have."""
    newest = sorted(_newest(leads, actor), key=attrgetter("created_at", "pk"))[-leads:]
    given = Router(version).give(newest, turns_as_they_stand)
    rows = [Tried(record, each) for record, each in zip(newest, given, strict=True)]
    return Trial(tuple(reversed(rows)))


def _newest(leads: int, actor: Actor) -> list[Any]:
    companies = Company.objects.select_related("owner", "territory", "parent")
    contacts = Contact.objects.select_related("owner", "company", "company__territory").filter(erased_at=None)
    return [
        record
        for records in (companies, contacts)
        for record in visible_to(actor, records).order_by("-created_at", "-pk")[:leads]
    ]
