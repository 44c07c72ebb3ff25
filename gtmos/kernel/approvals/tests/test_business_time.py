"""Hours in which people work: over nights, weekends and a change of the clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gtmos.kernel.approvals.business_time import Office, due

OFFICE = Office("UTC", 9, 17)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "hours", "expected"),
    [
        ("2026-11-23T10:00", 4, "2026-11-23T14:00"),  # a Monday
        ("2026-11-23T15:00", 4, "2026-11-24T11:00"),
        ("2026-11-23T13:00", 4, "2026-11-23T17:00"),
        ("2026-11-27T16:00", 2, "2026-11-30T10:00"),  # over a weekend
        ("2026-11-28T12:00", 1, "2026-11-30T10:00"),
        ("2026-11-23T06:00", 1, "2026-11-23T10:00"),
        ("2026-11-23T20:00", 1, "2026-11-24T10:00"),
        ("2026-11-23T09:00", 40, "2026-11-27T17:00"),
    ],
)
def test_only_the_hours_of_the_office_count(since: str, hours: float, expected: str) -> None:
    assert due(at(since), hours, office=OFFICE) == at(expected)


def test_without_an_office_every_hour_counts() -> None:
    assert due(at("2026-11-27T16:00"), 30, office=None) == at("2026-11-28T22:00")


def test_the_office_keeps_its_own_clock_when_the_clocks_change() -> None:
    friday = datetime(2026, 3, 27, 16, tzinfo=ZoneInfo("Europe/Berlin"))

    found = due(friday.astimezone(UTC), 2, office=Office("Europe/Berlin", 9, 17))

    assert found == datetime(2026, 3, 30, 10, tzinfo=ZoneInfo("Europe/Berlin"))


def test_an_office_that_never_closes_is_closed_at_weekends() -> None:
    assert due(at("2026-11-27T23:00"), 2, office=Office("UTC", 0, 24)) == at("2026-11-30T01:00")
