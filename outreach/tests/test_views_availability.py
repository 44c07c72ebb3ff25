"""The page on which somebody says when they may be booked."""

import pytest
from django.urls import reverse

from outreach.models import BookingHours
from outreach.services.availability import DAYS

URL = "outreach:booking-hours"
NUMBERS = {"length": "30", "buffer": "0", "notice": "0", "days_ahead": "7"}
EVERY_DAY = {f"day_{number}": "8-18" for number in range(7)} | NUMBERS | {"reader_zone": "UTC"}


@pytest.fixture
def mine(client, user):
    client.force_login(user)
    return client


def test_the_page_begins_with_office_hours_and_offers_three_times(mine):
    answer = mine.get(reverse(URL))

    assert [answer.context["form"].initial[f"day_{number}"] for number in range(7)] == [
        *["09:00–17:00"] * 5,
        "",
        "",
    ]
    assert len(answer.context["three"]) == 3


def test_what_is_saved_stands_there_again(mine, user):
    answer = mine.post(reverse(URL), EVERY_DAY, follow=True)

    assert answer.context["form"].initial["day_6"] == "08:00–18:00"
    assert BookingHours.objects.get().user == user


def test_a_day_that_cannot_be_read_is_said_beside_it_and_nothing_is_kept(mine):
    answer = mine.post(reverse(URL), EVERY_DAY | {"day_2": "late"})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["day_2"]
    assert not BookingHours.objects.exists()


def test_the_preview_shows_what_the_form_would_leave_and_keeps_nothing(mine):
    url = reverse("outreach:booking-hours-next")

    free = mine.post(url, EVERY_DAY)
    none = mine.post(url, EVERY_DAY | dict.fromkeys((f"day_{number}" for number in range(7)), ""))
    unread = mine.post(url, EVERY_DAY | {"length": "1"})

    assert free.context["count"] > 20
    assert "No time that suits both" in none.content.decode()
    assert "every field can be read" in unread.content.decode()
    assert not BookingHours.objects.exists()


def test_the_copied_text_names_the_length_and_the_zone_of_the_reader(mine):
    answer = mine.post(
        reverse("outreach:booking-hours-next"), EVERY_DAY | {"reader_zone": "America/New_York"}
    )

    lines = answer.context["offer"].splitlines()
    assert lines == [
        "Would one of these times suit you for 30 minutes (America/New York time)?",
        *(f"- {line}" for line in answer.context["three"]),
    ]


def test_a_day_has_the_name_of_its_weekday(mine):
    form = mine.get(reverse(URL)).context["form"]

    assert [field.label for field in form.days] == list(DAYS)


def test_the_page_is_for_those_who_are_signed_in(client, db):
    assert client.get(reverse(URL)).status_code == 302
    assert client.post(reverse("outreach:booking-hours-next"), EVERY_DAY).status_code == 302
