"""When somebody has no time, by their calendar."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from outreach.channels.calendar.reading import CalendarEvent, CalendarFile, Moment
from outreach.channels.calendar.recurrence import Budget, turns
from outreach.timing.periods import Period, merged
from outreach.timing.windows import zone_of

ONE_DAY = timedelta(days=1)
# Zones are at most this far from one another; turns are looked for by the wall clock and compared as moments.
MARGIN = timedelta(days=2)
ODD = (ValueError, OverflowError, TypeError)


@dataclass(frozen=True, slots=True)
class Busy:
    """Times that are taken, in their order and joined; and how many appointments nobody could place."""

    times: tuple[Period, ...]
    unread: int


@dataclass(frozen=True, slots=True)
class _Reader:
    begin: datetime
    end: datetime
    zone: ZoneInfo
    floating: ZoneInfo
    budget: Budget

    def wall_zone(self, moment: Moment) -> tzinfo:
        if isinstance(moment, datetime):
            return moment.tzinfo or self.floating
        return self.zone

    def moment_of(self, moment: Moment) -> datetime:
        """A day begins at midnight where its owner is; a time without a zone is the calendar's."""
        at = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
        return at.replace(tzinfo=at.tzinfo or self.wall_zone(moment)).astimezone(UTC)


def busy_times(
    calendar: CalendarFile, *, begin: datetime, end: datetime, zone: ZoneInfo, owner: str = ""
) -> Busy:
    """The taken times between two moments. `zone` is the owner's; what `owner` (an address) declined takes none."""
    reader = _Reader(begin, end, zone, zone_of(calendar.zone_name or zone.key, zone.key), Budget())
    changed = _changed(calendar.events, reader)
    found: list[Period] = []
    unread = 0
    for event in calendar.events:
        try:
            found += _times(event, changed, reader, owner.lower())
        except ODD:
            unread += 1
    return Busy(tuple(merged(_within(found, begin, end))), unread)


def _changed(
    events: Iterable[CalendarEvent], reader: _Reader
) -> dict[str | None, dict[datetime, CalendarEvent]]:
    """The single turns that were moved or cancelled, by their row and by when they would have been."""
    found: dict[str | None, dict[datetime, CalendarEvent]] = {}
    for event in events:
        if event.instead_of is None:
            continue
        try:
            found.setdefault(event.uid, {})[reader.moment_of(event.instead_of)] = event
        except ODD:
            continue
    return found


def _times(
    event: CalendarEvent,
    changed: dict[str | None, dict[datetime, CalendarEvent]],
    reader: _Reader,
    owner: str,
) -> Iterator[Period]:
    if event.starts is None or not _takes_time(event, owner):
        return
    length = _length(event, reader)
    if length <= timedelta():
        return
    instead = changed.get(event.uid, {}) if event.instead_of is None else {}
    left_out = {reader.moment_of(each) for each in event.left_out if isinstance(each, datetime)}
    days_out = {each for each in event.left_out if not isinstance(each, datetime)}
    for start in _starts(event, event.starts, length, reader):
        at = reader.moment_of(start)
        day = start.date() if isinstance(start, datetime) else start
        if at not in instead and at not in left_out and day not in days_out:
            yield from _moved(at, _end_of(start, length, reader), instead, reader)


def _moved(
    at: datetime, end: datetime, instead: dict[datetime, CalendarEvent], reader: _Reader
) -> Iterator[Period]:
    """As it is, or as the last change that was made for all later turns has it."""
    since = max((each for each, other in instead.items() if other.and_all_later and each < at), default=None)
    change = instead[since] if since else None
    if change is None or since is None or change.starts is None:
        yield at, end
    elif not change.is_cancelled:
        begin = at + (reader.moment_of(change.starts) - since)
        yield begin, begin + _length(change, reader)


def _takes_time(event: CalendarEvent, owner: str) -> bool:
    if event.is_cancelled or event.leaves_free:
        return False
    return not any(guest.address == owner and guest.answer == "DECLINED" for guest in event.guests if owner)


def _length(event: CalendarEvent, reader: _Reader) -> timedelta:
    """Whole days for days, exact time for times; a day without an end is one day, a time without one takes none."""
    assert event.starts is not None
    is_day = not isinstance(event.starts, datetime)
    if event.length is not None:
        return max(event.length, ONE_DAY) if is_day else event.length
    if event.ends is None:
        return ONE_DAY if is_day else timedelta()
    if is_day and not isinstance(event.ends, datetime):
        return max(event.ends - event.starts, ONE_DAY)
    return reader.moment_of(event.ends) - reader.moment_of(event.starts)


def _end_of(start: Moment, length: timedelta, reader: _Reader) -> datetime:
    if isinstance(start, datetime):
        return reader.moment_of(start) + length
    return reader.moment_of(start + length)


def _starts(event: CalendarEvent, start: Moment, length: timedelta, reader: _Reader) -> Iterator[Moment]:
    """Its beginnings that may reach into the period: the first, those of its rule, and those that were added."""
    rows = [start]
    if event.instead_of is None:
        rows += event.more_starts
    if event.rule and event.instead_of is None:
        rows += _repeated(event.rule, start, length, reader)
    seen = set()
    for each in rows:
        if each not in seen:
            seen.add(each)
            yield each


def _repeated(rule: str, start: Moment, length: timedelta, reader: _Reader) -> list[Moment]:
    zone = reader.wall_zone(start)
    begin = (reader.begin - length).astimezone(zone).replace(tzinfo=None) - MARGIN
    end = reader.end.astimezone(zone).replace(tzinfo=None) + MARGIN
    if not isinstance(start, datetime):
        found = turns(rule, datetime.combine(start, time()), (begin, end), None, reader.budget)
        return [each.date() for each in found]
    wall = start.replace(tzinfo=None)
    found = turns(rule, wall, (begin, end), zone, reader.budget)
    return [each.replace(tzinfo=start.tzinfo) for each in found]


def _within(times: Iterable[Period], begin: datetime, end: datetime) -> Iterator[Period]:
    for start, stop in times:
        if start < end and stop > begin:
            yield max(start, begin), min(stop, end)
