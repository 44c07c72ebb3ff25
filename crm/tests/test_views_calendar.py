"""The calendar: the reader's days, whose entries, moved with history and a way back, and bounded however many there are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from crm.models import Meeting, Task
from crm.services.meetings import cancel_meeting
from crm.services.tasks import create_task
from crm.tests.builders import a_company, a_meeting, a_task
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.kernel.undo.models import Deed

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = "/calendar/?on=2026-03-10"


@pytest.fixture
def ada(client: Client) -> User:
    user = a_user(name="Ada", team=a_team())
    client.force_login(user)
    return user


def day_of(client: Client, url: str, title: str) -> list[str]:
    """The days on which it stands."""
    days = client.get(url).context["days"]
    return [str(day.day) for day in days for entry in day.entries if entry.title == title]


def moved(client: Client, record: Any, day: str, **headers: str) -> Any:
    kind = record._meta.model_name
    return client.post("/calendar/move/", {"kind": kind, "id": record.pk, "day": day}, headers=headers)


def test_each_entry_stands_on_the_day_of_the_readers_clock(client: Client, ada: User) -> None:
    create_task(title="Late", due_at=datetime(2026, 3, 10, 23, 30, tzinfo=UTC), actor=Actor.of(ada))
    days = []
    for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
        User.objects.filter(pk=ada.pk).update(time_zone=zone)
        days += day_of(client, MARCH, "Late")

    assert days == ["2026-03-10", "2026-03-11", "2026-03-10"]


def test_mine_my_teams_and_all_that_i_see(client: Client, ada: User) -> None:
    mate, stranger = a_user(name="Mate"), a_user(name="Stranger", team=a_team())
    mate.memberships.create(team=ada.memberships.get().team)
    for user in (ada, mate, stranger):
        create_task(title=user.name, due_at=NOON, actor=Actor.of(user))
    meeting = a_meeting(actor=Actor.of(mate), title="Demo", starts_at=NOON, users=[mate, ada])
    found = {
        whose: sorted(
            entry.title
            for day in client.get(f"{MARCH}&whose={whose}").context["days"]
            for entry in day.entries
        )
        for whose in ("mine", "team", "all")
    }

    assert found == {"mine": ["Ada", "Demo"], "team": ["Ada", "Demo", "Mate"], "all": ["Ada", "Demo", "Mate"]}
    cancel_meeting(meeting, actor=Actor.of(mate))
    assert day_of(client, MARCH, "Demo") == []


@pytest.mark.parametrize(
    ("view", "days"), [("month", 42), ("week", 7), ("day", 1), ("agenda", 30), ("x", 42)]
)
def test_month_week_day_and_agenda_in_the_address(client: Client, ada: User, view: str, days: int) -> None:
    create_task(title="Call", due_at=NOON, actor=Actor.of(ada))

    assert len(client.get(f"{MARCH}&view={view}").context["days"]) == days
    assert day_of(client, f"{MARCH}&view={view}&kind=task", "Call") == ["2026-03-10"]
    assert day_of(client, f"{MARCH}&view={view}&kind=meeting", "Call") == []


def test_a_task_moves_to_another_day_at_the_same_hour_and_z_takes_it_back(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(time_zone="Europe/Berlin")
    task = create_task(title="Call", due_at=NOON, actor=Actor.of(ada))

    answer = moved(client, task, "2026-03-30", **{"HX-Request": "true"})  # over the change of the clocks
    there = Task.objects.get(pk=task.pk).due_at
    client.post(f"/done/{Deed.objects.get().pk}/undo/")

    assert (answer.status_code, there) == (200, datetime(2026, 3, 30, 11, tzinfo=UTC))
    assert Task.objects.get(pk=task.pk).due_at == NOON
    assert Change.objects.filter(subject_id=task.pk, changed_fields=["due_at"]).count() == 2


def test_a_planned_meeting_moves_with_its_length_and_one_that_is_over_stays(
    client: Client, ada: User
) -> None:
    actor = Actor.of(ada)
    meeting = a_meeting(actor=actor, starts_at=NOON, ends_at=NOON + timedelta(minutes=45))
    gone = cancel_meeting(a_meeting(actor=actor, starts_at=NOON), actor=actor)

    statuses = [moved(client, each, "2026-03-12").status_code for each in (meeting, gone)]

    meeting.refresh_from_db()
    gone.refresh_from_db()
    assert statuses == [302, 409]
    assert (meeting.starts_at, meeting.ends_at - meeting.starts_at) == (
        NOON + timedelta(days=2),
        timedelta(minutes=45),
    )
    assert gone.starts_at == NOON


def test_what_is_not_theirs_or_no_day_is_refused(client: Client, ada: User) -> None:
    theirs = a_task(actor=Actor.of(a_user(team=a_team())), due_at=NOON)
    mine = a_task(actor=Actor.of(ada), due_at=NOON)

    statuses = [
        moved(client, theirs, "2026-03-12").status_code,
        moved(client, mine, "yesterday").status_code,
        client.post("/calendar/move/", {"kind": "user", "id": ada.pk, "day": "2026-03-12"}).status_code,
    ]

    assert statuses == [404, 422, 404]
    assert set(Task.objects.values_list("due_at", flat=True)) == {NOON}


def test_a_click_on_a_day_makes_a_task_there(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(time_zone="Asia/Tokyo")

    client.post("/calendar/new/", {"title": "Call", "day": "2026-03-12", "time": "08:15"})
    refused = client.post(
        "/calendar/new/", {"title": "", "day": "2026-03-12"}, headers={"HX-Request": "true"}
    )

    task = Task.objects.get()
    assert (task.owner, task.due_at) == (ada, datetime(2026, 3, 11, 23, 15, tzinfo=UTC))
    assert refused.status_code == 422


def test_thousands_of_entries_are_two_statements_and_a_few_lines_of_each_day(
    client: Client, ada: User, django_assert_max_num_queries: Any
) -> None:
    home = a_company(actor=Actor.of(ada))
    Task.objects.bulk_create(
        Task(title=f"T{n}", due_at=NOON + timedelta(days=n % 20), owner=ada, company=home)
        for n in range(3000)
    )
    Meeting.objects.bulk_create(
        Meeting(title=f"M{n}", starts_at=NOON, ends_at=NOON, owner=ada, company=home) for n in range(300)
    )
    client.get(MARCH)

    with django_assert_max_num_queries(12):
        days = client.get(MARCH, headers={"HX-Request": "true"}).context["days"]

    tenth = next(day for day in days if str(day.day) == "2026-03-10")
    assert (len(tenth.entries), tenth.more) == (4, 446)


def test_a_program_moves_a_task_and_a_meeting_by_the_clock_of_its_person() -> None:
    person = a_user(name="Tokyo")
    User.objects.filter(pk=person.pk).update(time_zone="Asia/Tokyo")
    me, api = Actor.of(person), Api.of(User.objects.get(pk=person.pk))
    task = create_task(title="Call", due_at=datetime(2026, 3, 10, 23, 30, tzinfo=UTC), actor=me)
    meeting = a_meeting(actor=me, starts_at=NOON)
    length = meeting.ends_at - meeting.starts_at

    api.post(f"tasks/{task.pk}/move", {"day": "2026-03-20"})
    moved = api.post(f"meetings/{meeting.pk}/move", {"day": "2026-03-20"}).json()
    task.refresh_from_db()
    meeting.refresh_from_db()

    assert task.due_at == datetime(2026, 3, 19, 23, 30, tzinfo=UTC)
    assert (meeting.starts_at, meeting.ends_at - meeting.starts_at) == (NOON + timedelta(days=10), length)
    assert moved["starts_at"] == "2026-03-20T12:00:00Z"


@pytest.mark.parametrize("day", ["", "soon", "2026-02-30"])
def test_a_program_that_names_no_day_moves_nothing(day: str, ada: User) -> None:
    task = create_task(title="Call", due_at=NOON, actor=Actor.of(ada))

    answer = Api.of(ada).post(f"tasks/{task.pk}/move", {"day": day})

    task.refresh_from_db()
    assert (answer.status_code, task.due_at) == (400, NOON)
