"""The active rules of routing over what comes in, by every door. Where somebody said whose it is, it stays theirs."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm.models import RoutingTurn
from crm.selectors.routing import Given, Newcomer, Router, Turns, active_routing
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.sets import change_many

OWNED = ("owner", "team")
Handed = list[tuple[Newcomer, Change | None]]


def says_whose(values: Mapping[str, Any]) -> bool:
    """Somebody named an owner or a team; an empty box says nothing."""
    return any(values.get(name) is not None for name in OWNED)


def assign(records: Sequence[Newcomer], *, actor: Actor, cause_id: UUID | None = None) -> Handed:
    """Give new records their owners by the active rules; neither they nor their history are saved yet.

    What no rule fits stays whose it is. Teams whose turn is taken are held until the transaction ends.
    """
    router = router_now() if records else None
    if router is None:
        return []
    turns = HeldTurns()
    given = router.give(records, turns)
    turns.save()
    number = router.version.number
    pairs = zip(records, given, strict=True)
    return [(record, _hand(record, each, actor, cause_id, number)) for record, each in pairs if each.owner]


def router_now() -> Router | None:
    version = active_routing()
    return Router(version) if version else None


class HeldTurns:
    """The turns of teams: read and held when they are asked for, saved once they are taken."""

    def __init__(self) -> None:
        self.taken: Turns | None = None

    def __call__(self, teams: set[UUID]) -> Turns:
        self.taken = Turns(_held(teams))
        return self.taken

    def save(self) -> None:
        if self.taken is not None:
            change_many(list(self.taken.rows.values()), ["last_user", "place", "given"])


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
    note = note_of(record, given, actor=actor, cause_id=cause_id, number=number)
    record.owner, record.team = given.owner, given.team
    return note


def note_of(
    record: Newcomer, given: Given, *, actor: Actor, cause_id: UUID | None, number: int
) -> Change | None:
    """The row of history of a record that nobody has given away yet; None where it stays as it is."""
    return history.change_of(
        record,
        before=_until_now(record, actor),
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
