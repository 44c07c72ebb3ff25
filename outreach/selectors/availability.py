"""When somebody may be booked, and which times that leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from crm.enums import MeetingState
from crm.models import Contact, Meeting
from gtmos.kernel.approvals.models import Delegation
from gtmos.kernel.people.models import User
from outreach.models import BookingHours
from outreach.selectors.calendar import closed_days, country_of
from outreach.timing.hours import OFFICE_WEEK, read_hours
from outreach.timing.periods import Period
from outreach.timing.slots import DECENT_HOURS, Availability, Reader, free_slots, proposals
from outreach.timing.windows import zone_of


def hours_of(user: User) -> BookingHours:
    """What the person set, or what holds for somebody who set nothing; the latter is not kept."""
    return BookingHours.objects.filter(user=user).first() or BookingHours(user=user, week=list(OFFICE_WEEK))


def availability_of(hours: BookingHours) -> Availability:
    return Availability(
        zone=zone_of(hours.user.time_zone),
        week={day: read_hours(text) for day, text in enumerate(hours.week)},
        length=timedelta(minutes=hours.length),
        buffer=timedelta(minutes=hours.buffer),
        notice=timedelta(hours=hours.notice),
        days_ahead=hours.days_ahead,
        closed=closed_days(),
    )


def taken_times(user: User, begin: datetime, end: datetime) -> list[Period]:
    """The planned meetings that the person leads or sits in, and when they are away."""
    mine = Q(owner=user) | Q(attendees__user=user)
    meetings = Meeting.objects.filter(mine, state=MeetingState.PLANNED, starts_at__lt=end, ends_at__gt=begin)
    away = Delegation.objects.filter(person=user, starts_at__lt=end, ends_at__gt=begin)
    return [
        *meetings.order_by().values_list("starts_at", "ends_at").distinct(),
        *away.order_by().values_list("starts_at", "ends_at"),
    ]


def offered_times(hours: BookingHours, now: datetime, reader: Reader | None = None) -> list[Period]:
    """Every time that may be booked now. With a reader only those in the reader's day."""
    availability = availability_of(hours)
    margin = availability.buffer + timedelta(days=1)
    end = now + timedelta(days=availability.days_ahead) + margin
    return free_slots(availability, taken_times(hours.user, now - margin, end), now, reader)


@dataclass(frozen=True, slots=True)
class Offer:
    """Three times in the reader's own zone, ready to be put into a mail."""

    lines: list[str]
    text: str
    zone_name: str


def offer_of(offered: Sequence[Period], hours: BookingHours, zone: ZoneInfo) -> Offer:
    lines = [f"{begin.astimezone(zone):%A, %-d %B, %H:%M}" for begin, _end in proposals(offered, zone)]
    zone_name = zone.key.replace("_", " ")
    asked = f"Would one of these times suit you for {hours.length} minutes ({zone_name} time)?"
    return Offer(lines, "\n".join([asked, *(f"- {line}" for line in lines)]), zone_name)


def offer_to(contact: Contact, *, owner: User, now: datetime) -> Offer:
    """What somebody of ours could offer this person now, on working days of their country.

    By the clock of the person, or by ours where none is known.
    """
    hours = hours_of(owner)
    zone = zone_of(contact.time_zone or owner.time_zone, owner.time_zone)
    reader = Reader(zone, replace(DECENT_HOURS, country=country_of(contact)))
    return offer_of(offered_times(hours, now, reader), hours, zone)
