"""Hours in which a reader may be written to, in the reader's own zone, through every change of the clocks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from outreach.timing.calendars import holiday_on, is_working_day

# Weekends and holidays in a row, and what the house itself has closed. A window that is closed for longer opens never.
LONGEST_SEARCH_DAYS = 400


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to, but not including, `end`, on the working days of a country or on all days.

    `closed` are days of ours on which nobody is written to, wherever they live.
    """

    start: time = time(9)
    end: time = time(17)
    weekends: bool = False
    country: str = ""
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"A window must end after it starts: {self.start} to {self.end}.")

    def is_open_on(self, day: date) -> bool:
        return day not in self.closed and (self.weekends or is_working_day(day, self.country))


@lru_cache(maxsize=1024)
def zone_of(name: str, fallback: str = "UTC") -> ZoneInfo:
    """The zone of this name; the fallback when nobody knows it."""
    for each in (name, fallback):
        try:
            return ZoneInfo(each)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def opening_hours(day: date, window: Window, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The window's two moments on this local day; None when it does not open."""
    if not window.is_open_on(day):
        return None
    opens, closes = moment_at(day, window.start, zone), moment_at(day, window.end, zone)
    return (opens, closes) if opens < closes else None


def is_inside(moment: datetime, window: Window, zone: ZoneInfo) -> bool:
    hours = opening_hours(moment.astimezone(zone).date(), window, zone)
    return hours is not None and hours[0] <= moment < hours[1]


def why_closed(moment: datetime, window: Window, zone: ZoneInfo) -> str:
    """In words, for a moment outside the window."""
    day = moment.astimezone(zone).date()
    if day in window.closed:
        return "a closed day of ours"
    holiday = "" if window.weekends else holiday_on(day, window.country)
    return f"a holiday where the reader lives: {holiday}" if holiday else "outside the hours of sending"


def next_open(moment: datetime, window: Window, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment not before this one at which the window is open, and when it closes then."""
    first = moment.astimezone(zone).date()
    for days in range(LONGEST_SEARCH_DAYS):
        hours = opening_hours(first + timedelta(days=days), window, zone)
        if hours and moment < hours[1]:
            return max(moment, hours[0]).astimezone(UTC), hours[1]
    raise ValueError(f"The window {window} does not open within {LONGEST_SEARCH_DAYS} days in {zone}.")


def next_allowed(moment: datetime, window: Window, zone: ZoneInfo) -> datetime:
    return next_open(moment, window, zone)[0]


def add_open_time(moment: datetime, duration: timedelta, window: Window, zone: ZoneInfo) -> datetime:
    """Go forward by so much time, counting only time in which the window is open."""
    opens, closes = next_open(moment, window, zone)
    while opens + duration >= closes:
        duration -= closes - opens
        opens, closes = next_open(closes, window, zone)
    return opens + duration


def moment_at(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The moment at which a wall clock shows this; a skipped time is the moment of the skip, a repeated one the first."""
    local = datetime.combine(day, wall, tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # In a gap fold 1 reads the wall time with the offset after the change, fold 0 with the one before it.
    after, before = local.replace(fold=1).utcoffset(), local.replace(fold=0).utcoffset()
    assert after is not None
    assert before is not None
    return _skip_between(moment - abs(after - before), moment + abs(after - before), zone)


def _skip_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the offset changes, to the second."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
