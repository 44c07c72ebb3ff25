"""A meeting as calendars take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import icalendar

OURS = "-//GTM OS//Meetings//EN"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """`sequence` counts its changes: a calendar takes a higher one in place of a lower one with the same `uid`."""

    uid: str
    sequence: int
    title: str
    begins: datetime
    ends: datetime
    written_at: datetime
    organizer: Person | None
    guests: Sequence[Person]
    place: str = ""
    text: str = ""
    is_cancelled: bool = False

    @property
    def method(self) -> str:
        """Without somebody to answer to it can only be told, not asked for (RFC 5546)."""
        if self.organizer is None:
            return "PUBLISH"
        return "CANCEL" if self.is_cancelled else "REQUEST"


def written(invitation: Invitation) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", OURS)
    calendar.add("version", "2.0")
    calendar.add("method", invitation.method)
    calendar.add_component(_event(invitation))
    return bytes(calendar.to_ical())


def _event(invitation: Invitation) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("summary", invitation.title)
    for name, moment in (
        ("dtstamp", invitation.written_at),
        ("dtstart", invitation.begins),
        ("dtend", invitation.ends),
    ):
        event.add(name, moment.astimezone(UTC))
    event.add("status", "CANCELLED" if invitation.is_cancelled else "CONFIRMED")
    for name, text in (("location", invitation.place), ("description", invitation.text)):
        if text:
            event.add(name, text)
    if invitation.organizer:
        event["organizer"] = _address(invitation.organizer)
    for guest in invitation.guests:
        address = _address(guest)
        address.params["PARTSTAT"] = icalendar.vText("NEEDS-ACTION")
        address.params["RSVP"] = icalendar.vText("TRUE")
        event.add("attendee", address, encode=False)
    return event


def _address(person: Person) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{person.address}")
    # A name may hold what ends a parameter; the library quotes the rest.
    address.params["CN"] = icalendar.vText(
        "".join(each for each in person.name if each.isprintable() and each != '"')
    )
    return address
