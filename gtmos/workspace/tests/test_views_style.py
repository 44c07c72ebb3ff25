"""The component library: every component is drawn with its call."""

import re
from collections import Counter

import pytest
from django.test import Client

from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "word",
    [
        "Answer Mara Lindqvist",
        "Before Delta Lines, 20 seats moves to Proposal",
        "Happy to open that door",
        "Take that of Paul Okoye",
        "They have 250 people by now.",
        "chance 20 and 40 %",
    ],
)
def test_the_parts_of_an_account_are_in_the_library(word: str, client: Client) -> None:
    client.force_login(a_user())

    page = client.get("/style/")

    assert (page.status_code, word in page.content.decode()) == (200, True)


@pytest.mark.parametrize(
    "word",
    [
        "People is below 20 or People is above 500",
        "Logistics · Rotterdam · 210 people",
        "Open deals by stage; the solid part is what is likely.",
        "21 calls in the last week, the most of four.",
        "2 things are kept, to be sent when it is back",
        "Paul Okoye changed it while you had it open.",
        "Change 113 of 120 companies",
        'aria-label="People" autocomplete="off" inputmode="decimal"',
        "data-filter-builder",
    ],
)
def test_the_parts_of_lists_and_numbers_are_in_the_library(word: str, client: Client) -> None:
    client.force_login(a_user())

    page = client.get("/style/")

    assert (page.status_code, word in page.content.decode()) == (200, True)


def test_no_id_stands_twice_in_the_library(client: Client) -> None:
    client.force_login(a_user())

    ids = Counter(re.findall(r'\bid="([^"]+)"', client.get("/style/").content.decode()))

    assert [name for name, count in ids.items() if count > 1] == []
