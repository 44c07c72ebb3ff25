"""Dates as files hold them. What could be two days is said to be unclear, never guessed."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from crm.intake.faults import BadCellError, shown
from crm.intake.text import fold, is_blank

Order = Literal["", "mdy", "dmy"]

_MONTH_NAMES = (
    "january jan januar jaenner enero ene janvier janv janeiro gennaio gen",
    "february feb februar febrero fevrier fevr fevereiro fev febbraio",
    "march mar marz maerz marzo mars marco mrz",
    "april apr abril abr avril avr aprile",
    "may mai mayo maio mag maggio",
    "june jun juni junio juin junho giugno giu",
    "july jul juli julio juillet juil julho luglio lug",
    "august aug agosto ago aout",
    "september sep sept septiembre septembre setembro set settembre",
    "october oct oktober okt octubre octobre outubro out ottobre ott",
    "november nov noviembre novembre novembro",
    "december dec dezember dez diciembre dic decembre dezembro dicembre",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_THREE = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)[T ,]*(.*)")
_YEAR_FIRST = re.compile(r"(\d{4})([/.\-])(\d{1,2})\2(\d{1,2})(?!\d)[T ,]*(.*)")
_DAY_MONTH_YEAR = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s\-/]*(?:de |of )?([^\W\d_]{3,})\.?[\s\-/,]*(?:de )?(\d{4}|\d{2})(?!\d)[T ,]*(.*)"
)
_MONTH_DAY_YEAR = re.compile(
    r"([^\W\d_]{3,})\.?[\s\-]*(\d{1,2})(?:st|nd|rd|th)?[\s,\-]+(\d{4})(?!\d)[T ,]*(.*)"
)
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([ap])?\.?m?\.?", re.IGNORECASE)


@lru_cache(maxsize=16384)
def parse_date(cell: str, order: Order = "") -> date | None:
    """The day a cell names, None for a blank; `order` is what the rest of the file has proven."""
    moment = parse_moment(cell, order)
    return moment.date() if moment else None


@lru_cache(maxsize=16384)
def parse_moment(cell: str, order: Order = "") -> datetime | None:
    """The moment a cell names, in UTC unless it states an offset; a day without a time is its midnight."""
    text = cell.strip()
    if is_blank(text):
        return None
    iso = _iso(text)
    if iso is not None:
        return iso
    if _DIGITS.fullmatch(text):
        return _from_number(text, cell)
    year, month, day, rest = _parts(text, order, cell)
    return _moment(year, month, day, rest, cell)


def _iso(text: str) -> datetime | None:
    if len(text) < 10 or text[4] != "-":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _from_number(text: str, cell: str) -> datetime:
    """Spreadsheet day numbers, YYYYMMDD and seconds or milliseconds since 1970."""
    number = float(text)
    if 20_000 <= number < 80_000:
        return datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=number)
    if len(text) == 8 and text.isdigit():
        return _moment(int(text[:4]), int(text[4:6]), int(text[6:]), "", cell)
    if 3e8 <= number < 4e9:
        return datetime.fromtimestamp(int(number), UTC)
    if 3e11 <= number < 4e12:
        return datetime.fromtimestamp(int(number) // 1000, UTC)
    raise BadCellError(f"{shown(cell)} is not a date.")


def _parts(text: str, order: Order, cell: str) -> tuple[int, int, int, str]:
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4]), match[5]
    if match := _THREE.fullmatch(text):
        day, month = _day_and_month(int(match[1]), int(match[3]), match[2], order, cell)
        return _year(match[4]), month, day, match[5]
    folded = fold(text)
    if match := _DAY_MONTH_YEAR.fullmatch(folded):
        return _year(match[3]), _month(match[2], cell), int(match[1]), match[4]
    if match := _MONTH_DAY_YEAR.fullmatch(re.sub(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", "", folded)):
        return int(match[3]), _month(match[1], cell), int(match[2]), match[4]
    raise BadCellError(f"{shown(cell)} is not a date.")


def _day_and_month(first: int, second: int, mark: str, order: Order, cell: str) -> tuple[int, int]:
    if mark == "." or first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    if not order:
        raise BadCellError(
            f"{shown(cell)} can be two different days. Say whether the day or the month comes first."
        )
    return (second, first) if order == "mdy" else (first, second)


def _month(name: str, cell: str) -> int:
    if name not in _MONTHS:
        raise BadCellError(f"{shown(cell)} is not a date.")
    return _MONTHS[name]


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < 70 else 1900)


def _moment(year: int, month: int, day: int, rest: str, cell: str) -> datetime:
    hour = minute = second = 0
    if clock := _CLOCK.search(rest):
        hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
        if clock[4]:
            hour = hour % 12 + (12 if clock[4].lower() == "p" else 0)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise BadCellError(f"{shown(cell)} is not a day of the calendar.") from None


def proven_order(cell: str) -> Order | None:
    """What a cell says about the file's order: "mdy", "dmy", "" when it could be both, None when it has no say."""
    match = _THREE.fullmatch(cell.strip())
    if match is None or match[2] == ".":
        return None
    first, second = int(match[1]), int(match[3])
    if first > 12:
        return "dmy"
    if second > 12:
        return "mdy"
    return None if first == second else ""


def agreed_order(cells: Iterable[str]) -> Order:
    """The order all cells agree on, "" when none proves one or they contradict each other."""
    proofs = {proof for cell in cells if (proof := proven_order(cell))}
    return proofs.pop() if len(proofs) == 1 else ""


def month_of(name: str) -> int:
    """1 to 12 by its name in one of several languages; 0 where it is none."""
    return _MONTHS.get(fold(name), 0)
