"""Whether a company is in a wanted place: a city, a region, a country or a part of the world."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from crm.intake.countries import country
from crm.intake.places import city_key, place
from crm.intake.text import fold

_DACH = "DE AT CH"
_NORDICS = "DK FI IS NO SE"
_BENELUX = "BE NL LU"
_UK_AND_IRELAND = "GB IE"
_EUROPE = (
    f"{_DACH} {_NORDICS} {_BENELUX} {_UK_AND_IRELAND} AD AL BA BG BY CY CZ EE ES FR GR HR HU IT LI LT LV MC MD ME MK "
    "MT PL PT RO RS SI SK SM UA VA XK"
)
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_MIDDLE_EAST = "AE BH IL IQ IR JO KW LB OM PS QA SA SY TR YE"
_AFRICA = (
    "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG "
    "RW SC SD SL SN SO SS ST SZ TD TG TN TZ UG ZA ZM ZW"
)
_SOUTH_EAST_ASIA = "BN ID KH LA MM MY PH SG TH TL VN"
_ASIA = f"{_SOUTH_EAST_ASIA} AF BD BT CN HK IN JP KG KP KR KZ LK MN MO MV NP PK TJ TM TW UZ"
_OCEANIA = "AU FJ NZ PG"
_LATIN_AMERICA = "AR BO BR CL CO CR CU DO EC GT HN HT JM MX NI PA PE PR PY SV TT UY VE"
_WORLD = {
    "dach": _DACH,
    "nordics": _NORDICS,
    "scandinavia": "DK NO SE",
    "benelux": _BENELUX,
    "europe": _EUROPE,
    "european union": _EU,
    "eu": _EU,
    "emea": f"{_EUROPE} {_MIDDLE_EAST} {_AFRICA}",
    "middle east": _MIDDLE_EAST,
    "africa": _AFRICA,
    "asia": _ASIA,
    "south east asia": _SOUTH_EAST_ASIA,
    "southeast asia": _SOUTH_EAST_ASIA,
    "apac": f"{_ASIA} {_OCEANIA}",
    "asia pacific": f"{_ASIA} {_OCEANIA}",
    "oceania": _OCEANIA,
    "anz": "AU NZ",
    "north america": "US CA MX",
    "latin america": _LATIN_AMERICA,
    "latam": _LATIN_AMERICA,
    "south america": "AR BO BR CL CO EC PE PY UY VE",
}


class Wanted(NamedTuple):
    """Every reading of a place's name; a company that suits one of them is there."""

    city: str
    region: str
    countries: frozenset[str]


class Spot(NamedTuple):
    """One place of a company."""

    city: str
    region: str
    country: str


@lru_cache(maxsize=4096)
def wanted(name: str) -> Wanted:
    text = " ".join(fold(name).replace("-", " ").split())
    plain = text.removeprefix("the ")
    if plain in _WORLD:
        return Wanted("", "", frozenset(_WORLD[plain].split()))
    if plain.endswith(" state"):
        return Wanted("", plain.removesuffix(" state"), frozenset())
    city = city_key(name)
    if city != plain:
        # A nickname or a spelling of a city that we know ("NYC"); nothing else is meant.
        return Wanted(city, "", frozenset())
    code = country(name).code
    region = "" if city in _CITIES_BEFORE_STATES else plain
    return Wanted("" if code else city, region, frozenset({code} if code else ()))


# Said without "state" the city is meant.
_CITIES_BEFORE_STATES = frozenset({"new york", "washington"})


def is_in(want: Wanted, spots: Iterable[Spot]) -> bool:
    return any(_matches(want, spot) for spot in spots)


def _matches(want: Wanted, spot: Spot) -> bool:
    if spot.country and spot.country in want.countries:
        return True
    if want.city and spot.city and city_key(spot.city) == want.city:
        return True
    return bool(want.region and spot.region and fold(spot.region) == want.region)


@lru_cache(maxsize=16384)
def spot_of(text: str) -> Spot:
    """A place as lists write it: "Emeryville, CA, USA"."""
    found = place(text)
    return Spot(found.city, found.region, found.country_code)
