"""What a calendar file says: iCalendar as calendars and invitations hold it. However odd a file is, it is read or refused, soon."""

import re
import threading
import warnings
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from icalendar import vBroken
from icalendar.error import GloballyUniqueTZIDGuessed
from icalendar.parser import Contentline, Contentlines
from icalendar.parser_tools import to_unicode
from icalendar.timezone import tzp

LARGEST = 2_000_000
MOST_LINES = 60_000
DEEPEST = 12
MOST_ZONE_RULES = 200

# The library says by a warning that it takes `/vendor.example/Europe/Berlin` for Europe/Berlin; so do we.
warnings.filterwarnings("ignore", category=GloballyUniqueTZIDGuessed)

# What the library's parsers and the standard library below them raise on bytes that are no calendar.
ODD = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ArithmeticError)
# A zone's rule names one day of a year, or one of a week of days; anything finer would be walked second by second for centuries.
ZONE_RULE = re.compile(
    r"(?:FREQ=YEARLY|INTERVAL=1|BYMONTH=\d{1,2}|BYDAY=[+-]?\d?[A-Z]{2}|BYMONTHDAY=[-\d,]{1,25}"
    r"|BYHOUR=\d{1,2}|BYMINUTE=\d{1,2}|BYSECOND=\d{1,2}|UNTIL=[0-9TZ]{8,16}|COUNT=\d{1,4}|WKST=[A-Z]{2}|;)+",
    re.IGNORECASE,
)
RULES = frozenset({"RRULE", "EXRULE"})

Moment = datetime | date

# Notes writes these names, and often leaves out what they mean.
NOTES_ZONES = {
    "Western/Central Europe": "Europe/Berlin",
    "Eastern": "America/New_York",
    "Central": "America/Chicago",
    "Mountain": "America/Denver",
    "Pacific": "America/Los_Angeles",
}

# Zones that a file defines are kept by name in the library, for all files: one file is read at a time, beginning with none.
_one_at_a_time = threading.Lock()


class UnreadableCalendarError(ValueError):
    """The bytes are no calendar, or one that would take too long."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is asked to come, and what they answered."""

    address: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One appointment, or the changed one of a row of them."""

    uid: str | None
    summary: str | None
    starts: Moment | None
    ends: Moment | None
    length: timedelta | None
    sequence: str | None
    status: str | None
    organizer: str | None
    rule: str | None
    more_starts: tuple[Moment, ...]
    left_out: tuple[Moment, ...]
    instead_of: Moment | None
    and_all_later: bool
    guests: tuple[Guest, ...]
    leaves_free: bool

    @property
    def is_cancelled(self) -> bool:
        return (self.status or "").upper() == "CANCELLED"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    method: str | None
    product: str | None
    zone_name: str
    events: tuple[CalendarEvent, ...]


def read_calendar(raw: bytes) -> CalendarFile:
    """The file's events in their order."""
    lines = _checked_lines(raw)
    with _one_at_a_time:
        tzp.use_zoneinfo()
        try:
            calendar = icalendar.Calendar.from_ical("\r\n".join(lines).encode())
            events = tuple(_event(each) for each in calendar.walk("VEVENT"))
        except ODD as error:
            raise UnreadableCalendarError("This is not a calendar.") from error
    return CalendarFile(
        _text(calendar, "METHOD"), _text(calendar, "PRODID"), _text(calendar, "X-WR-TIMEZONE") or "", events
    )


def _checked_lines(raw: bytes) -> list[Contentline]:
    """The lines as the library splits and joins them, so that what is checked is what is read."""
    if len(raw) > LARGEST:
        raise UnreadableCalendarError(f"The calendar is larger than {LARGEST // 1_000_000} MB.")
    # Before lines are joined: what joins them looks at every break.
    if raw.count(b"\n") > MOST_LINES:
        raise UnreadableCalendarError(f"The calendar has more than {MOST_LINES} lines.")
    text = re.sub(r"\n[\r\n]*\n", "\n", to_unicode(raw))
    lines = [line for line in Contentlines.from_ical(text) if line]  # type: ignore[no-untyped-call]  # the library's
    _check_structure(lines)
    return lines


def _check_structure(lines: list[Contentline]) -> None:
    """The library closes whatever is open at any END; here only the part of that name, so that no rule leaves its zone early."""
    open_parts: list[str] = []
    zone_rules = 0
    for line in lines:
        name = _name_of(line)
        if name == "BEGIN":
            open_parts.append(_value_of(line))
            if len(open_parts) > DEEPEST:
                raise UnreadableCalendarError("The parts of the calendar stand too deep in one another.")
        elif name == "END":
            if open_parts and open_parts[-1] == _value_of(line):
                open_parts.pop()
        elif "VTIMEZONE" in open_parts:
            zone_rules += name in RULES
            if zone_rules > MOST_ZONE_RULES or not _is_plain(line, name):
                raise UnreadableCalendarError("The calendar defines a time zone that changes too often.")


def _name_of(line: Contentline) -> str:
    """The library forgives spaces in and around a name."""
    return re.sub(r"[ \t]+", "", re.split("[:;]", line, maxsplit=1)[0].strip()).upper()


def _value_of(line: Contentline) -> str:
    """Behind the parameters, in which a colon may stand in quotes."""
    return line[line.value_separator_index() + 1 :].strip().upper()


def _is_plain(line: Contentline, name: str) -> bool:
    """A zone is read once more, by a reader that takes a form feed and its like for the end of a line."""
    return len(line.splitlines()) == 1 and (name not in RULES or bool(ZONE_RULE.fullmatch(_value_of(line))))


def _event(part: icalendar.Component) -> CalendarEvent:
    instead = part.get("RECURRENCE-ID")
    params = getattr(instead, "params", {})
    return CalendarEvent(
        uid=_text(part, "UID"),
        summary=_text(part, "SUMMARY"),
        starts=_moment(part.get("DTSTART")),
        ends=_moment(part.get("DTEND")),
        length=_length(part.get("DURATION")),
        sequence=_text(part, "SEQUENCE"),
        status=_text(part, "STATUS"),
        organizer=_address(part.get("ORGANIZER")),
        rule=_rule(part.get("RRULE")),
        more_starts=_moments(part.get("RDATE")),
        left_out=_moments(part.get("EXDATE")),
        instead_of=_moment(instead),
        and_all_later=str(params.get("RANGE", "")).upper() == "THISANDFUTURE",
        guests=tuple(_guest(each) for each in _listed(part.get("ATTENDEE"))),
        leaves_free=_leaves_free(part),
    )


def _text(part: icalendar.Component, name: str) -> str | None:
    value = part.get(name)
    return None if value is None else str(value)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _moment(value: Any) -> Moment | None:
    """A value of another kind, or one that could not be read, is none."""
    found = _said(value, "dt")
    if isinstance(found, datetime) and found.tzinfo is None:
        named = NOTES_ZONES.get(str(getattr(value, "params", {}).get("TZID", "")))
        return found.replace(tzinfo=ZoneInfo(named)) if named else found
    return found if isinstance(found, date) else None


def _moments(value: Any) -> tuple[Moment, ...]:
    found = (_said(each, "dt") for row in _listed(value) for each in _said(row, "dts") or ())
    starts = (each[0] if isinstance(each, tuple) else each for each in found)
    return tuple(each for each in starts if isinstance(each, date))


def _length(value: Any) -> timedelta | None:
    found = _said(value, "dt")
    return found if isinstance(found, timedelta) else None


def _said(value: Any, name: str) -> Any:
    """A value that the library could not read raises when it is asked."""
    return None if isinstance(value, vBroken) else getattr(value, name, None)


def _rule(value: Any) -> str | None:
    first = next(iter(_listed(value)), None)
    # The library leaves this one of its functions untyped.
    written: Any = first.to_ical if isinstance(first, icalendar.vRecur) else None
    return written().decode() if written else None


def _address(value: Any) -> str | None:
    """Only the address: programs write `mailto:` in every case."""
    first = next(iter(_listed(value)), None)
    return None if first is None else re.sub(r"^mailto:", "", str(first).strip(), flags=re.IGNORECASE).lower()


def _guest(value: Any) -> Guest:
    answer = getattr(value, "params", {}).get("PARTSTAT")
    return Guest(_address(value) or "", None if answer is None else str(answer).upper())


def _leaves_free(part: icalendar.Component) -> bool:
    """The usual word for it, and the one of Exchange, which writes both and means the second."""
    of_exchange = _text(part, "X-MICROSOFT-CDO-BUSYSTATUS")
    if of_exchange:
        return of_exchange.upper() in {"FREE", "WORKINGELSEWHERE"}
    return (_text(part, "TRANSP") or "").upper() == "TRANSPARENT"
