"""Counting the hours in which people work. Pure: moments in, a moment out."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Office:
    """Monday to Friday between two full hours, in one place. Holidays are not known."""

    time_zone: str = "UTC"
    day_from: int = 9
    day_to: int = 17


def due(since: datetime, hours: float, *, office: Office | None) -> datetime:
    """So many hours later; with an office only those count in which it is open."""
    left = timedelta(hours=hours)
    if office is None:
        return since + left
    moment = _open_from(since.astimezone(ZoneInfo(office.time_zone)), office)
    while (today := _at(moment, office.day_to) - moment) < left:
        left -= today
        moment = _open_from(_at(moment + timedelta(days=1), 0), office)
    return (moment + left).astimezone(since.tzinfo)


def _open_from(moment: datetime, office: Office) -> datetime:
    """This moment where the office is open, else when it opens next."""
    if moment >= _at(moment, office.day_to):
        moment = _at(moment + timedelta(days=1), 0)
    while moment.weekday() >= SATURDAY:
        moment = _at(moment + timedelta(days=1), 0)
    return max(moment, _at(moment, office.day_from))


def _at(moment: datetime, hour: int) -> datetime:
    """A full hour of the same day, by the clock on the wall."""
    if hour == 24:
        return _at(moment + timedelta(days=1), 0)
    return datetime.combine(moment.date(), time(hour), tzinfo=moment.tzinfo)
