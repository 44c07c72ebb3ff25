"""A meeting as a file that every calendar takes."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm.services.meetings import cancel_meeting, plan_meeting, update_meeting
from crm.tests.builders import a_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_team, a_user
from outreach.channels.calendar.reading import read_calendar

HOUR = timedelta(hours=1)


@pytest.fixture
def actor(user) -> Actor:
    return Actor.of(user)


@pytest.fixture
def guest(db):
    return a_contact(email="dana.fox@north.example", name='Dana "D" Fox; Esq.')


@pytest.fixture
def meeting(actor, guest):
    at = clock.now().replace(microsecond=0) + HOUR
    return plan_meeting(
        title="Demo, ä & more",
        starts_at=at,
        ends_at=at + HOUR,
        contacts=[guest],
        place="Room 1",
        agenda="1. Hello\n2. Questions; answers",
        actor=actor,
    )


def file_of(client, meeting):
    answer = client.get(reverse("outreach:meeting-invitation", args=[meeting.pk]))
    assert answer.status_code == 200
    return answer, read_calendar(answer.content)


def test_the_file_says_when_and_who_and_our_own_reader_understands_it(client, user, meeting):
    client.force_login(user)

    answer, calendar = file_of(client, meeting)

    (event,) = calendar.events
    assert (calendar.method, answer["Content-Type"]) == (
        "REQUEST",
        "text/calendar; charset=utf-8; method=REQUEST",
    )
    assert (event.summary, event.starts, event.ends) == (meeting.title, meeting.starts_at, meeting.ends_at)
    assert event.organizer == user.email
    assert [(each.address, each.answer) for each in event.guests] == [
        ("dana.fox@north.example", "NEEDS-ACTION")
    ]
    assert b"Questions\\; answers" in answer.content.replace(b"\r\n ", b"")


def test_a_meeting_that_was_moved_replaces_itself(client, user, actor, meeting):
    client.force_login(user)
    _answer, before = file_of(client, meeting)
    update_meeting(meeting, changes={"ends_at": meeting.ends_at + HOUR}, actor=actor)

    _answer, after = file_of(client, meeting)

    (old,), (new,) = before.events, after.events
    assert new.uid == old.uid
    assert int(new.sequence) > int(old.sequence)
    assert new.ends == old.ends + HOUR


def test_a_guest_of_another_team_is_not_named_in_the_file(client, guest, meeting):
    guest.owner = a_user(role=Role.AE, team=a_team())
    guest.save()
    reader = a_user(role=Role.AE, team=a_team())
    meeting.owner = reader
    meeting.company = None
    meeting.save()
    client.force_login(reader)

    answer, calendar = file_of(client, meeting)

    assert guest.email not in [each.address for each in calendar.events[0].guests]
    assert guest.email.encode() not in answer.content.replace(b"\r\n ", b"")


def test_a_meeting_that_nobody_leads_is_told_and_asks_for_no_answer(client, user, meeting):
    meeting.owner = None
    meeting.save()
    client.force_login(user)

    answer, calendar = file_of(client, meeting)

    assert (calendar.method, "method=PUBLISH" in answer["Content-Type"]) == ("PUBLISH", True)


def test_a_cancelled_meeting_takes_itself_out_of_calendars(client, user, actor, meeting):
    client.force_login(user)
    cancel_meeting(meeting, actor=actor)

    _answer, calendar = file_of(client, meeting)

    assert (calendar.method, calendar.events[0].is_cancelled) == ("CANCEL", True)


def test_the_page_of_a_meeting_offers_the_file(client, user, meeting):
    client.force_login(user)

    page = client.get(reverse("crm:meeting", args=[meeting.pk])).content.decode()

    assert reverse("outreach:meeting-invitation", args=[meeting.pk]) in page


def test_who_may_not_see_the_meeting_gets_no_file(client, meeting):
    url = reverse("outreach:meeting-invitation", args=[meeting.pk])
    signed_out = client.get(url)
    client.force_login(a_user(role=Role.AE, team=a_team()))

    assert (signed_out.status_code, client.get(url).status_code) == (302, 404)
