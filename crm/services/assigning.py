"""The active rules of routing over what comes in, by every door. Where somebody said whose it is, it stays theirs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from crm.models import Company, Contact, RoutingTurn
from crm.selectors.routing import Given, Newcomer, Router, Turns, active_routing
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.sets import change_many, insert_many

AT_ONCE = 2000
OWNED = ("owner", "team")
WITH_HOME: dict[str, Callable[[], QuerySet[Any]]] = {
    "company": lambda: Company.objects.select_related("owner", "team", "territory", "parent"),
    "contact": lambda: Contact.objects.select_related("owner", "team", "company", "company__territory"),
}
# From the tables in which an import counts what it did.
MADE = {
    "company": "SELECT id FROM counted_company WHERE kind = 3 ORDER BY id",
    "contact": "SELECT id FROM counted_contact WHERE kind = 3 ORDER BY id",
}
Handed = list[tuple[Newcomer, Change | None]]


def says_whose(values: Mapping[str, Any]) -> bool:
    """Somebody named an owner or a team; an empty box says nothing."""
    return any(values.get(name) is not None for name in OWNED)


def assign(
    records: Sequence[Newcomer],
    *,
    actor: Actor,
    cause_id: UUID | None = None,
    router: Router | None = None,
) -> Handed:
    """Give new records their owners by the active rules; neither they nor their history are saved yet.

    What no rule fits stays whose it is. Teams whose turn is taken are held until the transaction ends.
    """
    router = router or (_router() if records else None)
    if router is None:
        return []
    turns: list[Turns] = []

    def hold(teams: set[UUID]) -> Turns:
        turns.append(Turns(_held(teams)))
        return turns[0]

    given = router.give(records, hold)
    for each in turns:
        change_many(list(each.rows.values()), ["last_user", "place", "given"])
    number = router.version.number
    pairs = zip(records, given, strict=True)
    return [(record, _hand(record, each, actor, cause_id, number)) for record, each in pairs if each.owner]


def _router() -> Router | None:
    version = active_routing()
    return Router(version) if version else None


def _held(teams: set[UUID]) -> list[RoutingTurn]:
    """In one order, so that two who hand out in several teams wait for each other instead of forever."""
    rows = RoutingTurn.objects.select_for_update(of=("self",)).filter(team__in=teams).order_by("team_id")
    found = list(rows)
    missing = sorted(teams - {row.team_id for row in found})
    if not missing:
        return found
    RoutingTurn.objects.bulk_create([RoutingTurn(team_id=key) for key in missing], ignore_conflicts=True)
    return list(rows.all())


def _hand(record: Newcomer, given: Given, actor: Actor, cause_id: UUID | None, number: int) -> Change | None:
    before = _until_now(record, actor)
    record.owner, record.team = given.owner, given.team
    return history.change_of(
        record,
        before=before,
        after={"owner": given.owner, "team": given.team},
        actor=actor,
        category="ROUTING",
        summary=f"Given to {given.owner} by the rule “{given.rule}”, routing version {number}: {given.why}",
        cause_id=cause_id,
    )


def _until_now(record: Newcomer, actor: Actor) -> dict[str, Any]:
    """Whoever brought it in has it only because nobody was named."""
    if actor.user is not None and record.owner_id == actor.user.pk:
        return dict.fromkeys(OWNED)
    return {name: getattr(record, name) for name in OWNED}


def route_made(
    noun: str, made: Sequence[UUID], *, actor: Actor, cause_id: UUID, router: Router | None = None
) -> int:
    """The set form, for records that were just written: a few statements for each few thousand of them."""
    router = router or _router()
    if router is None or not router.is_about(noun):
        return 0
    routed = 0
    for start in range(0, len(made), AT_ONCE):
        records = _read(noun, made[start : start + AT_ONCE])
        routed += _save(assign(records, actor=actor, cause_id=cause_id, router=router))
    return routed


def _read(noun: str, keys: Sequence[UUID]) -> list[Newcomer]:
    """By their keys, as one array: of rows that were just written the database knows no numbers to plan by."""
    named = RawSQL("SELECT unnest(%s::uuid[])", [list(keys)])
    return list(WITH_HOME[noun]().filter(pk__in=named).defer("search_text").order_by("pk"))


def route_imported(*, actor: Actor, cause_id: UUID) -> None:
    """Companies first: who has a company may get its people."""
    router = _router()
    for noun, made in MADE.items() if router else ():
        if router is not None and router.is_about(noun):
            with connection.cursor() as cursor:
                cursor.execute(made)
                keys = [key for (key,) in cursor.fetchall()]
            route_made(noun, keys, actor=actor, cause_id=cause_id, router=router)


def _save(handed: Handed) -> int:
    """Nobody has seen them elsewhere yet, so their version stays."""
    change_many([record for record, change in handed if change], OWNED)
    insert_many([change for _, change in handed if change])
    return len(handed)
