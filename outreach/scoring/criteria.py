"""What a search asks for: the planner's slots, checked and in one spelling, and how a refinement changes them."""

from collections.abc import Callable, Mapping
from typing import Any

from crm.intake.industries import industry
from crm.intake.stages import funding_stage
from crm.intake.text import fold
from outreach.scoring.formulas import GRADES

Criteria = dict[str, Any]
ENTITIES = ("people", "companies")
SENIORITIES = ("founder", "c_level", "vp", "head", "director", "manager", "senior", "ic")
SIGNALS = (
    "hiring", "funding", "news", "leadership_change", "tech_change", "expansion", "website_visit", "review",
    "product_usage", "layoff",
)  # fmt: skip
SEGMENTS = ("enterprise", "mid_market", "smb", "startup")
OPERATIONS = ("narrow", "exclude", "replace", "widen")
RANGES = ("headcount", "revenue")
OUT = "exclude_"


class CriteriaError(ValueError):
    """A sentence that says which criterion cannot be used and why."""


def _word(value: object) -> str:
    text = " ".join(str(value).split())[:120]
    if not text:
        raise CriteriaError("A criterion is empty.")
    return text


def _one_of(name: str, allowed: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        key = fold(_word(value)).replace(" ", "_").replace("-", "_")
        if key not in allowed:
            raise CriteriaError(f"{value} is no {name}. There are: {', '.join(allowed)}.")
        return key

    return read


LISTS: dict[str, Callable[[object], str]] = {
    "titles": _word,
    "seniority": _one_of("seniority", SENIORITIES),
    "industries": lambda value: industry(_word(value)),
    "funding_stages": lambda value: funding_stage(_word(value)) or _word(value),
    "locations": _word,
    "signals": _one_of("signal", SIGNALS),
    "technologies": _word,
    "segment": _one_of("segment", SEGMENTS),
    "companies": _word,
}
# A search never names the companies it wants; it only leaves some out.
ASKED_LISTS = tuple(name for name in LISTS if name != "companies")


def read_criteria(raw: Mapping[str, Any]) -> Criteria:
    """The same criteria in one spelling; what is empty is left out."""
    found: Criteria = {}
    for name, value in raw.items():
        read = _read(name, value)
        if read not in (None, [], {}, ""):
            found[name] = read
    asks_people = bool(found.get("titles") or found.get("seniority"))
    found.setdefault("entity", "people" if asks_people else "companies")
    if len([name for name in found if name not in {"entity", "limit", "min_grade"}]) == 0:
        raise CriteriaError("Say whom to look for: a title, an industry, a place or another criterion.")
    return found


def _read(name: str, value: Any) -> Any:
    if value in (None, "", [], {}):
        return None
    base = name.removeprefix(OUT)
    if base in LISTS and (name != "companies"):
        return _read_list(base, value)
    if name in RANGES:
        return _read_range(name, value)
    reader = _SINGLES.get(name)
    if reader is None:
        raise CriteriaError(f"{name} is no criterion of a search.")
    return reader(value)


def _read_list(base: str, value: Any) -> list[str]:
    items = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return list(dict.fromkeys(LISTS[base](item) for item in items))


def _read_range(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or set(value) - {"min", "max"}:
        raise CriteriaError(f"{name} needs a least and a most, for example 50 to 200.")
    read = _money if name == "revenue" else _count
    ends = {end: read(value[end]) for end in ("min", "max") if value.get(end) not in (None, "")}
    low, high = (number_of(ends.get(end)) for end in ("min", "max"))
    if low is not None and high is not None and low > high:
        raise CriteriaError(f"The least {name} is larger than the most.")
    return ends


def number_of(end: Any) -> float | None:
    """The number of one end of a range."""
    if end is None:
        return None
    return float(end["amount"] if isinstance(end, Mapping) else end)


def _count(value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise CriteriaError(f"{value} is no number.") from None
    if number < 0:
        raise CriteriaError(f"{value} is below zero.")
    return number


def _positive(value: Any) -> int:
    number = _count(value)
    if not number:
        raise CriteriaError("At least one result has to be asked for.")
    return number


def _money(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        value = {"amount": value}
    try:
        amount = float(value["amount"])
    except (KeyError, TypeError, ValueError):
        raise CriteriaError("Revenue needs an amount and a currency.") from None
    return {"amount": amount, "currency": str(value.get("currency") or "USD").upper()[:3]}


def _grade(value: Any) -> str:
    letter = _word(value).upper()
    if letter not in dict(GRADES):
        raise CriteriaError(f"{value} is no grade. There are: {', '.join(dict(GRADES))}.")
    return letter


_SINGLES: dict[str, Callable[[Any], Any]] = {
    "entity": _one_of("kind of result", ENTITIES),
    "signal_detail": _word,
    "similar_to": _word,
    "limit": _positive,
    "min_grade": _grade,
}


def refined(criteria: Criteria, *, op: str, changes: Mapping[str, Any]) -> Criteria:
    """The criteria of the next search. A slot set to nothing is dropped, whatever the operation is."""
    if op not in OPERATIONS:
        raise CriteriaError(f"{op} is no way to change a search. There are: {', '.join(OPERATIONS)}.")
    after = dict(criteria)
    for name, value in changes.items():
        read = _read(name, value)
        if read in (None, [], {}, ""):
            after.pop(name, None)
        elif op == "exclude" and not name.startswith(OUT) and name in LISTS:
            _exclude(after, name, read)
        elif name.removeprefix(OUT) in LISTS:
            _change_list(after, name, read, op=op)
        elif name in RANGES:
            after[name] = _hull(after[name], read) if op == "widen" and name in after else read
        else:
            after[name] = read
    if after.keys() & {"titles", "seniority"} and not criteria.keys() & {"titles", "seniority"}:
        after["entity"] = changes.get("entity") or "people"
    return read_criteria(after)


def _exclude(after: Criteria, name: str, unwanted: list[str]) -> None:
    kept = [value for value in after.get(name, []) if value not in unwanted]
    after[name] = kept
    after[OUT + name] = list(dict.fromkeys([*after.get(OUT + name, []), *unwanted]))


def _change_list(after: Criteria, name: str, wanted: list[str], *, op: str) -> None:
    """Exclusions only ever add up; a wanted value is no longer an exclusion."""
    adds = op == "widen" or name.startswith(OUT)
    after[name] = list(dict.fromkeys([*after.get(name, []), *wanted])) if adds else wanted
    other = name.removeprefix(OUT) if name.startswith(OUT) else OUT + name
    if other in after:
        after[other] = [value for value in after[other] if value not in wanted]


def _hull(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The range that holds both; an open end stays open."""
    ends = {}
    for end, choose in (("min", min), ("max", max)):
        if end in one and end in other:
            ends[end] = choose(one[end], other[end], key=lambda value: number_of(value) or 0.0)
    return ends
