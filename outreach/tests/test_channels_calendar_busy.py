"""When somebody has no time, by their calendar."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.channels.calendar.busy import busy_times
from outreach.channels.calendar.reading import read_calendar

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = {"begin": datetime(2026, 10, 19, tzinfo=UTC), "end": datetime(2026, 11, 2, tzinfo=UTC)}


def event(*lines: str, uid: str = "one") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261001T000000Z", *lines, "END:VEVENT"])


def busy(*events: str, owner: str = "", begin=WEEK["begin"], end=WEEK["end"], head: str = ""):
    text = "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *filter(None, [head]), *events, "END:VCALENDAR"]
    )
    return busy_times(read_calendar(text.encode()), begin=begin, end=end, zone=BERLIN, owner=owner)


def times(*events: str, **more) -> list[str]:
    """As `19 Oct 08:00-09:00`, in UTC."""
    found = busy(*events, **more)
    assert found.unread == 0
    return [f"{begin:%d %b %H:%M}-{end:%H:%M}" for begin, end in found.times]


MEETING = ("DTSTART;TZID=Europe/Berlin:20261020T100000", "DTEND;TZID=Europe/Berlin:20261020T110000")
WEEKLY = (*MEETING, "RRULE:FREQ=WEEKLY")


def test_an_appointment_takes_its_time():
    assert times(event(*MEETING)) == ["20 Oct 08:00-09:00"]


def test_a_weekly_appointment_keeps_its_hour_when_the_clocks_change():
    assert times(event(*WEEKLY)) == ["20 Oct 08:00-09:00", "27 Oct 09:00-10:00"]


def test_a_row_that_began_years_ago_is_followed_into_the_period():
    old = ("DTSTART:20050104T080000Z", "DURATION:PT30M", "RRULE:FREQ=WEEKLY;INTERVAL=2")

    assert times(event(*old)) == ["27 Oct 08:00-08:30"]


def test_a_row_that_has_ended_takes_nothing():
    assert times(event(*MEETING, "RRULE:FREQ=WEEKLY;UNTIL=20261020T080000Z")) == ["20 Oct 08:00-09:00"]
    assert times(event("DTSTART:20261001T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")) == []


def test_a_turn_that_is_left_out_takes_no_time():
    assert times(event(*WEEKLY, "EXDATE;TZID=Europe/Berlin:20261020T100000")) == ["27 Oct 09:00-10:00"]


def test_a_turn_that_was_moved_takes_its_new_time_only():
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20261020T100000",
        "DTSTART:20261021T120000Z",
        "DTEND:20261021T123000Z",
    )

    assert times(event(*WEEKLY), moved) == ["21 Oct 12:00-12:30", "27 Oct 09:00-10:00"]


def test_a_turn_that_was_cancelled_takes_no_time():
    cancelled = event(*MEETING, "RECURRENCE-ID;TZID=Europe/Berlin:20261020T100000", "STATUS:CANCELLED")

    assert times(event(*WEEKLY), cancelled) == ["27 Oct 09:00-10:00"]


def test_a_change_for_all_later_turns_moves_them_all():
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261020T100000",
        "DTSTART;TZID=Europe/Berlin:20261020T150000",
        "DTEND;TZID=Europe/Berlin:20261020T153000",
    )

    assert times(event(*WEEKLY), later) == ["20 Oct 13:00-13:30", "27 Oct 14:00-14:30"]


def test_a_day_is_taken_from_midnight_to_midnight_where_its_owner_is():
    day = event("DTSTART;VALUE=DATE:20261025", "DTEND;VALUE=DATE:20261026")

    assert times(day) == ["24 Oct 22:00-23:00"]


def test_a_time_without_a_zone_is_in_the_zone_of_the_calendar():
    floating = event("DTSTART:20261020T100000", "DURATION:PT1H")

    assert times(floating) == ["20 Oct 08:00-09:00"]
    assert times(floating, head="X-WR-TIMEZONE:America/New_York") == ["20 Oct 14:00-15:00"]


@pytest.mark.parametrize(
    "line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"]
)
def test_what_leaves_its_owner_free_takes_no_time(line):
    assert times(event(*MEETING, line)) == []


def test_what_its_owner_declined_takes_no_time_and_what_others_declined_does():
    declined = event(*MEETING, "ATTENDEE;PARTSTAT=DECLINED:MAILTO:Rosa@x.example")

    assert times(declined, owner="rosa@x.example") == []
    assert times(declined, owner="jonas@x.example") == ["20 Oct 08:00-09:00"]


def test_a_time_without_an_end_and_one_that_ends_before_it_begins_take_none():
    assert times(event(MEETING[0])) == []
    assert times(event(MEETING[0], "DTEND:20261019T080000Z")) == []


def test_overlapping_and_touching_appointments_are_one_taken_time():
    long = event(*MEETING, uid="two").replace("T110000", "T113000")
    next_one = event("DTSTART:20261020T093000Z", "DURATION:PT1H", uid="three")

    assert times(event(*MEETING), long, next_one) == ["20 Oct 08:00-10:30"]


def test_only_the_part_within_the_period_is_told():
    trip = event("DTSTART:20261001T000000Z", "DTEND:20261201T000000Z")

    assert busy(trip).times == ((WEEK["begin"], WEEK["end"]),)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYSECOND=1,2,3",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "FREQ=YEARLY;COUNT=900000;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,1,2,3,4,5",
        "FREQ=HOURLY;COUNT=9000000",
    ],
)
def test_a_rule_that_cannot_be_followed_is_counted_and_not_silently_free(rule):
    found = busy(
        event("DTSTART:19010101T080000Z", "DURATION:PT1H", f"RRULE:{rule}"), event(*MEETING, uid="two")
    )

    assert (found.unread, len(found.times)) == (1, 1)


def test_eight_thousand_rows_from_long_ago_are_followed_within_seconds():
    rows = [
        event("DTSTART:19800105T080000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY;COUNT=400", uid=str(number))
        for number in range(8_000)
    ]
    begun = time.process_time()
    found = busy(*rows)

    assert time.process_time() - begun < 20
    assert found.unread > 7_000


def test_the_period_may_be_far_from_every_appointment():
    far = datetime(9998, 1, 1, tzinfo=UTC)

    assert busy(event(*MEETING), begin=far, end=far + timedelta(days=300)).times == ()
