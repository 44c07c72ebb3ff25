"""What a program reads and marks of the caller's notifications, and how it sets their preferences."""

from typing import Any

import pytest

from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.notifications.kinds import known
from gtmos.kernel.notifications.models import Notification, NotificationPreference
from gtmos.kernel.notifications.services import notify
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return a_user(name="Ada")


def tell(person: User, key: str, kind: str = "mention") -> Notification:
    notify([person], kind=kind, title=f"About {key}", key=key, url="/help/", actor=SYSTEM)
    return Notification.objects.get(person=person, key=key)


def titles(answer: Any) -> list[str]:
    return [each["title"] for each in answer.json()["results"]]


def test_a_program_reads_what_its_person_was_told_and_of_what_kind(ada: User) -> None:
    tell(ada, "one")
    tell(ada, "two", kind="task_given")
    tell(a_user(), "others")
    api = Api.of(ada)

    assert titles(api.get("notifications")) == ["About two", "About one"]
    assert titles(api.get("notifications", kind="mention")) == ["About one"]


def test_one_is_marked_as_read_and_unread_again(ada: User) -> None:
    row, api = tell(ada, "one"), Api.of(ada)
    tell(ada, "two")

    read = api.post(f"notifications/{row.pk}/read", {})
    left = titles(api.get("notifications", is_unread="true"))
    api.post(f"notifications/{row.pk}/unread", {})

    assert read.json()["read_at"] is not None
    assert left == ["About two"]
    assert titles(api.get("notifications", is_unread="true")) == ["About two", "About one"]


def test_everything_is_marked_at_once_and_nothing_of_another(ada: User) -> None:
    bob = a_user()
    for key in ("one", "two"):
        tell(ada, key)
    tell(bob, "three")

    marked = Api.of(ada).post("notifications/read-all", {})

    assert marked.json() == {"marked": 2}
    assert list(Notification.objects.filter(read_at=None).values_list("person", flat=True)) == [bob.pk]


def test_anothers_is_neither_read_nor_marked(ada: User) -> None:
    row = tell(a_user(), "others")
    api = Api.of(ada)

    assert api.get("notifications", row.pk).status_code == 404
    assert api.post(f"notifications/{row.pk}/read", {}).status_code == 404
    row.refresh_from_db()
    assert row.read_at is None


def test_the_preferences_name_every_kind_and_one_is_changed(ada: User) -> None:
    api = Api.of(ada)
    body = {"kind": "mention", "in_app": False, "by_mail": "never"}

    before = {each["kind"]: each for each in api.get("notification-preferences").json()["kinds"]}
    said = api.post("notification-preferences", body)
    after = {each["kind"]: each for each in api.get("notification-preferences").json()["kinds"]}

    assert set(before) == {each.name for each in known()}
    assert (said.status_code, before["mention"]["in_app"]) == (200, True)
    assert {kind for kind in after if after[kind] != before[kind]} == {"mention"}
    assert (after["mention"]["in_app"], after["mention"]["by_mail"]) == (False, "never")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("nothing", {"in_app": True, "by_mail": "never"}, 422),
        ("mention", {"in_app": True, "by_mail": "weekly"}, 400),
        ("mention", {"in_app": True}, 400),
    ],
)
def test_a_preference_that_cannot_be_is_refused_and_changes_nothing(
    ada: User, kind: str, body: Any, status: int
) -> None:
    api = Api.of(ada)

    answer = api.post("notification-preferences", {"kind": kind, **body})

    assert answer.status_code == status
    assert not NotificationPreference.objects.exists()
