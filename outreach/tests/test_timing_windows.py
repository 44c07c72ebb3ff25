import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.timing.windows import Window, add_open_time, is_inside, next_allowed, next_open, zone_of

OFFICE = Window(time(9), time(17))
NEW_YORK = ZoneInfo("America/New_York")
ZONES = sorted(available_timezones() - {"localtime", "Factory"})

zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(min_value=datetime(2005, 1, 1), max_value=datetime(2037, 1, 1), timezones=st.just(UTC))
quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def windows(draw):
    start, end = sorted(draw(st.lists(quarters, min_size=2, max_size=2, unique=True)))
    return Window(start, end, weekends=draw(st.booleans()))


@st.composite
def near_a_clock_change(draw):
    """A zone and a moment within two days of one of its offset changes, where there is one in the year."""
    zone = draw(zones)
    start = datetime(draw(st.integers(2006, 2036)), 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=day) for day in range(366)]
    changes = [
        a
        for a, b in itertools.pairwise(days)
        if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()
    ]
    base = draw(st.sampled_from(changes)) if changes else draw(st.sampled_from(days))
    return zone, base + timedelta(seconds=draw(st.integers(-172_800, 172_800)))


def test_a_moment_inside_the_window_stays() -> None:
    moment = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)

    assert next_allowed(moment, OFFICE, NEW_YORK) == moment


def test_an_evening_rolls_to_the_next_morning() -> None:
    assert next_allowed(datetime(2026, 3, 4, 23, tzinfo=UTC), OFFICE, NEW_YORK) == datetime(
        2026, 3, 5, 14, tzinfo=UTC
    )


def test_a_friday_evening_rolls_over_the_weekend_and_the_change_of_the_clocks() -> None:
    friday = datetime(2026, 3, 6, 23, tzinfo=UTC)

    assert next_allowed(friday, OFFICE, NEW_YORK) == datetime(2026, 3, 9, 13, tzinfo=UTC)


def test_the_end_of_the_window_is_outside() -> None:
    end = datetime(2026, 3, 4, 22, tzinfo=UTC)

    assert not is_inside(end, OFFICE, NEW_YORK)
    assert is_inside(end - timedelta(microseconds=1), OFFICE, NEW_YORK)


def test_a_window_that_starts_in_the_skipped_hour_opens_at_the_skip() -> None:
    early = Window(time(2, 30), time(4), weekends=True)

    opens, closes = next_open(datetime(2026, 3, 8, 5, tzinfo=UTC), early, NEW_YORK)

    assert opens == datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert closes == datetime(2026, 3, 8, 8, tzinfo=UTC)


def test_a_window_wholly_inside_the_skipped_hour_waits_for_the_next_day() -> None:
    skipped = Window(time(2, 15), time(2, 45), weekends=True)

    assert next_allowed(datetime(2026, 3, 8, 5, tzinfo=UTC), skipped, NEW_YORK) == datetime(
        2026, 3, 9, 6, 15, tzinfo=UTC
    )


def test_a_zone_that_skipped_a_day_is_written_to_on_the_day_after() -> None:
    apia = ZoneInfo("Pacific/Apia")

    allowed = next_allowed(
        datetime(2011, 12, 30, 11, tzinfo=UTC), Window(time(9), time(17), weekends=True), apia
    )

    assert allowed.astimezone(apia).date() == date(2011, 12, 31)


def test_an_unknown_zone_falls_back() -> None:
    assert zone_of("Mars/Olympus", "Europe/Berlin") == ZoneInfo("Europe/Berlin")
    assert zone_of("../etc/passwd", "") == ZoneInfo("UTC")


@settings(max_examples=400)
@given(st.one_of(near_a_clock_change(), st.tuples(zones, moments)), windows())
def test_the_next_allowed_moment_is_open_for_the_reader_in_every_zone(place, window) -> None:
    zone, moment = place

    allowed = next_allowed(moment, window, zone)

    local = allowed.astimezone(zone)
    assert allowed >= moment
    assert is_inside(allowed, window, zone)
    assert window.weekends or local.weekday() < 5
    assert window.start <= local.time() < window.end or _clocks_change_on(local.date(), zone)


@settings(max_examples=400)
@given(st.one_of(near_a_clock_change(), st.tuples(zones, moments)), windows())
def test_nothing_earlier_was_allowed(place, window) -> None:
    zone, moment = place

    allowed = next_allowed(moment, window, zone)

    span = (allowed - moment).total_seconds()
    assert not any(
        is_inside(moment + timedelta(seconds=span * part / 50), window, zone) for part in range(50) if span
    )


@settings(max_examples=200)
@given(st.one_of(near_a_clock_change(), st.tuples(zones, moments)), windows(), st.integers(0, 200_000))
def test_open_time_added_lands_in_an_open_window_and_keeps_the_order(place, window, seconds) -> None:
    zone, moment = place

    once = add_open_time(moment, timedelta(seconds=seconds), window, zone)
    more = add_open_time(moment, timedelta(seconds=seconds + 1), window, zone)

    assert is_inside(once, window, zone)
    assert moment + timedelta(seconds=seconds) <= once < more


def _clocks_change_on(day: date, zone: ZoneInfo) -> bool:
    midnight = datetime.combine(day, time(0), tzinfo=zone)
    return midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset()
