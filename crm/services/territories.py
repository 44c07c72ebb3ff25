"""Companies into territories: first shown, then moved, by sets and with a history row for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, QuerySet

from crm.events import TerritoriesApplied
from crm.models import Company
from crm.selectors.placing import kept_territories, moving, territories_in_order
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.recording import Changed
from gtmos.kernel.people.access_models import Territory
from gtmos.kernel.permissions import require
from gtmos.kernel.records import visible_to

SHOWN = 50
AT_ONCE = 2000
COLUMNS = ("pk", "falls_into", "territory", "owner", "team", "version", "name")
# What the rules look at: a change of anything else moves nothing.
PLACED_BY = frozenset({"country_hq", "region", "industry_vertical", "employee_size", "domain"})
Row = tuple[Any, ...]
Planned = tuple[Row, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Move:
    """One company and where it would go; `owner` is who would have it afterwards."""

    company: Company
    before: str
    after: str
    owner: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How many would move into which territory, and the first of them."""

    total: int
    counts: tuple[tuple[str, int], ...]
    moves: tuple[Move, ...]


def preview_territories(*, actor: Actor) -> Preview:
    """What `apply_territories` would do now. Nothing is changed."""
    require(actor, "kernel.configure_territories")
    territories = territories_in_order()
    names = {each.pk: each for each in territories}
    found = moving(visible_to(actor, Company.objects.all()), territories)
    counted = found.order_by().values("falls_into").annotate(many=Count("pk")).order_by("-many")
    counts = tuple((names[row["falls_into"]].name, row["many"]) for row in counted)
    rows = found.select_related("territory", "owner").order_by("name", "pk")[:SHOWN]
    moves = tuple(_move(row, names[row.falls_into]) for row in rows)
    return Preview(sum(many for _, many in counts), counts, moves)


def _move(company: Company, target: Territory) -> Move:
    owner = target.owner or company.owner
    return Move(company, company.territory.name if company.territory else "", target.name, str(owner or ""))


@transaction.atomic
def apply_territories(*, actor: Actor) -> int:
    """Move every company to the territory it falls into; its owner and team follow where the territory has them."""
    require(actor, "kernel.configure_territories")
    territories = {each.pk: each for each in territories_in_order()}
    found = moving(visible_to(actor, Company.objects.all()), territories.values())
    rows = list(found.order_by("pk").values_list(*COLUMNS))
    _move_all(rows, territories, actor, takes_over=True)
    if rows:
        events.publish(TerritoriesApplied(moved=len(rows)), actor=actor)
        live.push("workspace:all")
    return len(rows)


def place_companies(companies: QuerySet[Company], *, actor: Actor, cause_id: UUID | None = None) -> int:
    """Into the territories that the rules say. Whose they are stays; only what is nobody's gets the territory's owner."""
    territories = {each.pk: each for each in kept_territories()}
    if not any(each.conditions for each in territories.values()):
        return 0
    rows = list(moving(companies.order_by("pk"), territories.values()).values_list(*COLUMNS))
    _move_all(rows, territories, actor, takes_over=False, cause_id=cause_id)
    return len(rows)


def place_company(company: Company, *, actor: Actor, cause_id: UUID | None = None) -> bool:
    """The row in hand says afterwards where it stands."""
    is_moved = bool(place_companies(Company.objects.filter(pk=company.pk), actor=actor, cause_id=cause_id))
    if is_moved:
        company.refresh_from_db(fields=["territory", "owner", "team", "version", "updated_at"])
    return is_moved


def _move_all(
    rows: list[Row],
    territories: Mapping[UUID, Territory],
    actor: Actor,
    *,
    takes_over: bool,
    cause_id: UUID | None = None,
) -> None:
    for start in range(0, len(rows), AT_ONCE):
        planned = [
            (row, _values(territories[row[1]], gives=takes_over or row[3] is row[4] is None))
            for row in rows[start : start + AT_ONCE]
        ]
        _save(planned)
        changes = [_change(row, values, territories) for row, values in planned]
        history.record_many(Company, changes, actor=actor, category="TERRITORY", cause_id=cause_id)


def _save(planned: list[Planned]) -> None:
    """One statement for all that get the same."""
    keys_of: dict[tuple[Any, ...], list[UUID]] = {}
    for row, values in planned:
        keys_of.setdefault(tuple(values.items()), []).append(row[0])
    for same, keys in keys_of.items():
        Company.objects.filter(pk__in=keys).update(
            **dict(same), version=F("version") + 1, updated_at=clock.now()
        )


def _change(row: Row, values: dict[str, Any], territories: Mapping[UUID, Territory]) -> Changed:
    key, _, before, owner, team, version, name = row
    was = {"territory": territories.get(before), "owner": owner, "team": team}
    return key, name, version + 1, was, values


def _values(territory: Territory, *, gives: bool) -> dict[str, Any]:
    values: dict[str, Any] = {"territory": territory}
    if gives and territory.owner_id is not None:
        values["owner"] = territory.owner_id
    if gives and territory.team_id is not None:
        values["team"] = territory.team_id
    return values
