"""Who may be booked when: set by oneself, and what the calendar leaves of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.services.meetings import cancel_meeting, plan_meeting
from crm.tests.builders import a_contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.approvals.services.delegations import delegate
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.kernel.history.models import Change
from outreach.models import BookingHours
from outreach.selectors.availability import hours_of, offer_to, offered_times
from outreach.services.availability import set_booking_hours
from outreach.services.closed_days import close_day
from outreach.tests.campaign_builders import an_actor

MONDAY = datetime(2082, 3, 2, 6, tzinfo=UTC)
MORNING = ["09:00–11:00", *[""] * 6]
MORNING_ONLY = {"week": MORNING, "buffer": 0, "notice": 0, "days_ahead": 1, "length": 30}


@pytest.fixture
def actor(user) -> Actor:
    return Actor.of(user)


@pytest.fixture
def other_actor(db) -> Actor:
    return an_actor()


@pytest.fixture
def hours(actor):
    return set_booking_hours(changes=MORNING_ONLY, actor=actor)


def offered(hours) -> list[str]:
    return [f"{begin:%H:%M}" for begin, _end in offered_times(hours, MONDAY)]


def meeting(actor, begin: datetime, **said):
    return plan_meeting(
        title="Review", starts_at=begin, ends_at=begin + timedelta(minutes=30), actor=actor, **said
    )


def test_who_set_nothing_is_there_in_office_hours_and_nothing_is_kept(user):
    assert hours_of(user).week == [*["09:00–17:00"] * 5, "", ""]
    assert not BookingHours.objects.exists()


def test_hours_are_kept_in_one_form_with_their_history(actor):
    hours = set_booking_hours(changes={"week": ["9-12, 13-17", *[""] * 6], "length": 45}, actor=actor)

    hours.refresh_from_db()
    assert (hours.user, hours.week[0], hours.length) == (actor.user, "09:00–12:00, 13:00–17:00", 45)
    assert Change.objects.filter(subject_id=hours.pk).count() == 1


def test_setting_the_same_again_writes_nothing(hours, actor):
    changes = Change.objects.count()

    again = set_booking_hours(changes=MORNING_ONLY, actor=actor)

    assert (Change.objects.count(), again.version) == (changes, hours.version)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"week": ["9-12", *[""] * 5]}, "A week has seven days"),
        ({"week": ["", "late", *[""] * 5]}, "Tuesday: Write hours"),
        ({"length": 5}, "A meeting lasts 10 to 480 minutes"),
        ({"days_ahead": 0}, "Times are offered for 1 to 90 days"),
        ({"user": None}, "user cannot be changed"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(hours, actor, changes, said):
    with pytest.raises(InvalidInputError, match=said):
        set_booking_hours(changes=changes, actor=actor)

    hours.refresh_from_db()
    assert (hours.week, hours.length, hours.days_ahead) == (MORNING, 30, 1)


def test_nobody_without_a_person_has_hours(db):
    with pytest.raises(NotPermittedError):
        set_booking_hours(changes=MORNING_ONLY, actor=SYSTEM)

    assert not BookingHours.objects.exists()


def test_a_planned_meeting_takes_its_time_until_it_is_cancelled(hours, actor):
    taken = meeting(actor, MONDAY + timedelta(hours=3, minutes=30))
    before = offered(hours)
    cancel_meeting(taken, actor=actor)

    assert (before, offered(hours)) == (["09:00", "10:00", "10:30"], ["09:00", "09:30", "10:00", "10:30"])


def test_a_meeting_that_somebody_sits_in_takes_the_time_of_each(hours, actor, other_actor):
    meeting(other_actor, MONDAY + timedelta(hours=4), users=[actor.user, other_actor.user])

    assert offered(hours) == ["09:00", "09:30", "10:30"]


def test_a_meeting_of_others_takes_no_time(hours, other_actor):
    meeting(other_actor, MONDAY + timedelta(hours=4))

    assert offered(hours) == ["09:00", "09:30", "10:00", "10:30"]


def test_who_is_away_is_not_offered(hours, actor, other_actor):
    ten = MONDAY + timedelta(hours=4)
    delegate(actor.user, deputy=other_actor.user, starts_at=ten, ends_at=ten + timedelta(days=3), actor=actor)

    assert offered(hours) == ["09:00", "09:30"]


def test_a_closed_day_of_the_house_is_not_offered(hours, other_actor):
    close_day(date(2082, 3, 2), name="Retreat", actor=other_actor)

    assert offered(hours) == []


def test_times_follow_the_clock_of_the_person(actor):
    user = actor.user
    user.time_zone = "America/New_York"
    user.save()
    hours = set_booking_hours(changes=MORNING_ONLY, actor=Actor.of(user))

    assert offered(hours) == ["14:00", "14:30", "15:00", "15:30"]


@pytest.mark.parametrize(
    ("country", "zone", "days"),
    [
        ("", "Europe/Berlin", {"Thursday, 24 December", "Friday, 25 December"}),
        ("DE", "Europe/Berlin", {"Thursday, 24 December"}),
        ("SA", "Asia/Riyadh", {"Thursday, 24 December", "Sunday, 27 December"}),
    ],
)
def test_an_offer_keeps_the_holidays_and_the_weekend_of_the_country_of_who_reads_it(
    actor, country, zone, days
):
    set_booking_hours(changes={"week": ["9-15"] * 7, "days_ahead": 3, "notice": 0}, actor=actor)
    reader = a_contact(country=country, time_zone=zone)

    offer = offer_to(reader, owner=actor.user, now=datetime(2026, 12, 24, 6, tzinfo=UTC))

    assert {line.rpartition(",")[0] for line in offer.lines} == days


@pytest.mark.parametrize("count", [1, 3])
def test_the_times_cost_the_same_with_one_meeting_as_with_three(
    hours, actor, count, django_assert_num_queries
):
    for number in range(count):
        meeting(actor, MONDAY + timedelta(hours=3, minutes=30 * number))

    with django_assert_num_queries(3):
        offered_times(hours, MONDAY)
