"""Phrase tables loaded from the data files, and the scan that finds them in a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents.planner.text import TOKEN, Span, Text

DATA = Path(__file__).parent.parent / "data"
LONGEST = 5
LEAST_PLURAL = 7
# Short forms of places that no everyday word shares, in small letters too.
UNMISTAKABLE = frozenset(["uk", "eu", "hk", "uae", "nyc"])
US_STATES = [
    "AL",
    "AK",
    "AZ",
    "AR",
    "CA",
    "CO",
    "CT",
    "DE",
    "FL",
    "GA",
    "HI",
    "ID",
    "IL",
    "IN",
    "IA",
    "KS",
    "KY",
    "LA",
    "ME",
    "MD",
    "MA",
    "MI",
    "MN",
    "MS",
    "MO",
    "MT",
    "NE",
    "NV",
    "NH",
    "NJ",
    "NM",
    "NY",
    "NC",
    "ND",
    "OH",
    "OK",
    "OR",
    "PA",
    "RI",
    "SC",
    "SD",
    "TN",
    "TX",
    "UT",
    "VT",
    "VA",
    "WA",
    "WV",
    "WI",
    "WY",
]
_STATE_NAMES = [
    "Alabama",
    "Alaska",
    "Arizona",
    "Arkansas",
    "California",
    "Colorado",
    "Connecticut",
    "Delaware",
    "Florida",
    "Georgia",
    "Hawaii",
    "Idaho",
    "Illinois",
    "Indiana",
    "Iowa",
    "Kansas",
    "Kentucky",
    "Louisiana",
    "Maine",
    "Maryland",
    "Massachusetts",
    "Michigan",
    "Minnesota",
    "Mississippi",
    "Missouri",
    "Montana",
    "Nebraska",
    "Nevada",
    "New_Hampshire",
    "New_Jersey",
    "New_Mexico",
    "New_York",
    "North_Carolina",
    "North_Dakota",
    "Ohio",
    "Oklahoma",
    "Oregon",
    "Pennsylvania",
    "Rhode_Island",
    "South_Carolina",
    "South_Dakota",
    "Tennessee",
    "Texas",
    "Utah",
    "Vermont",
    "Virginia",
    "Washington",
    "West_Virginia",
    "Wisconsin",
    "Wyoming",
]
# Abbreviations that are no everyday words even in lower case.
SAFE_STATES = frozenset(["tx", "fl", "nj", "nc", "nv", "az", "ga", "ny", "tn", "wi", "mn"])


@dataclass(frozen=True, slots=True)
class Entry:
    """What a phrase stands for: its kind, its proper spelling and a shade ("word" for a doubtful place)."""

    kind: str
    value: str
    shade: str = ""


def phrase_key(text: str) -> str:
    return " ".join(TOKEN.findall(text.lower()))


def lines_of(name: str) -> Iterator[list[str]]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("|")


@cache
def table() -> dict[str, Entry]:
    """Every phrase of the industries, technologies, places and whole titles."""
    entries: dict[str, Entry] = {}
    for name, shade in lines_of("places.txt"):
        entries[phrase_key(name)] = Entry("place", name, shade)
    for name, *aliases in lines_of("place_aliases.txt"):
        for alias in (name, *aliases):
            entries[phrase_key(alias)] = Entry("place", name, "upper" if len(alias) <= 2 else "")
    for code, name in zip(US_STATES, _STATE_NAMES, strict=True):
        shade = "" if code.lower() in SAFE_STATES else "upper"
        entries.setdefault(code.lower(), Entry("place", name.replace("_", " "), shade))
    for file, kind in (("industries.txt", "industry"), ("technologies.txt", "technology")):
        for name, *aliases in lines_of(file):
            for alias in (name, *aliases):
                entries.setdefault(phrase_key(alias), Entry(kind, name))
    for name in ("software", "security services"):
        entries.setdefault(name, Entry("industry", name))
    return entries


def scan(text: Text) -> list[Span]:
    """All phrases of the table in the sentence, overlapping ones included."""
    entries, tokens = table(), text.tokens
    found = []
    for first in range(len(tokens)):
        key = ""
        for last in range(first, min(first + LONGEST, len(tokens))):
            key = f"{key} {tokens[last].low}" if key else tokens[last].low
            entry = entries.get(key) or _plural(entries, key)
            if entry is not None and _allowed(entry, text, first, last):
                found.append(Span(entry.kind, tokens[first].start, tokens[last].end, entry.value))
    return found


def _plural(entries: dict[str, Entry], key: str) -> Entry | None:
    """Trades are said in the plural too: "fintechs", "edtechs", "SaaSes" not."""
    if len(key) < LEAST_PLURAL or key[-1] != "s":
        return None
    entry = entries.get(key[:-1])
    return entry if entry is not None and entry.kind == "industry" else None


_PLACE_LEADS = frozenset(
    [
        "in", "from", "near", "around", "across", "outside", "within", "throughout", "based", "to", "for", "or",
        "and", "not", ",", "except", "without", "only",
    ]
)  # fmt: skip
_SURE_LEADS = frozenset(
    ["in", "from", "near", "around", "across", "outside", "within", "throughout", "based"]
)


def _allowed(entry: Entry, text: Text, first: int, last: int) -> bool:
    """A word that is also a place counts as one after "in" or "from", or when written as a name."""
    if entry.kind != "place" or not entry.shade:
        return True
    raw = text.raw[text.tokens[first].start : text.tokens[last].end]
    before = text.tokens[first - 1].low if first else ""
    if entry.shade == "upper":
        loose = (
            first == last
            and len(raw) == 2
            and before in _PLACE_LEADS
            and raw.lower() in {"us", "uk", "eu", "sf", "la", "dc", "hk"}
        )
        return (
            raw.isupper()
            or raw.lower() in UNMISTAKABLE
            or (loose and raw.lower() != "us")
            or (raw == "us" and before in {"in", "the"})
        )
    if entry.shade == "word":
        return before in _SURE_LEADS or (raw[0].isupper() and before in _PLACE_LEADS)
    return True
