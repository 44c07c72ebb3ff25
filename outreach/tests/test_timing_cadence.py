from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.timing.cadence import Gap, first_touch_at, fraction, next_touch_at, spacing_seconds
from outreach.timing.windows import Window, is_inside

OFFICE = Window(time(9), time(17))
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)

zones = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
moments = st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2035, 1, 1), timezones=st.just(UTC))


def test_the_offset_decides_when_it_is_later_than_the_gap() -> None:
    due = next_touch_at(MONDAY, MONDAY, Gap(timedelta(days=3)), OFFICE, BERLIN, seed="a")

    assert MONDAY + timedelta(days=3) <= due <= MONDAY + timedelta(days=3, minutes=45)


def test_the_minimum_gap_decides_when_the_last_touch_was_late() -> None:
    late = MONDAY + timedelta(days=2)

    due = next_touch_at(MONDAY, late, Gap(timedelta(days=3)), OFFICE, BERLIN, seed="a")

    assert late + timedelta(hours=48) <= due <= late + timedelta(hours=48, minutes=45)


def test_the_same_seed_gives_the_same_moment_and_another_seed_another_one() -> None:
    dues = [
        next_touch_at(MONDAY, MONDAY, Gap(timedelta(days=3)), OFFICE, BERLIN, seed=seed) for seed in "aab"
    ]

    assert dues[0] == dues[1]
    assert dues[0] != dues[2]


def test_a_mailbox_spreads_its_cap_over_the_day() -> None:
    assert spacing_seconds(OFFICE, 480) == 60.0
    assert spacing_seconds(OFFICE, 1) == 180.0


def test_the_fraction_is_evenly_spread() -> None:
    parts = [fraction(str(number)) for number in range(2000)]

    quarters = [sum(1 for part in parts if int(part * 4) == quarter) for quarter in range(4)]
    assert all(430 < count < 570 for count in quarters)


@settings(max_examples=300)
@given(zones, moments, st.integers(0, 40), st.integers(0, 200), st.integers(0, 400), st.text(max_size=8))
def test_a_follow_up_is_never_early_and_always_in_the_window(
    zone, first, days, gap_hours, later_hours, seed
) -> None:
    last = first + timedelta(hours=later_hours)
    gap = Gap(timedelta(days=days), timedelta(hours=gap_hours))

    due = next_touch_at(first, last, gap, OFFICE, zone, seed=seed)

    assert due >= first + gap.offset
    assert due >= last + gap.minimum
    assert is_inside(due, OFFICE, zone)


@settings(max_examples=200)
@given(zones, moments, st.integers(0, 2000), st.floats(1, 180))
def test_first_touches_follow_the_order_of_priority(zone, starts_at, position, spacing) -> None:
    due = first_touch_at(starts_at, position, spacing, OFFICE, zone, seed=str(position))
    after = first_touch_at(starts_at, position + 1, spacing, OFFICE, zone, seed=str(position + 1))

    assert starts_at <= due < after
    assert is_inside(due, OFFICE, zone)
