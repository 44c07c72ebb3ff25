"""Times that two people could meet: one says when, both have a day, and neither sits in two meetings."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
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
    near = _by_day(slots, zone)[:NEAR_DAYS]
    chosen: list[Period] = []
    while added := _round(near, zone, chosen, count):
        chosen += added
    return sorted(chosen)


def _round(near: list[list[Period]], zone: ZoneInfo, chosen: list[Period], count: int) -> list[Period]:
    """At most one more of each day; a day that is full leaves its turn to the next."""
    added: list[Period] = []
    everything = [slot for day in near for slot in day]
    for day in _spread(near, count - len(chosen)):
        taken = sorted(chosen + added)
        if len(taken) == count:
            break
        aim = AIMS[len(taken) % len(AIMS)]
        by_aim = sorted(day, key=lambda slot: _distance(slot[0].astimezone(zone).time(), aim))
        # One in the middle of a short morning would leave no room on either side of it.
        most = _most(everything, taken, count)
        fits = (each for each in by_aim if not _overlaps(*each, taken))
        added += islice(
            (each for each in fits if _most(everything, sorted([*taken, each]), count) == most), 1
        )
    return added


def _spread(near: list[list[Period]], missing: int) -> list[list[Period]]:
    """All of the days, first those as far apart as the number of what is missing allows."""
    stride = max((len(near) - 1) // (missing - 1), 1) if missing > 1 else 1
    return near[::stride] + [day for number, day in enumerate(near) if number % stride]


def _most(slots: Iterable[Period], taken: Sequence[Period], count: int) -> int:
    """How many stand beside one another at best, up to `count`, if these are taken. Slots are in order and equally long."""
    found, last_end = len(taken), None
    for begin, end in slots:
        if found >= count:
            break
        if (last_end is None or begin >= last_end) and not _overlaps(begin, end, taken):
            found, last_end = found + 1, end
    return found


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
