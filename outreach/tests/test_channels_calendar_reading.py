"""Calendar files as programs write them: read exactly, or refused soon."""

import contextlib
import json
import random
import time
from datetime import datetime

import pytest

from outreach.channels.calendar.reading import LARGEST, UnreadableCalendarError, read_calendar

INVITATION = b"""BEGIN:VCALENDAR\r
METHOD:REQUEST\r
PRODID:Microsoft Exchange Server 2010\r
VERSION:2.0\r
BEGIN:VTIMEZONE\r
TZID:House time\r
BEGIN:STANDARD\r
DTSTART:16010101T020000\r
TZOFFSETFROM:+0500\r
TZOFFSETTO:%s\r
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:one@x.example\r
DTSTAMP:20261005T101500Z\r
DTSTART;TZID=House time:20261012T100000\r
DTEND;TZID=House time:20261012T103000\r
RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5\r
EXDATE;TZID=House time:20261019T100000\r
ATTENDEE;PARTSTAT=ACCEPTED;CN="Fox, Dana":MAILTO:Dana.Fox@north.example\r
SUMMARY:Demo\r
END:VEVENT\r
END:VCALENDAR\r
"""


def said_of(event) -> dict:
    """An event as the expectations write one."""
    return {
        "uid": event.uid,
        "summary": event.summary,
        "dtstart": event.starts and event.starts.isoformat(),
        "dtend": event.ends and event.ends.isoformat(),
        "sequence": event.sequence,
        "status": event.status,
        "organizer": event.organizer,
        "rrule": event.rule,
        "recurrence_id": event.instead_of and event.instead_of.isoformat(),
        "attendees": [{"email": guest.address, "partstat": guest.answer} for guest in event.guests],
    }


def without_scheme(event: dict) -> dict:
    """Addresses stand in the files with `mailto:` in every case; we keep the address alone."""

    def bare(address):
        return address and address.lower().removeprefix("mailto:")

    guests = [{**guest, "email": bare(guest["email"])} for guest in event["attendees"]]
    return {**event, "organizer": bare(event["organizer"]), "attendees": guests}


def test_real_calendars_and_invitations_are_read_exactly(shared_data):
    folder = shared_data("ics")
    wanted, read = {}, {}
    for line in (folder / "expected.jsonl").read_text().splitlines():
        row = json.loads(line)
        name = row["file"]
        wanted[name] = (
            "refused"
            if row["parse_error"]
            else (row["method"], row["prodid"], [without_scheme(each) for each in row["events"]])
        )
        try:
            found = read_calendar((folder / name).read_bytes())
        except UnreadableCalendarError:
            read[name] = "refused"
        else:
            read[name] = (found.method, found.product, [said_of(each) for each in found.events])

    assert read == wanted


def test_a_zone_that_one_file_defines_does_not_change_the_next_file():
    first = read_calendar(INVITATION % b"+0500").events[0].starts
    second = read_calendar(INVITATION % b"+0300").events[0].starts

    assert [first.isoformat(), second.isoformat()] == [
        "2026-10-12T10:00:00+05:00",
        "2026-10-12T10:00:00+03:00",
    ]


def test_a_guest_is_an_address_in_small_letters_and_an_answer():
    (guest,) = read_calendar(INVITATION % b"+0500").events[0].guests

    assert (guest.address, guest.answer) == ("dana.fox@north.example", "ACCEPTED")


def test_a_calendar_that_is_too_large_is_refused_unread():
    with pytest.raises(UnreadableCalendarError, match="larger than 2 MB"):
        read_calendar(b"x" * (LARGEST + 1))


def test_parts_within_parts_without_end_are_refused():
    with pytest.raises(UnreadableCalendarError, match="too deep"):
        read_calendar(b"BEGIN:VCALENDAR\r\n" * 50_000)


@pytest.mark.parametrize(
    "rule", [b"FREQ=SECONDLY", b"FREQ=YEARLY;BYMONTH=1,2;BYDAY=MO,TU", b"FREQ=YEARLY;BYHOUR=1,2,3"]
)
def test_a_zone_that_changes_every_second_is_refused(rule):
    raw = (INVITATION % b"+0500").replace(b"FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", rule)

    with pytest.raises(UnreadableCalendarError, match="changes too often"):
        read_calendar(raw)


def test_a_rule_of_a_zone_cannot_hide_behind_a_broken_line():
    raw = (INVITATION % b"+0500").replace(
        b"RRULE:FREQ=YEARLY;BYMONTH=11", b"RRULE:FREQ=SEC\r\n\r\n ONDLY;BYMONTH=11"
    )

    with pytest.raises(UnreadableCalendarError, match="changes too often"):
        read_calendar(raw)


@pytest.mark.parametrize(
    "hiding",
    [
        b"X-A:1\x0bEND:STANDARD\x0bEND:VTIMEZONE\r\nRRULE:FREQ=SECONDLY",
        b"X-A:1\x0cRRULE:FREQ=SECONDLY",
        b"TZNAME:A\xc2\x85RRULE:FREQ=SECONDLY",
        b"BEGIN:X-A\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nRRULE:FREQ=SECONDLY",
        b"RRULE;X-A=1:FREQ=SECONDLY",
        b"R RULE:FREQ=SECONDLY",
        b"\x1cRRULE:FREQ=SECONDLY",
        b"RRULE:FREQ=YEARLY\\;FREQ=SECONDLY",
        b"EXRULE:FREQ=SECONDLY",
    ],
)
def test_a_rule_of_a_zone_cannot_hide_from_the_check(hiding):
    raw = (INVITATION % b"+0500").replace(b"RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", hiding)

    with pytest.raises(UnreadableCalendarError, match="changes too often"):
        read_calendar(raw)


def test_a_zone_whose_name_is_written_with_a_parameter_is_a_zone_still():
    raw = (INVITATION % b"+0500").replace(b"BEGIN:VTIMEZONE", b'BEGIN;X-A="a:b":VTIMEZONE')

    with pytest.raises(UnreadableCalendarError, match="changes too often"):
        read_calendar(raw.replace(b"FREQ=YEARLY", b"FREQ=SECONDLY"))


@pytest.mark.parametrize("lines", [b"\n" * 59_000, b"\r\n" * 59_000, b"\n\r\r" * 59_000, b"\r" * 1_900_000])
def test_empty_lines_without_end_are_read_or_refused_at_once(lines):
    begun = time.process_time()
    raw = (INVITATION % b"+0500").replace(b"SUMMARY:Demo\r\n", b"SUMMARY:Demo\r\n" + lines + b"X-A:1\r\n")

    with contextlib.suppress(UnreadableCalendarError):  # a carriage return alone is part of a line
        read_calendar(raw)

    assert time.process_time() - begun < 2


def test_more_lines_than_a_calendar_may_have_are_refused_also_where_they_are_empty():
    with pytest.raises(UnreadableCalendarError, match="more than 60000 lines"):
        read_calendar(b"\n" * 60_001)


@pytest.mark.parametrize("raw", [b"", b"\x00" * 100, b"BEGIN:VEVENT", b"[]"])
def test_what_is_no_calendar_is_refused(raw):
    with pytest.raises(UnreadableCalendarError):
        read_calendar(raw)


def mutated(raw: bytes, chance: random.Random) -> bytes:
    place, other = chance.randrange(len(raw)), chance.randrange(len(raw))
    lines = raw.split(b"\r\n")
    chance.shuffle(lines)
    return chance.choice(
        [
            raw[:place] + bytes(chance.randrange(256) for _ in range(8)) + raw[place:],
            raw[:place] + raw[place + 5 :],
            raw[:place] + raw[min(place, other) : max(place, other)] + raw[place:],
            raw.replace(b"2026", chance.choice([b"0000", b"9999", b"99999999999", b"-1"])),
            raw.replace(
                b"TZID=House time", b"VALUE=" + chance.choice([b"DATE", b"PERIOD", b"BINARY", b"URI"])
            ),
            raw.replace(b"+0500", chance.choice([b"+9999", b"", b"x", b"+240000"])),
            raw.replace(b"\r\n", chance.choice([b"\n", b"\r", b"\n "]), chance.randrange(40)),
            b"\r\n".join(lines),
        ]
    )


def test_two_thousand_odd_files_are_read_or_refused_each_within_a_second():
    chance = random.Random(20261122)
    raws = [mutated(INVITATION % b"+0500", chance) for _ in range(1_000)]
    raws += [mutated(raw, chance) for raw in raws]
    slowest = 0.0
    read = 0
    for raw in raws:
        begun = time.process_time()
        try:
            events = read_calendar(raw).events
        except UnreadableCalendarError:
            pass
        else:
            read += 1
            assert all(isinstance(each.starts, datetime | None) or each.starts.year for each in events)
        slowest = max(slowest, time.process_time() - begun)

    assert slowest < 1
    assert read > 500
