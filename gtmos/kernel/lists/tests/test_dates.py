"""Days in filters, without a database."""

import datetime as dt

import pytest

from gtmos.kernel.lists.dates import SPANS, day_of, days_of, lately, soon, span_of
from gtmos.kernel.lists.filters import FilterError

FRIDAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("span", "first", "behind"),
    [
        ("today", "2026-11-20", "2026-11-21"),
        ("yesterday", "2026-11-19", "2026-11-20"),
        ("tomorrow", "2026-11-21", "2026-11-22"),
        ("this_week", "2026-11-16", "2026-11-23"),
        ("last_week", "2026-11-09", "2026-11-16"),
        ("next_week", "2026-11-23", "2026-11-30"),
        ("this_month", "2026-11-01", "2026-12-01"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("next_month", "2026-12-01", "2027-01-01"),
        ("this_quarter", "2026-10-01", "2027-01-01"),
        ("last_quarter", "2026-07-01", "2026-10-01"),
        ("next_quarter", "2027-01-01", "2027-04-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
    ],
)
def test_a_span_is_from_its_first_day_to_the_day_after_its_last(span: str, first: str, behind: str) -> None:
    assert [day.isoformat() for day in span_of(span, today=FRIDAY)] == [first, behind]


def test_every_span_that_is_offered_is_known() -> None:
    assert all(first < behind for first, behind in (span_of(span, today=FRIDAY) for span in SPANS))


def test_days_are_written_or_counted_from_today() -> None:
    days = [day_of(text, today=FRIDAY) for text in ("2026-03-01", "today", "today-30", "today+7")]

    assert [day.isoformat() for day in days] == ["2026-03-01", "2026-11-20", "2026-10-21", "2026-11-27"]


def test_the_last_and_the_next_days_hold_today() -> None:
    assert lately(30, today=FRIDAY) == (dt.date(2026, 10, 21), dt.date(2026, 11, 21))
    assert soon(7, today=FRIDAY) == (FRIDAY, dt.date(2026, 11, 28))


@pytest.mark.parametrize("text", ["", "0", "-3", "30 weeks", "99999999999", "٣"])
def test_what_is_no_number_of_days_is_refused(text: str) -> None:
    with pytest.raises(FilterError) as refused:
        days_of(text)

    assert refused.value.message == f"“{text}” is not a number of days."


def test_a_day_that_is_none_or_too_far_is_refused() -> None:
    with pytest.raises(FilterError) as refused:
        day_of("2026-02-30", today=FRIDAY)
    with pytest.raises(FilterError) as far:
        day_of("today+99999", today=dt.date(9999, 1, 1))

    assert refused.value.message == "“2026-02-30” is not a day. Write it as 2026-03-01, today or today-30."
    assert far.value.message == "This day is too far away."
