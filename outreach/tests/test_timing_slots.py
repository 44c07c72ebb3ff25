import itertools
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.tests.test_timing_windows import near_a_clock_change, zones
from outreach.timing.slots import Availability, Reader, free_slots, proposals
from outreach.timing.windows import Window

BERLIN, NEW_YORK, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
MINUTE = timedelta(minutes=1)
OFFICE = dict.fromkeys(range(5), ((time(9), time(17)),))
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


def availability(**said) -> Availability:
    return Availability(**{"zone": BERLIN, "week": OFFICE, "notice": timedelta(0), "days_ahead": 7} | said)


def walls(slots, zone=BERLIN) -> list[str]:
    return [f"{begin.astimezone(zone):%a %H:%M}" for begin, _end in slots]


def test_a_morning_is_offered_in_half_hours():
    morning = availability(week={0: ((time(9), time(10, 30)),)}, days_ahead=6)

    assert walls(free_slots(morning, [], MONDAY)) == ["Mon 09:00", "Mon 09:30", "Mon 10:00"]


def test_two_stretches_of_a_day_leave_the_break_free():
    split = availability(week={0: ((time(9), time(10)), (time(14), time(15)))}, days_ahead=0)

    assert walls(free_slots(split, [], MONDAY)) == ["Mon 09:00", "Mon 09:30", "Mon 14:00", "Mon 14:30"]


def test_a_taken_time_and_its_buffer_are_not_offered():
    morning = availability(week={0: ((time(9), time(12)),)}, buffer=timedelta(minutes=15), days_ahead=0)
    meeting = (MONDAY + timedelta(hours=3), MONDAY + timedelta(hours=3, minutes=30))  # 10:00 in Berlin

    assert walls(free_slots(morning, [meeting], MONDAY)) == ["Mon 09:00", "Mon 11:00", "Mon 11:30"]


def test_without_a_buffer_a_meeting_may_follow_another_at_once():
    morning = availability(week={0: ((time(9), time(11)),)}, days_ahead=0)
    meeting = (MONDAY + timedelta(hours=2, minutes=30), MONDAY + timedelta(hours=3))

    assert walls(free_slots(morning, [meeting], MONDAY)) == ["Mon 09:00", "Mon 10:00", "Mon 10:30"]


def test_nothing_is_offered_before_the_notice_is_over():
    day = availability(notice=timedelta(hours=10), days_ahead=0)

    assert walls(free_slots(day, [], MONDAY)) == []
    assert walls(free_slots(availability(notice=timedelta(hours=9), days_ahead=0), [], MONDAY)) == [
        "Mon 16:00",
        "Mon 16:30",
    ]


def test_a_meeting_of_both_lies_in_the_days_of_both():
    slots = free_slots(availability(days_ahead=1), [], MONDAY, Reader(NEW_YORK))

    afternoon = ("14:00", "14:30", "15:00", "15:30", "16:00", "16:30")
    assert walls(slots) == [f"{day} {at}" for day in ("Mon", "Tue") for at in afternoon]


def test_where_two_days_never_meet_nothing_is_offered():
    assert free_slots(availability(), [], MONDAY, Reader(TOKYO, Window(time(9), time(17)))) == []


def test_the_hours_follow_the_wall_clock_over_a_change_of_the_clocks():
    saturday = datetime(2026, 3, 28, 6, tzinfo=UTC)
    mornings = availability(week={5: ((time(9), time(9, 30)),), 0: ((time(9), time(9, 30)),)}, days_ahead=3)

    assert [begin for begin, _end in free_slots(mornings, [], saturday)] == [
        datetime(2026, 3, 28, 8, tzinfo=UTC),
        datetime(2026, 3, 30, 7, tzinfo=UTC),
    ]


def test_an_hour_that_the_clocks_skip_is_not_offered():
    night = availability(week={6: ((time(2), time(3)),)}, days_ahead=1)

    assert free_slots(night, [], datetime(2026, 3, 28, 6, tzinfo=UTC)) == []


def test_three_proposals_are_on_three_days_at_different_hours():
    slots = free_slots(availability(), [], MONDAY)

    assert walls(proposals(slots, BERLIN)) == ["Mon 10:00", "Wed 14:00", "Fri 11:00"]


def test_a_single_day_gives_three_proposals_that_do_not_touch_one_another():
    slots = free_slots(availability(days_ahead=0, length=timedelta(hours=1)), [], MONDAY)

    assert walls(proposals(slots, BERLIN)) == ["Mon 10:00", "Mon 11:00", "Mon 14:00"]


def test_fewer_slots_than_asked_for_are_all_proposed():
    slots = free_slots(availability(week={0: ((time(9), time(10)),)}, days_ahead=0), [], MONDAY)

    assert walls(proposals(slots, BERLIN)) == ["Mon 09:00", "Mon 09:30"]
    assert proposals([], BERLIN) == []


def test_a_day_with_a_single_time_leaves_its_turn_to_the_next_day():
    week = {0: ((time(9), time(9, 30)),), 1: ((time(9), time(14)),)}
    slots = free_slots(availability(week=week, days_ahead=1), [], MONDAY)

    assert walls(proposals(slots, BERLIN)) == ["Mon 09:00", "Tue 11:00", "Tue 13:30"]


def test_a_proposal_does_not_stand_in_the_way_of_two_others():
    morning = availability(week={0: ((time(9, 30), time(11, 30)),)}, days_ahead=0, length=timedelta(hours=1))

    assert walls(proposals(free_slots(morning, [], MONDAY), BERLIN)) == ["Mon 09:30", "Mon 10:30"]


def most_apart(slots) -> int:
    """However they are chosen: the earliest that still fits, again and again."""
    found = []
    for begin, end in slots:
        if not found or found[-1] <= begin:
            found.append(end)
    return len(found)


quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def stretches(draw):
    start, end = sorted(draw(st.lists(quarters, min_size=2, max_size=2, unique=True)))
    return start, end


@st.composite
def situations(draw):
    """Somebody's hours, their other appointments and a reader, often about a change of the clocks."""
    zone, now = draw(near_a_clock_change())
    offered = Availability(
        zone,
        draw(st.dictionaries(st.integers(0, 6), st.lists(stretches(), max_size=3).map(tuple), max_size=7)),
        length=MINUTE * draw(st.sampled_from([15, 20, 30, 45, 60, 90])),
        buffer=MINUTE * draw(st.sampled_from([0, 5, 15, 30])),
        notice=MINUTE * draw(st.sampled_from([0, 60, 240, 1440])),
        days_ahead=draw(st.integers(0, 7)),
    )
    begins = draw(st.lists(st.integers(-600, 12_000), max_size=12))
    busy = [(now + MINUTE * at, now + MINUTE * (at + draw(st.integers(1, 600)))) for at in begins]
    reader = draw(st.none() | st.builds(Reader, zones, st.just(Window(time(8), time(18), weekends=True))))
    return offered, busy, now, reader


@settings(max_examples=300, deadline=None)
@given(situations())
def test_what_is_offered_suits_both_and_meets_nothing_else(situation):
    offered, busy, now, reader = situation

    for begin, end in free_slots(offered, busy, now, reader):
        assert end - begin == offered.length
        assert begin >= now + offered.notice
        for other_begin, other_end in busy:
            assert end + offered.buffer <= other_begin or other_end + offered.buffer <= begin
        first, last = (each.astimezone(offered.zone) for each in (begin, end - MINUTE / 60))
        hours = offered.week[first.weekday()]
        assert first.date() == last.date()
        assert any(start <= first.time() < stop for start, stop in hours)
        assert any(start <= last.time() < stop for start, stop in hours)
        if reader:
            woken, asleep = (each.astimezone(reader.zone) for each in (begin, end - MINUTE / 60))
            assert woken.date() == asleep.date()
            assert (
                time(8) <= woken.time() <= asleep.time() < time(18) or woken.utcoffset() != asleep.utcoffset()
            )


@settings(max_examples=150, deadline=None)
@given(situations())
def test_proposals_are_as_many_as_there_can_be_apart_and_on_as_many_days(situation):
    offered, busy, now, reader = situation
    slots = free_slots(offered, busy, now, reader)
    zone = reader.zone if reader else offered.zone

    chosen = proposals(slots, zone)

    assert set(chosen) <= set(slots)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(chosen))
    days = {begin.astimezone(zone).date() for begin, _end in slots}
    assert len({begin.astimezone(zone).date() for begin, _end in chosen}) == min(3, len(days))
    assert len(chosen) == min(3, most_apart(slots))
