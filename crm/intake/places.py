"""Cities, regions and whole addresses: one key per city, however it is written."""

import re
from functools import lru_cache
from typing import NamedTuple

from crm.intake.countries import Country, country
from crm.intake.text import clean, fold

_CITY_GROUPS = (
    "new york|new york city|nyc|ny|new york ny|manhattan|city of new york|nueva york",
    "san francisco|sf|sf bay area|san francisco bay area|bay area|greater san francisco",
    "los angeles|la|los angeles metropolitan",
    "washington|washington dc|washington d c|dc",
    "philadelphia|philly",
    "saint louis|st louis",
    "saint paul|st paul",
    "tampa|tampa bay",
    "bengaluru|bangalore",
    "mumbai|bombay",
    "chennai|madras",
    "kolkata|calcutta",
    "gurugram|gurgaon",
    "delhi|new delhi",
    "munich|munchen|muenchen",
    "cologne|koln|koeln",
    "nuremberg|nurnberg|nuernberg",
    "dusseldorf|duesseldorf",
    "frankfurt|frankfurt am main|frankfurt main",
    "hanover|hannover",
    "vienna|wien",
    "zurich|zuerich",
    "geneva|geneve|genf",
    "prague|praha",
    "warsaw|warszawa",
    "krakow|cracow",
    "copenhagen|kobenhavn|kopenhagen",
    "gothenburg|goteborg",
    "brussels|bruxelles|brussel",
    "antwerp|antwerpen",
    "the hague|den haag",
    "milan|milano",
    "rome|roma",
    "turin|torino",
    "florence|firenze",
    "lisbon|lisboa",
    "seville|sevilla",
    "bucharest|bucuresti",
    "moscow|moskva",
    "kyiv|kiev",
    "beijing|peking",
    "shenzhen|shenzen",
    "guangzhou|canton",
    "taipei|taipei city",
    "tel aviv|tel aviv yafo|tel aviv jaffa",
    "mexico city|ciudad de mexico|cdmx",
    "sao paulo|san pablo",
    "bogota|bogota d c|bogota dc",
    "ho chi minh city|saigon",
    "singapore|singapore city",
    "hong kong|hong kong city",
    "dubai|dubai city",
)
_CITY_KEYS = {name: group.split("|")[0] for group in _CITY_GROUPS for name in group.split("|")}
_AROUND = re.compile(
    r"^(?:greater|city of|metro)\s+|(?<!\s)\s+(?:metropolitan area|metro area|metro|area|metropolitan region)$"
)
_REMOTE = frozenset(
    {"remote", "partly remote", "fully remote", "distributed", "global", "worldwide", "anywhere"}
)
_US_STATES = """AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky
LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana
NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|OH Ohio
OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah
VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"""
_PROVINCES = """AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia
NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon"""


def _codes(block: str) -> dict[str, str]:
    return {entry[:2]: entry[3:] for entry in block.replace("\n", "|").split("|")}


_STATES = _codes(_US_STATES)
_CANADA = _codes(_PROVINCES)
_STATE_NAMES = {fold(name): name for name in _STATES.values()}


class Place(NamedTuple):
    """Where something is; every part may be empty."""

    city: str
    region: str
    country: str
    country_code: str


NOWHERE = Place("", "", "", "")


@lru_cache(maxsize=16384)
def city_key(text: str) -> str:
    """One key for a city: "New York", "NYC", "New York City" and "New York, NY, USA" give the same."""
    first = re.split(r"[,;(/]", text.strip(), maxsplit=1)[0]
    plain = " ".join(re.sub(r"[^\w]+|_", " ", fold(first).replace("'", "")).split())
    plain = re.sub(r"^st ", "saint ", plain)
    if plain in _CITY_KEYS:
        return _CITY_KEYS[plain]
    core = _AROUND.sub("", plain)
    return _CITY_KEYS.get(core, core)


@lru_cache(maxsize=4096)
def region_name(cell: str, country_code: str = "") -> str:
    """A state or province by its full name where the country says which list the letters are from."""
    text = cell.strip()
    table = {"US": _STATES, "CA": _CANADA}.get(country_code, {})
    return table.get(text.upper(), text)


@lru_cache(maxsize=16384)
def place(cell: str) -> Place:
    """Read "City", "City, Region, Country" or a postal address that ends in a country."""
    first = _first_place(cell)
    parts = [
        part for part in (clean(part) for part in first.split(",")) if part and part.lower() not in _REMOTE
    ]
    if not parts:
        return NOWHERE
    if len(parts) == 1:
        return _single(parts[0])
    land = country(parts[-1])
    if land.code and not (len(parts) == 2 and parts[-1].upper() in _STATES and not parts[-1].islower()):
        return _with_country(parts[:-1], land)
    return _without_country(parts)


def places(cell: str) -> tuple[Place, ...]:
    """Every place of a list such as "New York, NY, USA; New Delhi, DL, India; Remote"."""
    found = (place(part) for part in re.split(r"[;|\n]", cell))
    return tuple(dict.fromkeys(spot for spot in found if spot != NOWHERE))


def _first_place(cell: str) -> str:
    candidates = (part for part in re.split(r"[;|\n]", cell) if part.strip().lower() not in _REMOTE)
    return next((part for part in candidates if part.strip()), "")


def _single(text: str) -> Place:
    land = country(text)
    if land.code and not (len(text) == 2 and text.upper() in _STATES):
        city = text if land.name in {"Singapore", "Hong Kong", "Monaco", "Luxembourg"} else ""
        return Place(city, "", land.name, land.code)
    return Place(text, "", "", "")


def _with_country(before: list[str], land: Country) -> Place:
    if len(before) == 1:
        is_region = re.fullmatch(r"[A-Z]{2,3}", before[0]) is not None and before[0] not in {
            "NYC",
            "SF",
            "LA",
        }
        region = region_name(before[0], land.code)
        return (
            Place("", region, land.name, land.code)
            if is_region
            else Place(before[0], "", land.name, land.code)
        )
    if _looks_like_street(before[-2]):
        return Place(before[-1], "", land.name, land.code)
    return Place(before[-2], region_name(before[-1], land.code), land.name, land.code)


def _looks_like_street(text: str) -> bool:
    return re.search(r"\d", text) is not None


def _without_country(parts: list[str]) -> Place:
    last = re.sub(r"(?<!\s)\s+\d{5}(?:-\d{4})?$", "", parts[-1])
    state = _STATES.get(last.upper()) or _STATE_NAMES.get(fold(last))
    if state:
        return Place(parts[-2], state, "United States", "US")
    if last.upper() in _CANADA:
        return Place(parts[-2], _CANADA[last.upper()], "Canada", "CA")
    return Place(parts[0], parts[-1], "", "")
