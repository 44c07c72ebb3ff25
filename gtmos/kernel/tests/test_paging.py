"""Pages by keyset: every row once, whatever is added meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gtmos.kernel.paging import newest_first
from gtmos.kernel.people.models import Team
from gtmos.kernel.tests.builders import a_team

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 3, 2, tzinfo=UTC)


def teams(count: int, *, step: timedelta = timedelta(seconds=1)) -> list[Team]:
    """Newest first, as the pages show them."""
    made = [a_team() for _ in range(count)]
    for number, team in enumerate(made):
        Team.objects.filter(pk=team.pk).update(created_at=MOMENT + step * number)
    return list(Team.objects.order_by("-created_at", "-id"))


def walk(size: int) -> list[Team]:
    seen, cursor = [], ""
    while True:
        page = newest_first(Team.objects.all(), after=cursor, size=size)
        seen += page.rows
        if not page.next_cursor:
            return seen
        cursor = page.next_cursor


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_the_pages_together_are_the_list(size: int) -> None:
    expected = teams(7)

    assert walk(size) == expected


def test_rows_of_the_same_moment_are_told_apart() -> None:
    expected = teams(6, step=timedelta(0))

    assert walk(2) == expected


def test_a_row_added_while_somebody_turns_pages_shifts_nothing() -> None:
    expected = teams(4)
    first = newest_first(Team.objects.all(), size=2)
    a_team("added meanwhile")

    second = newest_first(Team.objects.all(), after=first.next_cursor, size=2)

    assert first.rows + second.rows == expected


@pytest.mark.parametrize("cursor", ["nonsense", "===", "é", "MjAyNi0wMy0wMnw", "AAAA"])
def test_a_cursor_that_is_none_starts_at_the_beginning(cursor: str) -> None:
    expected = teams(2)

    page = newest_first(Team.objects.all(), after=cursor)

    assert (page.rows, page.has_previous) == (expected, False)


def test_a_page_says_whether_there_is_one_before_and_after() -> None:
    teams(3)

    first = newest_first(Team.objects.all(), size=2)
    last = newest_first(Team.objects.all(), after=first.next_cursor, size=2)

    assert (first.has_previous, first.next_cursor != "") == (False, True)
    assert (last.has_previous, last.next_cursor) == (True, "")


def test_any_page_costs_one_statement_without_an_offset() -> None:
    teams(5)
    cursor = newest_first(Team.objects.all(), size=2).next_cursor

    with CaptureQueriesContext(
        connection,
    ) as captured:
        newest_first(Team.objects.all(), after=cursor, size=2)

    assert ["OFFSET" in query["sql"] for query in captured] == [False]
