"""Days in filters: a day as it is, today with an offset, and spans such as this month."""

import datetime as dt
import re

from gtmos.kernel.lists.filters import FilterError

SPANS = {
    "today": "today",
    "yesterday": "yesterday",
    "tomorrow": "tomorrow",
    "this_week": "this week",
    "last_week": "last week",
    "next_week": "next week",
    "this_month": "this month",
    "last_month": "last month",
    "next_month": "next month",
    "this_quarter": "this quarter",
    "last_quarter": "last quarter",
    "next_quarter": "next quarter",
    "this_year": "this year",
    "last_year": "last year",
}
MOST_DAYS = 36_500
_OFFSET = re.compile(r"today([+-]\d{1,5})?", re.ASCII)
Span = tuple[dt.date, dt.date]


def day_of(text: str, *, today: dt.date) -> dt.date:
    """`2026-03-01`, `today`, `today-30`, `today+7`."""
    found = _OFFSET.fullmatch(text.strip().lower())
    if found:
        return _moved(today, int(found.group(1) or 0))
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise FilterError(
            f"“{text[:40]}” is not a day. Write it as 2026-03-01, today or today-30."
        ) from error


def days_of(text: str) -> int:
    """A number of days; `30` and `30d`."""
    number = text.strip().removesuffix("d")
    if not number.isascii() or not number.isdigit() or not 0 < int(number[:9]) <= MOST_DAYS:
        raise FilterError(f"“{text[:40]}” is not a number of days.")
    return int(number)


def span_of(text: str, *, today: dt.date) -> Span:
    """First day and the day after the last one."""
    which, _, unit = text.strip().lower().partition("_")
    near = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if which in near and not unit:
        day = _moved(today, near[which])
        return day, _moved(day, 1)
    if text.strip().lower() not in SPANS:
        raise FilterError(f"“{text[:40]}” is no span of days. There are {', '.join(SPANS)}.")
    step = {"last": -1, "this": 0, "next": 1}[which]
    if unit == "week":
        monday = _moved(today, -today.weekday() + 7 * step)
        return monday, _moved(monday, 7)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = (today.year * 12 + today.month - 1) // months * months + step * months
    return _first_of(first), _first_of(first + months)


def lately(days: int, *, today: dt.date) -> Span:
    """Today and the days before it, so many in all with today not counted."""
    return _moved(today, -days), _moved(today, 1)


def soon(days: int, *, today: dt.date) -> Span:
    return today, _moved(today, days + 1)


def next_day(day: dt.date) -> dt.date:
    return _moved(day, 1)


def _first_of(month: int) -> dt.date:
    return dt.date(min(max(month // 12, 1), 9999), month % 12 + 1, 1)


def _moved(day: dt.date, days: int) -> dt.date:
    try:
        return day + dt.timedelta(days=days)
    except OverflowError as error:
        raise FilterError("This day is too far away.") from error
