"""Times that two people could meet: one says when, both have a day, and neither sits in two meetings."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outreach.timing.periods import Period, merged
from outreach.timing.windows import Window, moment_at, opening_hours

Stretch = tuple[time, time]
LONGEST_STEP = timedelta(minutes=30)
# Proposals stand within the first few days that have room, at hours that differ.
NEAR_DAYS = 5
DECENT_HOURS = Window(time(8), time(18))
AIMS = (time(10), time(14), time(11))


@dataclass(frozen=True, slots=True)
class Availability:
    """When somebody may be booked: hours of each weekday (Monday is 0) by their own clock."""

    zone: ZoneInfo
    week: Mapping[int, tuple[Stretch, ...]]
    length: timedelta = timedelta(minutes=30)
    buffer: timedelta = timedelta(0)
    notice: timedelta = timedelta(hours=4)
    days_ahead: int = 14
    closed: frozenset[date] = frozenset()

    @property
    def step(self) -> timedelta:
        return min(self.length, LONGEST_STEP)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom we ask: where they are and when their day is."""

    zone: ZoneInfo
    hours: Window = DECENT_HOURS

    def is_awake(self, begin: datetime, end: datetime) -> bool:
        hours = opening_hours(begin.astimezone(self.zone).date(), self.hours, self.zone)
        return hours is not None and hours[0] <= begin and end <= hours[1]


def free_slots(
    availability: Availability, busy: Iterable[Period], now: datetime, reader: Reader | None = None
) -> list[Period]:
    """Every time that can be offered, in order."""
    taken = _padded(busy, availability.buffer)
    earliest = now + availability.notice
    return [
        (begin, end)
        for begin, end in _candidates(availability, now)
        if begin >= earliest
        and not _overlaps(begin, end, taken)
        and (reader is None or reader.is_awake(begin, end))
    ]


def proposals(slots: Sequence[Period], zone: ZoneInfo, count: int = 3) -> list[Period]:
    """A few of them, on different days of the reader where there are so many, never two at the same time."""
    days = _by_day(slots, zone)
    chosen: list[Period] = []
    while len(chosen) < count:
        added = _round(days, zone, chosen, count)
        if not added:
            break
        chosen += added
    return sorted(chosen)


def _round(days: list[list[Period]], zone: ZoneInfo, chosen: list[Period], count: int) -> list[Period]:
    """At most one more of each day."""
    added: list[Period] = []
    missing = count - len(chosen)
    near = days[:NEAR_DAYS]
    stride = max((len(near) - 1) // (missing - 1), 1) if missing > 1 else 1
    for slots in near[::stride][:missing]:
        aim = AIMS[(len(chosen) + len(added)) % len(AIMS)]
        free = [each for each in slots if not _overlaps(*each, sorted(chosen + added))]
        if free:
            added.append(min(free, key=lambda slot: _distance(slot[0].astimezone(zone).time(), aim)))
    return added


def _distance(one: time, other: time) -> int:
    return abs(one.hour * 60 + one.minute - other.hour * 60 - other.minute)


def _by_day(slots: Iterable[Period], zone: ZoneInfo) -> list[list[Period]]:
    days: dict[date, list[Period]] = {}
    for slot in slots:
        days.setdefault(slot[0].astimezone(zone).date(), []).append(slot)
    return [days[day] for day in sorted(days)]


def _candidates(availability: Availability, now: datetime) -> Iterator[Period]:
    today = now.astimezone(availability.zone).date()
    for number in range(availability.days_ahead + 1):
        day = today + timedelta(days=number)
        for opens, closes in _open_on(day, availability):
            begin = opens
            while begin + availability.length <= closes:
                yield begin, begin + availability.length
                begin += availability.step


def _open_on(day: date, availability: Availability) -> list[Period]:
    """The day's hours as moments; hours that touch are one, and an hour that the clocks skip is none."""
    stretches = () if day in availability.closed else availability.week.get(day.weekday(), ())
    moments = (
        tuple(moment_at(day, wall, availability.zone).astimezone(UTC) for wall in each) for each in stretches
    )
    return merged((opens, closes) for opens, closes in moments if opens < closes)


def _padded(busy: Iterable[Period], buffer: timedelta) -> list[Period]:
    return merged((begin - buffer, end + buffer) for begin, end in busy)


def _overlaps(begin: datetime, end: datetime, taken: Sequence[Period]) -> bool:
    """`taken` is in order and without overlaps."""
    place = bisect_right(taken, begin, key=lambda each: each[0])
    return (place > 0 and taken[place - 1][1] > begin) or (place < len(taken) and taken[place][0] < end)
