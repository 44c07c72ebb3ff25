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


def test_no_id_stands_twice_in_the_library(client: Client) -> None:
    client.force_login(a_user())

    ids = Counter(re.findall(r'\bid="([^"]+)"', client.get("/style/").content.decode()))

    assert [name for name, count in ids.items() if count > 1] == []
