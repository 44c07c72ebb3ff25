"""Words of the calendar and the arithmetic behind them. Weeks run Monday to Sunday; the fiscal year is the calendar year."""

import calendar
import datetime as dt

MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
    "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10,
    "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip
WEEKDAYS = {
    "monday": 0, "mon": 0, "tuesday": 1, "tues": 1, "tue": 1, "wednesday": 2, "weds": 2, "wed": 2, "thursday": 3,
    "thurs": 3, "thur": 3, "thu": 3, "friday": 4, "fri": 4, "saturday": 5, "sat": 5, "sunday": 6, "sun": 6,
}  # fmt: skip
MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
LONG_WEEKDAY = "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
WEEKDAY = "(?:" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")\b"
ONE_DAY = dt.timedelta(days=1)


def add_months(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def unit_start(day: dt.date, unit: str) -> dt.date:
    if unit == "week":
        return day - dt.timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    if unit == "half":
        return day.replace(month=1 if day.month < 7 else 7, day=1)
    if unit == "year":
        return day.replace(month=1, day=1)
    return day


def shift(day: dt.date, unit: str, count: int) -> dt.date:
    """The same day `count` units away."""
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}.get(unit)
    if months:
        return add_months(day, months * count)
    return day + dt.timedelta(days=count * {"week": 7, "fortnight": 14}.get(unit, 1))


def unit_span(day: dt.date, unit: str, offset: int = 0) -> tuple[dt.date, dt.date]:
    """First and last day of the calendar unit around `day`, moved by `offset` units."""
    start = shift(unit_start(day, unit), unit, offset)
    return start, shift(start, unit, 1) - ONE_DAY


def month_span(year: int, month: int) -> tuple[dt.date, dt.date]:
    return unit_span(dt.date(year, month, 1), "month")


def weekday_near(today: dt.date, weekday: int, modifier: str) -> tuple[dt.date, dt.date]:
    """(coming, past) reading of a weekday; with next, last or this both are the same."""
    monday = unit_start(today, "week")
    if modifier in {"next", "last", "previous"}:
        fixed = monday + dt.timedelta(days=weekday + (7 if modifier == "next" else -7))
        return fixed, fixed
    if modifier == "this":
        fixed = monday + dt.timedelta(days=weekday)
        return fixed, fixed
    ahead = (weekday - today.weekday()) % 7 or 7
    behind = (today.weekday() - weekday) % 7 or 7
    return today + dt.timedelta(days=ahead), today - dt.timedelta(days=behind)
