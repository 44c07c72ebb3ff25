"""Companies into territories: first shown, then moved, by sets and with a history row for each."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F

from crm.events import TerritoriesApplied
from crm.models import Company
from crm.selectors.placing import moving, territories_in_order
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.access_models import Territory
from gtmos.kernel.permissions import require
from gtmos.kernel.records import visible_to

SHOWN = 50
AT_ONCE = 2000


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
    rows = list(
        found.order_by("pk").values_list("pk", "falls_into", "territory", "owner", "team", "version", "name")
    )
    for start in range(0, len(rows), AT_ONCE):
        _apply(rows[start : start + AT_ONCE], territories, actor)
    if rows:
        events.publish(TerritoriesApplied(moved=len(rows)), actor=actor)
        live.push("workspace:all")
    return len(rows)


def _apply(rows: list[tuple[Any, ...]], territories: dict[UUID, Territory], actor: Actor) -> None:
    keys_of: dict[UUID, list[UUID]] = {}
    for key, target, *_ in rows:
        keys_of.setdefault(target, []).append(key)
    for target, keys in keys_of.items():
        values = _values(territories[target])
        Company.objects.filter(pk__in=keys).update(**values, version=F("version") + 1, updated_at=clock.now())
    history.record_many(
        Company,
        [
            (
                key,
                name,
                version + 1,
                {"territory": territories.get(before), "owner": owner, "team": team},
                {"territory": territories[target], **_after(territories[target], owner, team)},
            )
            for key, target, before, owner, team, version, name in rows
        ],
        actor=actor,
        category="TERRITORY",
    )


def _values(territory: Territory) -> dict[str, Any]:
    values: dict[str, Any] = {"territory": territory}
    if territory.owner_id is not None:
        values["owner"] = territory.owner_id
    if territory.team_id is not None:
        values["team"] = territory.team_id
    return values


def _after(territory: Territory, owner: UUID | None, team: UUID | None) -> dict[str, Any]:
    return {"owner": territory.owner_id or owner, "team": territory.team_id or team}
