"""Which companies fall into which territory, decided inside the query."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, UUIDField, Value, When

from crm.models import Company
from gtmos.kernel.people.access_models import Territory
from gtmos.kernel.pictures import Picture


def fits(conditions: Mapping[str, Any]) -> Q:
    """All that is said has to hold; a named account fits whatever else is said. Nothing said fits nothing."""
    rest = [
        _any_of(column, conditions[key])
        for key, column in (
            ("countries", "country_hq"),
            ("regions", "region"),
            ("industries", "industry_vertical"),
        )
        if conditions.get(key)
    ]
    for key, lookup in (("employees_from", "employee_size__gte"), ("employees_to", "employee_size__lte")):
        if key in conditions:
            rest.append(Q(**{lookup: conditions[key]}))
    together = Q(*rest) if rest else Q(pk__in=[])
    return _any_of("domain", conditions.get("domains", ())) | together


def _any_of(column: str, words: Iterable[str]) -> Q:
    """Whatever the case it is written in."""
    fitting = Q(pk__in=[])
    for word in words:
        fitting |= Q(**{f"{column}__iexact": word.strip()})
    return fitting


def territories_in_order() -> list[Territory]:
    """The lowest in the tree first, then by priority: what fits two goes to the first."""
    return _in_order(list(Territory.objects.select_related("owner", "team")))


def _in_order(territories: list[Territory]) -> list[Territory]:
    parents = {each.pk: each.parent_id for each in territories}
    return sorted(territories, key=lambda each: (-_depth(each.pk, parents), each.priority, each.name))


def kept_territories() -> tuple[Territory, ...]:
    """The same, from memory: for those who place what comes in. Owner and team are known by their keys."""
    return _TERRITORIES.now()


def _depth(key: UUID | None, parents: Mapping[UUID, UUID | None]) -> int:
    depth = 0
    while key is not None and depth <= len(parents):
        key, depth = parents[key], depth + 1
    return depth


def placed(companies: QuerySet[Company], territories: Iterable[Territory]) -> QuerySet[Any]:
    """Each company with the territory that it falls into as `falls_into`; named accounts before all others."""
    whens = [
        When(_any_of("domain", each.conditions["domains"]), then=Value(each.pk))
        for each in territories
        if each.conditions.get("domains")
    ]
    whens += [When(fits(each.conditions), then=Value(each.pk)) for each in territories if each.conditions]
    place = Case(*whens, default=Value(None), output_field=UUIDField()) if whens else Value(None, UUIDField())
    return companies.annotate(falls_into=place)


def moving(companies: QuerySet[Company], territories: Iterable[Territory]) -> QuerySet[Any]:
    """Only those that would stand elsewhere. What falls into none stays where it is."""
    found = placed(companies, territories).filter(falls_into__isnull=False)
    return found.exclude(territory__isnull=False, territory=F("falls_into"))


_TERRITORIES = Picture(lambda: tuple(_in_order(list(Territory.objects.all()))))
