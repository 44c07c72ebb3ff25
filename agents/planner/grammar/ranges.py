"""Ranges: "100 to 500 people", "above 200", "under 50 employees", "revenue between $5M and $20M"."""

import re
from typing import Any

from agents.planner.grammar.numbers import CODE, NUMBER, SIGN, parse_money
from agents.planner.text import Span

_AMOUNT = rf"(?:{SIGN}\s?)?{NUMBER}(?:\s?{CODE}\b)?"
_EDGE = r"(?<![\w.,/:$€£-])"
_ABOVE = (
    r"(?:over|above|more than|greater than|at least|at min(?:imum)?|a min(?:imum)? of|min(?:imum)?(?: of)?|north of"
    r"|exceeding|exceeds|exceed|bigger than|larger than|higher than|upwards? of|not (?:less|fewer) than"
    r"|no (?:less|fewer) than|beyond|worth more than|starting (?:at|from)|>=?|≥)"
)
_BELOW = (
    r"(?:under|below|less than|fewer than|lower than|smaller than|at most|a max(?:imum)? of|max(?:imum)?(?: of)?|up to"
    r"|no more than|not more than|not over|no bigger than|no larger than|cheaper than|not exceeding|<=?|≤|sub)"
)
_BETWEEN = re.compile(
    rf"\b(?:between|from|anywhere from|ranging from)\s+({_AMOUNT})\s*(?:and|to|-|up to|till|&)\s*({_AMOUNT})(?![\w%])"
)
_TO = re.compile(rf"{_EDGE}({_AMOUNT})\s*(?:-|to|\.\.+|through|up to)\s*({_AMOUNT})(?![\w%/])(?!-\d)")
_MIN = re.compile(rf"(?<!\w)(?<!not ){_ABOVE}\s*({_AMOUNT})(?![\w%])(?!\s?(?:percent|pct)\b)")
_MAX = re.compile(rf"(?<!\w){_BELOW}[\s-]*({_AMOUNT})(?![\w%])(?!\s?(?:percent|pct)\b)")
_PLUS = re.compile(
    rf"{_EDGE}({_AMOUNT})(?:\s?\+|\s+(?:or|and)\s+(?:more|above|up|over|higher|bigger|greater)\b|\s+(?:plus|upwards?)\b)"
)
_LESS = re.compile(rf"{_EDGE}({_AMOUNT})\s+(?:or|and)\s+(?:less|fewer|below|under|lower|smaller)\b")
_HEADS = r"(?:employees?|people|persons?|ppl|staff(?:ers)?|headcount|heads|workers|ftes?|team members|emps?|man|strong|folks)"
_HEADS_AFTER = re.compile(rf"[\s-]{{0,2}}(?:full[- ]time |ft )?{_HEADS}\b")
_HEADS_MORE = re.compile(
    rf"\s+(?:or|and)\s+(?:more|fewer|less|above|below|under|over|up)\s+{_HEADS}\b|\s?\+\s?{_HEADS}\b"
)
_HEADS_BEFORE = re.compile(
    r"(?:headcounts?|head count|employee (?:count|size|number)|employees|staff|(?:team|company|firm) sizes?|sizes?|sized|employing"
    r"|employs?|workforce)(?:\s+(?:of|is|are|in the range|range|being))?\s*[:=]?\s*$"
)
_REVENUE_AFTER = re.compile(r"\s*(?:in |of |annual |yearly |\+ ?)*(?:revenues?|arr|turnover|sales)\b")
_REVENUE_BEFORE = re.compile(
    r"(?:revenues?|arr|turnover|sales volume|making|earning|grossing)(?:\s+(?:of|is|are|range))?\s*[:=]?\s*$"
)
_EXACT = re.compile(
    rf"{_EDGE}({NUMBER})[\s-]{{1,2}}(?:person|people|employee|man|seat)\s+(?:company|companies|firms?|shops?|startups?|teams?|business(?:es)?)\b"
)
_AROUND = re.compile(rf"\b(?:around|about|approximately|roughly|~)\s?({NUMBER})\s+{_HEADS}\b")


def find_ranges(low: str, currency: str = "USD") -> list[Span]:
    """Spans of kind headcount, revenue or range; the value holds min and max (either may be None) and a currency."""
    found: list[Span] = []
    for pattern in (_BETWEEN, _TO):
        found += [_range(low, m, m.group(1), m.group(2), currency) for m in pattern.finditer(low)]
    for pattern in (_MIN, _PLUS):
        found += [_range(low, m, m.group(1), None, currency) for m in pattern.finditer(low)]
    for pattern in (_MAX, _LESS):
        found += [_range(low, m, None, m.group(1), currency) for m in pattern.finditer(low)]
    kept = [span for span in found if _sensible(span)]
    both = [span for span in kept if span.value["min"] is not None and span.value["max"] is not None]
    return [span for span in kept if span in both or not any(span.overlaps(other) for other in both)]


def _sensible(span: Span) -> bool:
    low, high = span.value["min"], span.value["max"]
    both = low is not None and high is not None
    return (low is not None or high is not None) and (not both or low < high)


def _range(low: str, match: re.Match[str], least: str | None, most: str | None, currency: str) -> Span:
    first = parse_money(least, currency) if least else None
    second = parse_money(most, currency) if most else None
    minimum, maximum = _align(first, second, least, most)
    named = bool(re.search(rf"{SIGN}|\b{CODE}\b", (least or "") + " " + (most or "")))
    money = next(
        (
            x
            for x, text in ((second, most), (first, least))
            if x and text and re.search(SIGN + "|" + CODE, text)
        ),
        None,
    )
    value: dict[str, Any] = {
        "min": minimum,
        "max": maximum,
        "currency": (money or {}).get("currency", currency),
    }
    kind, start, end = _kind(low, match, named=named)
    return Span(kind, start, end, value)


def _align(
    first: dict[str, Any] | None, second: dict[str, Any] | None, least: str | None, most: str | None
) -> tuple[Any, Any]:
    """'5-20M' and '50 to 100k' share the unit said once."""
    minimum = first["amount"] if first else None
    maximum = second["amount"] if second else None
    if first and second and least and most:
        unit = re.search(r"(k|m|mn|mm|mil|million|thousand|grand|bn|b)\b", most)
        bare = not re.search(r"(k|m|mn|mm|mil|million|thousand|grand|bn|b)\b", least)
        scaled = (
            parse_money(f"{least.strip('$€£ ')} {unit.group(1)}")
            if unit and bare and first["amount"] < 1000
            else None
        )
        minimum = scaled["amount"] if scaled else minimum
    return minimum, maximum


def _kind(low: str, match: re.Match[str], *, named: bool) -> tuple[str, int, int]:
    start, end = match.span()
    before, after = low[max(0, start - 40) : start], low[end:]
    tail = _HEADS_AFTER.match(after) or _HEADS_MORE.match(after)
    if tail and not named:
        return "headcount", start, end + tail.end()
    lead = _HEADS_BEFORE.search(before)
    if lead and not named:
        return "headcount", start - len(before) + lead.start(), end
    tail = _REVENUE_AFTER.match(after)
    if tail:
        return "revenue", start, end + tail.end()
    lead = _REVENUE_BEFORE.search(before)
    if lead:
        return "revenue", start - len(before) + lead.start(), end
    return ("money_range" if named else "range"), start, end


def find_exact_headcounts(low: str) -> list[Span]:
    """As in "50-person companies": a headcount said as one number."""
    found = []
    for match in [*_EXACT.finditer(low), *_AROUND.finditer(low)]:
        number = parse_money(match.group(1))
        if number:
            end = match.end(1)
            value = {"min": number["amount"], "max": number["amount"], "currency": ""}
            found.append(Span("headcount", match.start(), end, value))
    return found
