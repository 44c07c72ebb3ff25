"""Working days of a country, and hours of sending that keep to them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.timing.calendars import holiday_on, is_working_day
from outreach.timing.windows import Window, add_open_time, next_allowed, why_closed

NEW_YORK, RIYADH = ZoneInfo("America/New_York"), ZoneInfo("Asia/Riyadh")
COUNTRIES = sorted(code for code in holidays.list_supported_countries() if len(code) == 2)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
AMERICAN = Window(time(9), time(17), country="US")


def test_thanksgiving_rolls_to_the_friday() -> None:
    thanksgiving = datetime(2027, 11, 25, 15, tzinfo=UTC)

    allowed = next_allowed(thanksgiving, AMERICAN, NEW_YORK)

    assert allowed.astimezone(NEW_YORK) == datetime(2027, 11, 26, 9, tzinfo=NEW_YORK)


def test_a_holiday_that_falls_on_a_weekend_keeps_the_day_that_stands_in_for_it() -> None:
    friday = datetime(2026, 7, 3, 15, tzinfo=UTC)

    allowed = next_allowed(friday, AMERICAN, NEW_YORK)

    assert allowed.astimezone(NEW_YORK) == datetime(2026, 7, 6, 9, tzinfo=NEW_YORK)


def test_the_weekend_is_that_of_the_readers_country() -> None:
    friday = datetime(2027, 1, 8, 8, tzinfo=UTC)
    arabian = Window(time(9), time(17), country="SA")

    allowed = next_allowed(friday, arabian, RIYADH)

    assert allowed.astimezone(RIYADH) == datetime(2027, 1, 10, 9, tzinfo=RIYADH)


@pytest.mark.parametrize("country", ["", "ZZ", "U", "usa"])
def test_a_country_that_nobody_knows_works_from_monday_to_friday(country: str) -> None:
    week = [date(2026, 12, 21) + timedelta(days=days) for days in range(7)]

    assert [is_working_day(day, country) for day in week] == [True] * 5 + [False] * 2


def test_a_mailbox_that_sends_on_all_days_keeps_only_our_own_closed_days() -> None:
    window = Window(time(9), time(17), weekends=True, country="US", closed=frozenset({date(2027, 11, 26)}))

    on_the_holiday = next_allowed(datetime(2027, 11, 25, 15, tzinfo=UTC), window, NEW_YORK)
    on_ours = next_allowed(datetime(2027, 11, 26, 15, tzinfo=UTC), window, NEW_YORK)

    assert on_the_holiday == datetime(2027, 11, 25, 15, tzinfo=UTC)
    assert on_ours.astimezone(NEW_YORK) == datetime(2027, 11, 27, 9, tzinfo=NEW_YORK)


def test_it_says_in_words_why_nobody_is_written_to() -> None:
    closed = Window(time(9), time(17), country="US", closed=frozenset({date(2027, 11, 24)}))
    moments = [datetime(2027, 11, day, 15, tzinfo=UTC) for day in (24, 25, 27)]

    assert [why_closed(moment, closed, NEW_YORK) for moment in moments] == [
        "a closed day of ours",
        "a holiday where the reader lives: Thanksgiving Day",
        "outside the hours of sending",
    ]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.sampled_from(COUNTRIES),
    st.datetimes(datetime(2020, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC)),
    st.sets(st.integers(0, 40), max_size=20),
    st.integers(0, 400_000),
)
def test_nobody_is_written_to_on_a_day_off_of_any_country_in_any_zone(
    zone: ZoneInfo, country: str, moment: datetime, offsets: set[int], seconds: int
) -> None:
    closed = frozenset(moment.date() + timedelta(days=days) for days in offsets)
    window = Window(time(9), time(17), country=country, closed=closed)

    day = add_open_time(moment, timedelta(seconds=seconds), window, zone).astimezone(zone).date()

    known = holidays.country_holidays(country, years=day.year)
    assert (day in known, day.weekday() in known.weekend, day in closed) == (False, False, False)


def test_a_holiday_has_its_english_name_and_any_other_day_none() -> None:
    names = holiday_on(date(2026, 10, 3), "DE"), holiday_on(date(2026, 10, 5), "DE"), holiday_on(date.max, "")

    assert names == ("German Unity Day", "", "")
