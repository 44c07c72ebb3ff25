"""Criteria in words, one chip for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outreach.scoring.criteria import OUT, Criteria

NAMES = {
    "titles": "Title",
    "seniority": "Level",
    "funding_stages": "Stage",
    "industries": "Industry",
    "locations": "Place",
    "signals": "Signal",
    "signal_detail": "About",
    "headcount": "Size",
    "revenue": "Revenue",
    "technologies": "Technology",
    "segment": "Segment",
    "companies": "Company",
    "similar_to": "Like",
    "min_grade": "Grade",
    "limit": "At most",
}
WORDS = {
    "c_level": "C level",
    "vp": "VP",
    "ic": "individual contributor",
    "mid_market": "mid-market",
    "smb": "small business",
    "startup": "start-up",
    "leadership_change": "new leader",
    "tech_change": "technology change",
    "website_visit": "visited our site",
    "product_usage": "uses the product",
}


@dataclass(frozen=True, slots=True)
class Chip:
    slot: str
    name: str
    value: str


def chips(criteria: Criteria) -> list[Chip]:
    """In the order in which people read them: who, where, when, and what is left out."""
    found = [
        Chip(slot, name, words(slot, criteria[slot])) for slot, name in NAMES.items() if criteria.get(slot)
    ]
    found += [
        Chip(OUT + slot, f"Not {name.lower()}", words(slot, criteria[OUT + slot]))
        for slot, name in NAMES.items()
        if criteria.get(OUT + slot)
    ]
    return found


def words(slot: str, value: Any) -> str:
    if isinstance(value, list):
        # Every wanted signal has to be there; of anything else one is enough.
        joiner = " and " if slot == "signals" else " or "
        return joiner.join(_one(slot, item) for item in value)
    if isinstance(value, Mapping):
        return _range(value)
    return f"{value} and better" if slot == "min_grade" and value != "A+" else str(value)


def _one(slot: str, item: str) -> str:
    return WORDS.get(item, item) if slot in {"seniority", "segment", "signals"} else item


def _range(value: Mapping[str, Any]) -> str:
    low, high = (_end(value.get(end)) for end in ("min", "max"))
    if low and high:
        return f"{low} to {high}"
    return f"{low} and more" if low else f"up to {high}"


def _end(end: Any) -> str:
    if end is None:
        return ""
    if isinstance(end, Mapping):
        return f"{end['currency']} {end['amount']:,.0f}"
    return f"{end:,}"


def title_of(criteria: Criteria) -> str:
    """A short name for a search that nobody named: "CMO, Series B, Fintech, New York"."""
    leading = ("titles", "seniority", "funding_stages", "industries", "locations", "signals")
    first = [words(slot, criteria[slot]) for slot in leading if criteria.get(slot)]
    text = ", ".join(first or [chip.value for chip in chips(criteria)])
    text = text[:1].upper() + text[1:]
    return text if len(text) <= 200 else f"{text[:199]}…"
