"""Three facts about a meeting, and what each leads to: booked, cancelled, nobody came."""

from datetime import timedelta

import pytest

from crm.models import Task
from crm.services.meetings import (
    cancel_meeting,
    complete_meeting,
    log_meeting,
    mark_no_show,
    plan_meeting,
    update_meeting,
)
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.dispatch import dispatch_pending
from outreach.services.availability import set_booking_hours
from outreach.tests.answering import a_written_to
from outreach.tests.campaign_builders import an_actor

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def touch():
    (found,) = a_written_to()
    return found


@pytest.fixture
def rep():
    return an_actor()


def planned(touch, rep, *, begins=HOUR, people=None, **said):
    at = clock.now() + begins
    guests = [touch.contact] if people is None else people
    meeting = plan_meeting(
        title="Demo", starts_at=at, ends_at=at + HOUR / 2, contacts=guests, actor=rep, **said
    )
    dispatch_pending()
    return meeting


def sent(touch, when: timedelta):
    touch.sent_at = clock.now() + when
    touch.save(update_fields=["sent_at"])
    return touch


def another_mail(touch, when: timedelta):
    """Of another campaign to the same person."""
    (found,) = a_written_to(contacts=[touch.contact])
    return sent(found, when)


def held(meeting, rep) -> None:
    clock.advance(3 * HOUR, actor=SYSTEM)
    complete_meeting(meeting, outcome="Good", actor=rep)
    dispatch_pending()


def outcome(touch) -> tuple[bool, str, str]:
    touch.refresh_from_db()
    touch.enrollment.refresh_from_db()
    return touch.meeting_at is not None, touch.enrollment.state, touch.enrollment.outcome


def asked() -> list[tuple[str, str]]:
    return list(Task.objects.order_by("created_at").values_list("title", "owner__email"))


def test_a_booked_meeting_counts_for_the_mail_and_ends_the_campaign_at_once(touch, rep):
    planned(touch, rep, begins=72 * HOUR)

    assert outcome(touch) == (True, "finished", "meeting")
    assert asked() == []


def test_a_meeting_without_the_person_counts_for_nothing(touch, rep):
    planned(touch, rep, people=[])

    assert outcome(touch) == (False, "active", "")


def test_a_meeting_long_after_the_mail_has_other_reasons(touch, rep):
    touch.sent_at = clock.now() - timedelta(days=91)
    touch.save(update_fields=["sent_at"])

    planned(touch, rep)

    assert outcome(touch) == (False, "active", "")


def test_a_meeting_that_was_held_counts_for_the_mail_before_its_booking_and_for_none_after(touch, rep):
    sent(touch, -HOUR)
    asked_at = clock.now()
    meeting = planned(touch, rep, begins=2 * HOUR)
    booked_at = clock.now()
    later = another_mail(touch, HOUR)

    held(meeting, rep)

    assert outcome(touch) == (True, "finished", "meeting")
    assert asked_at <= touch.meeting_at <= booked_at
    assert outcome(later) == (False, "active", "")


def test_a_meeting_that_was_booked_before_any_mail_counts_for_none(touch, rep):
    sent(touch, HOUR)
    meeting = planned(touch, rep, begins=2 * HOUR)

    held(meeting, rep)

    assert outcome(touch) == (False, "active", "")


def test_a_second_meeting_counts_for_no_mail_that_came_after_it_was_booked(touch, rep):
    planned(touch, rep, begins=72 * HOUR)
    second = planned(touch, rep, begins=2 * HOUR)
    later = another_mail(touch, HOUR)

    held(second, rep)

    assert outcome(later) == (False, "active", "")


def test_a_booking_counts_from_when_it_was_made_however_late_it_is_told(touch, rep):
    sent(touch, HOUR)
    at = clock.now() + 2 * HOUR
    plan_meeting(title="Demo", starts_at=at, ends_at=at, contacts=[touch.contact], actor=rep)
    sent(touch, timedelta())

    dispatch_pending()

    assert outcome(touch) == (False, "active", "")


def test_who_is_added_to_a_meeting_is_written_to_no_more_at_once(touch, rep):
    meeting = planned(touch, rep, begins=72 * HOUR, people=[])

    update_meeting(meeting, changes={}, contacts=[touch.contact], actor=rep)
    dispatch_pending()

    assert outcome(touch) == (True, "finished", "meeting")


def test_who_stays_in_a_meeting_that_others_join_counts_once(touch, rep):
    meeting = planned(touch, rep, begins=72 * HOUR)
    (other,) = a_written_to()
    later = another_mail(touch, timedelta())

    update_meeting(meeting, changes={}, contacts=[touch.contact, other.contact], actor=rep)
    dispatch_pending()

    assert outcome(other) == (True, "finished", "meeting")
    assert outcome(later) == (False, "active", "")


def test_who_is_added_to_a_cancelled_meeting_is_written_to_further(touch, rep):
    meeting = planned(touch, rep, begins=72 * HOUR, people=[])
    cancel_meeting(meeting, actor=rep)

    update_meeting(meeting, changes={}, contacts=[touch.contact], actor=rep)
    dispatch_pending()

    assert outcome(touch) == (False, "active", "")


def test_who_is_noted_after_a_meeting_was_held_counts_from_when_it_was(touch, rep):
    sent(touch, -HOUR)
    meeting = planned(touch, rep, begins=-HOUR / 60, people=[])
    held(meeting, rep)

    update_meeting(meeting, changes={}, contacts=[touch.contact], actor=rep)
    dispatch_pending()

    assert outcome(touch) == (True, "finished", "meeting")
    assert touch.meeting_at == meeting.starts_at


def test_a_meeting_that_is_noted_afterwards_counts_from_when_it_was(touch, rep):
    at = clock.now() - HOUR
    touch.sent_at = at - HOUR
    touch.save(update_fields=["sent_at"])
    log_meeting(
        title="Demo", starts_at=at, ends_at=at + HOUR, contacts=[touch.contact], outcome="Good", actor=rep
    )
    dispatch_pending()

    assert outcome(touch) == (True, "finished", "meeting")
    assert touch.meeting_at == at


def test_a_cancelled_meeting_asks_for_another_time_with_three_to_offer(touch, rep):
    set_booking_hours(changes={"week": ["8-18"] * 7}, actor=rep)
    meeting = planned(touch, rep)

    cancel_meeting(meeting, outcome="She is ill.", actor=rep)
    dispatch_pending()
    dispatch_pending()

    assert asked() == [(f"Ask {touch.contact} for another time", rep.user.email)]
    about, why, offer = Task.objects.get().note.split("\n\n")
    assert (about, why) == ("About: Demo.", "She is ill.")
    assert len(offer.splitlines()) == 4


def test_a_meeting_to_which_nobody_came_asks_for_a_mail_soon(touch, rep):
    meeting = planned(touch, rep, begins=-HOUR / 60)

    mark_no_show(meeting, actor=rep)
    dispatch_pending()
    dispatch_pending()

    task = Task.objects.get()
    assert asked() == [(f"Write to {touch.contact}, who did not come", rep.user.email)]
    assert task.due_at < clock.now() + 3 * HOUR
    assert task.contact == touch.contact


def test_a_meeting_of_colleagues_that_is_cancelled_asks_nothing(touch, rep):
    meeting = planned(touch, rep, people=[])

    cancel_meeting(meeting, actor=rep)
    dispatch_pending()

    assert asked() == []


def test_who_wants_no_mail_is_asked_without_times_to_copy(touch, rep):
    touch.contact.do_not_email = True
    touch.contact.save()
    meeting = planned(touch, rep)

    cancel_meeting(meeting, actor=SYSTEM)
    dispatch_pending()

    assert Task.objects.get().note == "About: Demo."
