"""Notes that name colleagues, their history, and the life of a meeting."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.intake.mentions import Colleague, named
from crm.models import Activity, Mention
from crm.selectors.mentions import unread_mentions
from crm.selectors.timeline import timeline
from crm.services.activities import log_activity
from crm.services.meetings import cancel_meeting, complete_meeting, log_meeting, mark_no_show, update_meeting
from crm.services.mentions import read_mention
from crm.services.notes import edit_note, write_note
from crm.tests.builders import a_company, a_contact, a_meeting
from gtmos.kernel import clock, history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
PEOPLE = [
    Colleague(1, "Dana Berg", "dana@x.example"),
    Colleague(2, "Nina Ode", "nina@x.example"),
    Colleague(3, "Nina Oder", "no@x.example"),
]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Ask @Dana about it", [1]),
        ("@dana berg, please", [1]),
        ("Ask @Nina", []),
        ("Ask @Nina Oder and @Nina Ode, @dana and @Dana", [3, 2, 1]),
        ("Write to sales@dana.example or @Danab", []),
        ("@", []),
    ],
)
def test_who_is_named(text: str, keys: list[int]) -> None:
    assert named(text, PEOPLE) == keys


def test_a_colleague_who_may_see_the_record_is_told_and_nobody_else() -> None:
    team = a_team()
    writer, mate = a_user(team=team, name="Wera One"), a_user(team=team, name="Dana Two")
    stranger = a_user(team=a_team(), name="Stan Three")
    company = a_company(actor=Actor.of(writer))

    note = write_note("@Dana and @Stan, see this", company=company, actor=Actor.of(writer))

    assert [each.activity for each in unread_mentions(actor=Actor.of(mate))] == [note]
    assert list(Mention.objects.filter(user=stranger)) == []
    assert EventRecord.objects.filter(name="crm.person_mentioned").count() == 1


def test_an_edit_changes_who_is_told_and_the_history_keeps_the_words() -> None:
    team = a_team()
    writer = a_user(team=team)
    a_user(team=team, name="Dana Two")
    a_user(team=team, name="Emil Four")
    note = write_note("@Dana, see", company=a_company(actor=Actor.of(writer)), actor=Actor.of(writer))

    for _ in range(2):
        edit_note(note, text="@Emil, see", actor=Actor.of(writer))

    assert [str(each.user) for each in Mention.objects.all()] == ["Emil Four"]
    changes = history.of_record(note)
    assert [each.previous_values["body"] for each in changes] == ["@Dana, see"]


def test_a_read_mention_waits_no_longer_and_only_its_reader_reads_it() -> None:
    me, other = a_user(name="Dana Two"), a_user()
    write_note("@Dana, see", company=a_company(), actor=SYSTEM)
    mention = Mention.objects.get()

    with pytest.raises(DomainError):
        read_mention(mention, actor=Actor.of(other))
    read_mention(mention, actor=Actor.of(me))

    assert list(unread_mentions(actor=Actor.of(me))) == []


def test_what_came_from_outside_names_nobody_and_stays_as_it_came() -> None:
    a_user(name="Dana Two")
    mail = log_activity(
        type="note", subject="@Dana", body="@Dana, pay", is_untrusted=True, company=a_company(), actor=SYSTEM
    )

    with pytest.raises(DomainError):
        edit_note(mail, text="Other words", actor=SYSTEM)

    assert list(Mention.objects.all()) == []


def test_a_viewer_edits_no_note() -> None:
    note = write_note("Words", company=a_company(), actor=SYSTEM)

    with pytest.raises(NotPermittedError):
        edit_note(note, text="Other", actor=Actor.of(a_user(role=Role.VIEWER)))


def test_pages_of_notes_offer_colleagues_say_who_was_not_told_and_delete(client: Client) -> None:
    team = a_team()
    writer = a_user(team=team, name="Wera One")
    a_user(team=team, name="Dana Two")
    a_user(team=a_team(), name="Dan Three")
    client.force_login(writer)
    company = a_company(actor=Actor.of(writer))

    offered = client.get(reverse("crm:company-colleagues", args=[company.pk]), {"q": "da"}).json()
    said = client.post(reverse("crm:company-note", args=[company.pk]), {"text": "@Dan Three and @Dana"})
    note = Activity.objects.get()
    changed = client.post(reverse("crm:note", args=[note.pk]), {"text": "Only words"})
    page = client.get(reverse("crm:note", args=[note.pk])).content.decode()
    client.post(reverse("crm:note-delete", args=[note.pk]))

    assert offered == {"people": [{"name": "Dana Two"}]}
    assert "Dan Three may not see this and was not told." in said.headers["HX-Trigger"]
    assert (changed.status_code, "Only words" in page) == (200, True)
    assert list(Activity.objects.all()) == []


def test_a_mention_stands_on_the_home_page_and_in_its_list(client: Client) -> None:
    me = a_user(name="Dana Two")
    client.force_login(me)
    write_note("@Dana, see the plan", company=a_company(), actor=SYSTEM)

    shown = [client.get(reverse(name)).content.decode() for name in ("workspace:home", "crm:mentions")]

    assert ["see the plan" in each for each in shown] == [True, True]


def test_a_meeting_that_was_held_stands_once_on_the_timeline_and_counts_as_an_activity() -> None:
    contact = a_contact()
    meeting = a_meeting(contacts=[contact])

    complete_meeting(meeting, outcome="They want a pilot", actor=SYSTEM)

    activity = Activity.objects.get()
    assert (activity.type, activity.contact, activity.duration_minutes) == ("meeting", contact, 30)
    for record in (contact, contact.company):
        shown = timeline(record, actor=SYSTEM, kind="meeting").items
        assert [(each.source, each.note, each.detail) for each in shown] == [
            ("meeting", "held", "They want a pilot")
        ]


@pytest.mark.parametrize(("verb", "state"), [(mark_no_show, "no_show"), (cancel_meeting, "cancelled")])
def test_a_meeting_ends_once(verb: Any, state: str) -> None:
    meeting = verb(a_meeting(), outcome="Ill", actor=SYSTEM)

    with pytest.raises(DomainError):
        complete_meeting(meeting, outcome="", actor=SYSTEM)

    assert (meeting.state, list(Activity.objects.all())) == (state, [])


def test_a_meeting_of_tomorrow_is_neither_held_nor_missed() -> None:
    meeting = a_meeting(starts_at=clock.now() + timedelta(days=1))

    for verb in (complete_meeting, mark_no_show):
        with pytest.raises(DomainError):
            verb(meeting, outcome="", actor=SYSTEM)


def test_who_attends_is_changed_and_noted() -> None:
    first, second = a_contact(name="Ana One"), a_contact(name="Ben Two")
    meeting = a_meeting(contacts=[first])

    update_meeting(meeting, changes={"place": "Oslo"}, contacts=[second], actor=SYSTEM)

    noted = [each.new_values for each in history.of_record(meeting) if "attendees" in each.changed_fields]
    assert noted == [{"attendees": "Ben Two"}]


def test_a_meeting_needs_a_title_and_an_end_after_its_beginning() -> None:
    now = clock.now()

    for values in ({"title": " "}, {"ends_at": now - timedelta(hours=3)}):
        with pytest.raises(DomainError):
            a_meeting(**values)


def test_a_past_meeting_is_logged_in_one_step() -> None:
    start = clock.now() - timedelta(days=1)
    said = {"title": "Review", "starts_at": start, "ends_at": start, "company": a_company()}

    meeting = log_meeting(outcome="Fine", actor=SYSTEM, **said)

    assert (meeting.state, Activity.objects.get().subject) == ("held", "Review")


def test_a_meeting_is_planned_changed_and_closed_on_its_page(client: Client) -> None:
    me = a_user()
    client.force_login(me)
    company = a_company(actor=Actor.of(me))
    form = {"title": "Kick-off", "starts_at": "2026-01-05T10:00", "ends_at": "2026-01-05T11:00"}

    made = client.post(f"{reverse('crm:meeting-create')}?company={company.pk}", form)
    changed = client.post(made.headers["Location"], {**form, "place": "Oslo"})
    client.post(f"{made.headers['Location']}close/complete/", {"outcome": "Good"})
    page = client.get(made.headers["Location"]).content.decode()
    lists = [client.get(reverse("crm:meetings"), {"view": view}) for view in ("planned", "mine", "past")]

    assert (changed.status_code, "Oslo" in page, "Good" in page) == (302, True, True)
    assert ["Kick-off" in each.content.decode() for each in lists] == [False, False, True]


def test_programs_plan_and_close_meetings() -> None:
    me = a_user(team=a_team())
    api = Api.of(me)
    contact = a_contact(actor=Actor.of(me))
    body = {"title": "Demo", "starts_at": "2026-01-05T10:00:00Z", "ends_at": "2026-01-05T11:00:00Z"}

    made = api.post("meetings", {**body, "contact_ids": [str(contact.pk)]}).json()
    done = api.client.post(
        f"/api/v1/meetings/{made['id']}/no-show/", {}, content_type="application/json", headers=api.headers
    ).json()

    assert [each["contact_id"] for each in made["attendees"]] == [None, str(contact.pk)][::-1]
    assert (made["company_id"], done["state"]) == (str(contact.company_id), "no_show")
