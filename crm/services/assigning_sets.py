"""The set form of `assigning`: of records alike in everything the rules look at, one is decided for all."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from crm.models import Company, Contact
from crm.selectors.routing import Given, Newcomer, Router
from crm.selectors.routing_likeness import Case, Row, cases
from crm.services.assigning import HeldTurns, note_of, router_now
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.models import Change

AT_ONCE = 10_000
WITH_HOME: dict[str, Callable[[], QuerySet[Any]]] = {
    "company": lambda: Company.objects.select_related("owner", "team", "territory", "parent"),
    "contact": lambda: Contact.objects.select_related("owner", "team", "company", "company__territory"),
}
# From the tables in which an import counts what it did.
MADE = {
    "company": "SELECT id FROM counted_company WHERE kind = 3 ORDER BY id",
    "contact": "SELECT id FROM counted_contact WHERE kind = 3 ORDER BY id",
}
# Nobody has seen them elsewhere yet, so their version stays.
GIVE = {
    "company": "UPDATE crm_company c SET owner_id = g.owner, team_id = g.team "
    "FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) g (id, owner, team) WHERE c.id = g.id",
    "contact": "UPDATE crm_contact c SET owner_id = g.owner, team_id = g.team "
    "FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) g (id, owner, team) WHERE c.id = g.id",
}


def route_imported(*, actor: Actor, cause_id: UUID) -> None:
    """Companies first: who has a company may get its people."""
    router = router_now()
    for noun, made in MADE.items() if router else ():
        if router is not None and router.is_about(noun):
            with connection.cursor() as cursor:
                cursor.execute(made)
                keys = [key for (key,) in cursor.fetchall()]
            route_made(noun, keys, actor=actor, cause_id=cause_id, router=router)


def route_made(
    noun: str, made: Sequence[UUID], *, actor: Actor, cause_id: UUID, router: Router | None = None
) -> int:
    """Give records that were just written their owners; a few statements for each few thousand of them."""
    router = router or router_now()
    if router is None or not router.is_about(noun):
        return 0
    routed = 0
    for start in range(0, len(made), AT_ONCE):
        rows = list(cases(noun, made[start : start + AT_ONCE], router.names[noun]))
        routed += _route(noun, rows, router, Note(actor, cause_id, router.version.number))
    return routed


class Note:
    """What is written of each that is given away: the same words for all that get the same in the same case."""

    def __init__(self, actor: Actor, cause_id: UUID, number: int) -> None:
        self.actor, self.cause_id, self.number = actor, cause_id, number
        self.samples: list[Change] = []
        self.rows: list[tuple[int, UUID, str]] = []
        self._place: dict[tuple[Case, UUID], int | None] = {}

    def add(self, row: Row, sample: Newcomer, given: Given) -> bool:
        """Whether anything is given by it."""
        key, called, case = row
        assert given.owner is not None
        alike = case, given.owner.pk
        if alike not in self._place:
            self._place[alike] = self._sample(sample, given)
        place = self._place[alike]
        if place is not None:
            self.rows.append((place, key, called))
        return place is not None

    def _sample(self, sample: Newcomer, given: Given) -> int | None:
        change = note_of(sample, given, actor=self.actor, cause_id=self.cause_id, number=self.number)
        if change is None:
            return None
        change.vector_searchable_text = change.vector_searchable_text.removeprefix(f"{sample}: ")
        self.samples.append(change)
        return len(self.samples) - 1


def _route(noun: str, rows: Sequence[Row], router: Router, note: Note) -> int:
    samples = _samples(noun, rows)
    decided = {case: (sample, router.line_for(sample)) for case, sample in samples.items()}
    turns = HeldTurns()
    given = router.give_by([decided[case] for _, _, case in rows], turns)
    turns.save()
    found = [(row, each) for row, each in zip(rows, given, strict=True) if each.owner]
    changed = [(row[0], each) for row, each in found if note.add(row, samples[row[2]], each)]
    _give(noun, changed)
    history.record_alike(note.samples, note.rows)
    return len(found)


def _samples(noun: str, rows: Iterable[Row]) -> dict[Case, Newcomer]:
    """One record of each case, as it is."""
    first: dict[Case, UUID] = {}
    for key, _, case in rows:
        first.setdefault(case, key)
    records = WITH_HOME[noun]().defer("search_text").in_bulk(list(first.values()))
    return {case: records[key] for case, key in first.items()}


def _give(noun: str, given: Sequence[tuple[UUID, Given]]) -> None:
    if not given:
        return
    keys = [key for key, _ in given]
    owners = [each.owner.pk for _, each in given if each.owner]
    teams = [each.team.pk if each.team else None for _, each in given]
    with connection.cursor() as cursor:
        cursor.execute(GIVE[noun], [keys, owners, teams])
