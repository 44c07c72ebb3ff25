"""Period algebra: this, last and next unit, Qn, YTD, since, last N, from … to."""

import datetime as dt
import re
from collections.abc import Callable

from agents.planner.grammar import calendar as cal
from agents.planner.grammar.dates import count_of
from agents.planner.grammar.numbers import WORD_NUMBER
from agents.planner.text import Span

Range = tuple[dt.date, dt.date]
_COUNT = rf"(?:\d{{1,4}}|{WORD_NUMBER}|couple of|few)"
_YEAR = r"(?:\s+(?:of\s+)?(?P<year>(?:19|20)\d\d|'\d\d|this year|last year|next year|ly))?"
QUARTER = re.compile(
    rf"\b(?:q(?P<q>[1-4])|(?P<word>first|second|third|fourth|last) quarter(?= (?:of|\d)))\b{_YEAR}"
)
HALF = re.compile(rf"\b(?:h(?P<h>[12])|(?P<word>first|second) half)\b{_YEAR}")
UNIT = re.compile(
    r"\b(?P<which>this|current|the current|last|previous|prior|next|coming|upcoming|following)\s+(?:calendar\s+|fiscal\s+|full\s+)?"
    r"(?P<unit>week|month|quarter|qtr|half|year)\b(?!\s*(?:end\b|'s end))"
)
BACK = re.compile(
    rf"\b(?:last|past|previous|trailing|recent|prior)\s+(?P<n>{_COUNT})[\s-](?P<unit>days?|weeks?|wks?|months?|quarters?|years?)\b"
)
ROLLING = re.compile(r"\b(?:(?:the )?past|trailing|rolling)\s+(?P<unit>day|week|month|quarter|year)\b")
AHEAD = re.compile(
    rf"\b(?:next|coming|following)\s+(?P<n>{_COUNT})[\s-](?P<unit>days?|weeks?|months?|quarters?|years?)\b"
)
TO_DATE = re.compile(
    r"\b(?:(?P<short>[ymqw])td|(?:(?:this )?(?P<unit>year|month|quarter|week)[ -](?:to[ -]date|so far)))\b"
)
MONTH = re.compile(
    rf"(?P<lead>\b(?:in|for|during|of|from|this|last|next|since|until|by|through|closing|vs|versus|and|to)\s+)?(?<!\w)(?P<month>{cal.MONTH})(?:\s+(?P<year>(?:19|20)\d\d|'\d\d|this year|last year|next year))?(?!\w)"
)
YEAR = re.compile(
    r"\b(?:in|for|during|of|calendar|fy|fiscal year|year)\s?(?P<year>20[1-4]\d)\b|^(?P<year2>20[1-4]\d)$"
)
SINCE = re.compile(r"\b(?:since|from)\s+(?:the\s+)?(?:(?:start|beginning)\s+of\s+)?$")
_ONWARD = re.compile(r"\s*(?:onwards?|until (?:now|today)|to (?:now|today|date)|till (?:now|today))\b")
_TO = re.compile(r"\s*(?:to|until|till|through|thru|-|and)\s*")
_FROM = re.compile(r"\b(?:from|between)\s+$")
_ORDER = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_OFFSETS = {"last": -1, "previous": -1, "prior": -1, "next": 1, "coming": 1, "upcoming": 1, "following": 1}
_AMBIGUOUS = {"may", "march", "mar", "dec", "jan", "sep", "sept", "jun", "jul"}


def find_periods(low: str, dates: list[Span], today: dt.date) -> list[Span]:
    """Spans whose value is (first day, last day). `dates` found before may be the ends of a period."""
    base: list[Span] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(low):
            value = read(match, today)
            if value is not None:
                start = (
                    match.start("month")
                    if pattern is MONTH and match.group("lead") not in {"this ", "last ", "next "}
                    else match.start()
                )
                base.append(Span("period", start, match.end(), value))
    ends = base + [Span("period", d.start, d.end, (d.value.past, d.value.past)) for d in dates]
    ahead = base + [Span("period", d.start, d.end, (d.value.coming, d.value.coming)) for d in dates]
    return base + _since(low, ends, today) + _from_to(low, ahead)


def _since(low: str, ends: list[Span], today: dt.date) -> list[Span]:
    found = []
    for span in ends:
        lead = SINCE.search(low[: span.start])
        tail = _ONWARD.match(low, span.end)
        is_since = lead and (lead.group().startswith("since") or tail)
        if is_since and span.value[0] <= today:
            end = tail.end() if tail else span.end
            found.append(Span("period", lead.start() if lead else span.start, end, (span.value[0], today)))
    return found


def _from_to(low: str, ends: list[Span]) -> list[Span]:
    found = []
    for first in ends:
        lead = _FROM.search(low[: first.start])
        joint = _TO.match(low, first.end)
        if not joint:
            continue
        for second in ends:
            if (
                second.start == joint.end()
                and second.value[1] > first.value[0]
                and (lead or "and" not in joint.group())
            ):
                start = lead.start() if lead else first.start
                found.append(Span("period", start, second.end, (first.value[0], second.value[1])))
    return found


def _year(match: re.Match[str], today: dt.date) -> int:
    said = match.groupdict().get("year")
    if not said or said == "this year":
        return today.year
    if said in {"last year", "ly"}:
        return today.year - 1
    if said == "next year":
        return today.year + 1
    return 2000 + int(said[1:]) if said.startswith("'") else int(said)


def _quarter(match: re.Match[str], today: dt.date) -> Range:
    number = int(match.group("q") or 0) or _ORDER[match.group("word")]
    return cal.unit_span(dt.date(_year(match, today), number * 3, 1), "quarter")


def _half(match: re.Match[str], today: dt.date) -> Range:
    number = int(match.group("h") or 0) or _ORDER[match.group("word")]
    return cal.unit_span(dt.date(_year(match, today), number * 6, 1), "half")


def _unit(match: re.Match[str], today: dt.date) -> Range:
    unit = match.group("unit").replace("qtr", "quarter")
    return cal.unit_span(today, unit, _OFFSETS.get(match.group("which"), 0))


def _singular(unit: str) -> str:
    return unit.rstrip("s").replace("wk", "week")


def _back(match: re.Match[str], today: dt.date) -> Range | None:
    count = count_of(match.group("n"))
    if count > 3000 or (count > 90 and not match.group("unit").startswith("d")):
        return None
    return cal.shift(today, _singular(match.group("unit")), -count), today


def _rolling(match: re.Match[str], today: dt.date) -> Range:
    return cal.shift(today, match.group("unit"), -1), today


def _ahead(match: re.Match[str], today: dt.date) -> Range | None:
    count = count_of(match.group("n"))
    if count > 3000 or (count > 90 and not match.group("unit").startswith("d")):
        return None
    return today, cal.shift(today, _singular(match.group("unit")), count)


def _to_date(match: re.Match[str], today: dt.date) -> Range:
    unit = (
        match.group("unit") or {"y": "year", "m": "month", "q": "quarter", "w": "week"}[match.group("short")]
    )
    return cal.unit_start(today, unit), today


def _month(match: re.Match[str], today: dt.date) -> Range | None:
    name, lead = match.group("month").rstrip("."), (match.group("lead") or "").strip()
    if name in _AMBIGUOUS and not lead and not match.group("year"):
        return None
    number, year = cal.MONTHS[name], _year(match, today)
    if lead == "last" and number >= today.month:
        year -= 1
    if lead == "next" and number <= today.month:
        year += 1
    return cal.month_span(year, number)


def _whole_year(match: re.Match[str], _: dt.date) -> Range:
    return cal.unit_span(dt.date(int(match.group("year") or match.group("year2")), 1, 1), "year")


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.date], Range | None]], ...] = (
    (QUARTER, _quarter), (HALF, _half), (UNIT, _unit), (BACK, _back), (ROLLING, _rolling), (AHEAD, _ahead),
    (TO_DATE, _to_date), (MONTH, _month), (YEAR, _whole_year),
)  # fmt: skip


def as_period(value: Range) -> dict[str, str]:
    return {"start": value[0].isoformat(), "end": value[1].isoformat()}
