"""Single days and moments: "tomorrow at 9", "two weeks from today", "EOQ", "next Tuesday", "June 30"."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from agents.planner.grammar import calendar as cal
from agents.planner.grammar.numbers import WORD_NUMBER, parse_number
from agents.planner.text import Span


@dataclass(frozen=True, slots=True)
class When:
    """A day, read forwards and backwards (a bare weekday differs), with a time of day when one was said."""

    coming: dt.date
    past: dt.date
    time: dt.time | None = None

    def moment(self) -> str:
        return dt.datetime.combine(self.coming, self.time or dt.time(9, 0)).isoformat(timespec="minutes")


_COUNT = rf"(?:\d+|{WORD_NUMBER}|an?|a couple of|couple of|a few)"
_UNIT = r"(?:business days?|working days?|days?|weeks?|wks?|months?|fortnights?|quarters?|years?)"
_END = r"(?:end of|eo|close of|the end of|last day of|late)"
ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
SLASH = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(\d{2,4}))?(?![\d/])")
DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{2,4})?(?![\d])")
MONTH_DAY = re.compile(
    rf"\b({cal.MONTH})\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?(?![\d%:/]|\s?(?:am|pm|touch|day|deal)\b)(?:,?\s+(\d{{4}}))?\b"
)
DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]({cal.MONTH})(?:,?[\s-](\d{{4}}))?(?!\w)"
)
NAMED = re.compile(
    r"\b(day after tomorrow|day before yesterday|today|tonight|tonite|tomorrow|tmrw|tmr|tmw|tomorow|tommorow|tommorrow|2moro"
    r"|yesterday|yday|yest|this (?:morning|afternoon|evening)|last night|end of (?:the )?day|eod|cob)\b"
)
_NAMED_DAYS = {
    "day after tomorrow": 2, "day before yesterday": -2, "tomorrow": 1, "tmrw": 1, "tmr": 1, "tmw": 1, "tomorow": 1,
    "tommorow": 1, "tommorrow": 1, "2moro": 1, "yesterday": -1, "yday": -1, "yest": -1, "last night": -1,
}  # fmt: skip
DAY_NAME = re.compile(
    rf"\b(?:(?:on\s+)?(?P<modifier>next week|next|this coming|this|coming|last|past|previous)\s+(?P<day>{cal.WEEKDAY})"
    rf"|(?P<day2>{cal.WEEKDAY})(?:\s+(?P<week>next week|this week|last week|week after next|in two weeks))"
    rf"|(?P<lead>on|by|until|till|til|before|for|due|every|from|since|starting|start|w/c|,|-|:)\s*(?P<day3>{cal.WEEKDAY})"
    rf"|(?P<day4>{cal.LONG_WEEKDAY})|(?P<day5>{cal.WEEKDAY})(?=\s*(?:at|@|\d{{1,2}}(?::\d\d|\s?[ap]m)|$|[,.;]|morning|noon)))"
)
AHEAD = re.compile(
    rf"\b(?:in|within|after)\s+({_COUNT})\s+({_UNIT})(?:'?s? time)?\b(?!\s+(?:of|touch|interval|silence|silent))"
)
FROM_NOW = re.compile(rf"\b({_COUNT})\s+({_UNIT})\s+(?:from\s+(?:now|today)|out|hence)\b")
FROM_DAY = re.compile(rf"\b(?:a|one|1)\s+week\s+(?:from|after)\s+({cal.WEEKDAY}|tomorrow)\b")
AGO = re.compile(rf"\b({_COUNT})\s+({_UNIT})\s+(?:ago|back|earlier)\b")
END_OF = re.compile(
    rf"\b(?:{_END}\s?(?:the\s+)?(?P<which>this|next|current|the|last|following)?\s*(?P<unit>week|month|quarter|year|half)"
    rf"|{_END}\s+(?P<month>{cal.MONTH})(?:\s+(?P<year>\d{{4}}))?|{_END}\s+(?:q|quarter )(?P<q>[1-4])(?:\s+(?P<qyear>\d{{4}}))?"
    r"|eo(?P<short>[wmqy])\b|(?P<which2>this|next|current|the)?\s*(?P<unit2>week|month|quarter|year)(?:'s|-|\s)\s?end\b)"
)
START_OF = re.compile(
    rf"\b(?:(?:the\s+)?(?:start|beginning|first day|top) of|early)\s+(?:the\s+)?(?:(?P<which>this|next)\s+)?"
    rf"(?:(?P<unit>week|month|quarter|year)|(?P<month>{cal.MONTH})|q(?P<q>[1-4]))"
)
MIDDLE_OF = re.compile(rf"\b(?:mid|middle of)[\s-](?:the\s+)?({cal.MONTH}|month|next month)")
ORDINAL = re.compile(
    r"\b(?:on|by|until|till|before|due|for|from|starting)\s+(?P<alone>the\s+(?P<ordinal>\d{1,2})(?:st|nd|rd|th)\b(?:\s+of\s+(?:this|the|next)\s+month)?)"
)
# Without its last dot "31.03" is a day only where one is expected.
DOTTED_OPEN = re.compile(
    r"\b(?:by|until|till|before|on|due|starting|closes?|closing|dated?)\s+(?P<alone>(?P<day>\d{1,2})\.(?P<month>\d{2}))(?![\d.,]*\d|\s?(?:%|k\b|m\b|percent|usd|eur))"
)
MONTHS_OF_A_YEAR = 12
_SHORT = {"w": "week", "m": "month", "q": "quarter", "y": "year"}


def find_dates(low: str, today: dt.date) -> list[Span]:
    found: list[Span] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(low):
            when = read(match, today)
            if when is not None:
                found.append(Span("date", *_bounds(match), when))
    return found


def _bounds(match: re.Match[str]) -> tuple[int, int]:
    groups = match.groupdict()
    if groups.get("alone"):
        return match.span("alone")
    if groups.get("day3"):
        return match.start("day3"), match.end()
    return match.start(), match.end()


def _both(day: dt.date | None) -> When | None:
    return None if day is None else When(day, day)


def _real(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _yearless(today: dt.date, month: int, day: int) -> When | None:
    """A day without a year is the one in this year; backwards, the latest that has been."""
    this = _real(today.year, month, day)
    if this is None:
        return None
    coming = this if this >= today - dt.timedelta(days=60) else _real(today.year + 1, month, day) or this
    past = this if this <= today else _real(today.year - 1, month, day) or this
    return When(coming, past)


def _iso(match: re.Match[str], _: dt.date) -> When | None:
    return _both(_real(*(int(part) for part in match.groups())))


def _slash(match: re.Match[str], today: dt.date) -> When | None:
    month, day, year = match.groups()
    if int(month) + int(day) == 100:
        return None
    if int(month) > MONTHS_OF_A_YEAR >= int(day):
        month, day = day, month  # "15/05/2026" can only be the fifteenth
    if year:
        return _both(_real(_full_year(year), int(month), int(day)))
    return _yearless(today, int(month), int(day))


def _dotted(match: re.Match[str], today: dt.date) -> When | None:
    day, month, year = match.groups()
    if year:
        return _both(_real(_full_year(year), int(month), int(day)))
    return _yearless(today, int(month), int(day))


def _dotted_open(match: re.Match[str], today: dt.date) -> When | None:
    return _yearless(today, int(match["month"]), int(match["day"]))


def _full_year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _month_day(match: re.Match[str], today: dt.date) -> When | None:
    name, day, year = match.groups()
    month = cal.MONTHS[name.rstrip(".")]
    return _both(_real(int(year), month, int(day))) if year else _yearless(today, month, int(day))


def _day_month(match: re.Match[str], today: dt.date) -> When | None:
    day, name, year = match.groups()
    month = cal.MONTHS[name.rstrip(".")]
    return _both(_real(int(year), month, int(day))) if year else _yearless(today, month, int(day))


def _named(match: re.Match[str], today: dt.date) -> When | None:
    return _both(today + dt.timedelta(days=_NAMED_DAYS.get(match.group(1), 0)))


def _day_name(match: re.Match[str], today: dt.date) -> When | None:
    groups = match.groupdict()
    day = next(groups[key] for key in ("day", "day2", "day3", "day4", "day5") if groups[key])
    modifier = (groups["modifier"] or groups["week"] or "").replace("next week", "next").replace(" week", "")
    modifier = {"this coming": "coming", "past": "last"}.get(modifier, modifier)
    coming, past = cal.weekday_near(today, cal.WEEKDAYS[day], modifier)
    if modifier in {"week after next", "in two weeks"}:
        coming = past = cal.unit_start(today, "week") + dt.timedelta(days=14 + cal.WEEKDAYS[day])
    if modifier == "coming":
        past = coming
    if groups["lead"] == "every":
        return None
    return When(coming, past)


def count_of(text: str) -> int:
    if text in {"a", "an"}:
        return 1
    if "couple" in text:
        return 2
    if "few" in text:
        return 3
    return int(parse_number(text) or 1)


def moved(today: dt.date, count: str, unit: str, sign: int) -> dt.date | None:
    number = count_of(count)
    if number > 5000:
        return None
    name = unit.rstrip("s").replace("wk", "week")
    if name.endswith(" day"):
        return _working_days(today, number * sign)
    return cal.shift(today, name, number * sign)


def _working_days(today: dt.date, count: int) -> dt.date:
    day, step = today, cal.ONE_DAY if count > 0 else -cal.ONE_DAY
    for _ in range(abs(count)):
        day += step
        while day.weekday() > 4:
            day += step
    return day


def _ahead(match: re.Match[str], today: dt.date) -> When | None:
    return _both(moved(today, match.group(1), match.group(2), 1))


def _ago(match: re.Match[str], today: dt.date) -> When | None:
    return _both(moved(today, match.group(1), match.group(2), -1))


def _from_day(match: re.Match[str], today: dt.date) -> When | None:
    name = match.group(1)
    base = today + cal.ONE_DAY if name == "tomorrow" else cal.weekday_near(today, cal.WEEKDAYS[name], "")[0]
    return _both(base + dt.timedelta(days=7))


def _end_of(match: re.Match[str], today: dt.date) -> When | None:
    groups = match.groupdict()
    if groups["month"]:
        month = cal.MONTHS[groups["month"].rstrip(".")]
        return _both(cal.month_span(int(groups["year"] or today.year), month)[1])
    if groups["q"]:
        quarter = dt.date(int(groups["qyear"] or today.year), int(groups["q"]) * 3, 1)
        return _both(cal.unit_span(quarter, "quarter")[1])
    unit = groups["unit"] or groups["unit2"] or _SHORT[groups["short"] or "m"]
    which = groups["which"] or groups["which2"] or ""
    offset = {"next": 1, "following": 1, "last": -1}.get(which, 0)
    end = cal.unit_span(today, unit, offset)[1]
    return _both(end - dt.timedelta(days=2) if unit == "week" else end)


def _start_of(match: re.Match[str], today: dt.date) -> When | None:
    groups = match.groupdict()
    if groups["month"]:
        return _both(dt.date(today.year, cal.MONTHS[groups["month"].rstrip(".")], 1))
    if groups["q"]:
        return _both(dt.date(today.year, int(groups["q"]) * 3 - 2, 1))
    return _both(cal.unit_span(today, groups["unit"], 1 if groups["which"] == "next" else 0)[0])


def _middle_of(match: re.Match[str], today: dt.date) -> When | None:
    name = match.group(1).rstrip(".")
    if name in cal.MONTHS:
        return _yearless(today, cal.MONTHS[name], 15)
    base = cal.add_months(today, 1) if name == "next month" else today
    return _both(base.replace(day=15))


def _ordinal(match: re.Match[str], today: dt.date) -> When | None:
    day = int(match["ordinal"])
    for months in range(13):
        month = cal.add_months(today.replace(day=1), months)
        this = _real(month.year, month.month, day)
        if this and this >= today:
            return _both(this)
    return None


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.date], When | None]], ...] = (
    (ISO, _iso), (SLASH, _slash), (DOTTED, _dotted), (DOTTED_OPEN, _dotted_open), (MONTH_DAY, _month_day), (DAY_MONTH, _day_month),
    (NAMED, _named), (DAY_NAME, _day_name), (AHEAD, _ahead), (FROM_NOW, _ahead), (FROM_DAY, _from_day), (AGO, _ago),
    (END_OF, _end_of), (START_OF, _start_of), (MIDDLE_OF, _middle_of), (ORDINAL, _ordinal),
)  # fmt: skip
