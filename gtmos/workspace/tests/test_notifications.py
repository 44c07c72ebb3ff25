"""People are told once, where and how they want it: in the product, by mail at once or once a day, or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.services.deals import update_deal
from crm.services.notes import write_note
from crm.services.tasks import create_task, update_task
from crm.subscribers import watch_the_deal
from crm.tests.builders import a_company, a_contact, a_deal
from crm.tests.import_builders import imported
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.notifications.kinds import known
from gtmos.kernel.notifications.models import Notification, NotificationMail
from gtmos.kernel.notifications.services import (
    mark_all_read,
    mark_read,
    mute,
    next_digest,
    notify,
    set_preference,
)
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.builders import a_team, a_user
from outreach.channels.email.transport import Transport
from outreach.services.notifying import send_waiting_notifications
from outreach.subscribers import tell_of_reply
from outreach.tests.sending import Post, a_post

pytestmark = pytest.mark.django_db
AWAY = Transport(host="127.0.0.1", port=1, is_sandbox=True)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with a_post(tmp_path) as found:
        yield found


@pytest.fixture
def ada() -> User:
    return a_user(name="Ada", team=a_team())


@pytest.fixture
def bob(ada: User) -> Actor:
    user = a_user(name="Bob")
    user.memberships.create(team=ada.memberships.get().team)
    return Actor.of(user)


def told(person: User) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(person=person).order_by("created_at", "id")
    return list(rows.values_list("kind", "title"))


def mails(post: Post) -> list[Any]:
    return [message_from_bytes(raw, policy=default) for _, raw in post.sink.mails]


def subjects(post: Post) -> list[str]:
    return [mail["Subject"] for mail in mails(post)]


def a_mention(key: str, *people: User, actor: Actor = SYSTEM, **said: str) -> int:
    return notify(people, kind="mention", title="Named", key=key, actor=actor, **said)


# Once


def test_the_same_is_told_to_each_person_once(ada: User, bob: Actor) -> None:
    assert bob.user
    first = a_mention("one", ada, bob.user)
    again = a_mention("one", ada, bob.user)
    other = a_mention("two", ada)

    assert (first, again, other) == (2, 0, 1)
    assert Notification.objects.count() == 3


def test_who_caused_it_is_not_told_and_who_has_left_neither(ada: User, bob: Actor) -> None:
    assert bob.user
    User.objects.filter(pk=ada.pk).update(is_active=False)
    ada.refresh_from_db()

    assert a_mention("one", ada, bob.user, actor=bob) == 0


def test_a_hundred_people_are_told_in_as_many_statements_as_one(django_assert_num_queries: Any) -> None:
    people = [a_user() for _ in range(100)]

    with django_assert_num_queries(7):  # two of them open and close the savepoint, one reads the clock
        assert a_mention("all", *people) == 100


# As each wants it


def test_who_mutes_one_event_still_gets_the_others_in_the_product_and_by_mail(
    ada: User, bob: Actor, post: Post
) -> None:
    mute(ada, "task_given", actor=Actor.of(ada))
    set_preference(ada, "record_given", in_app=True, by_mail="at_once", actor=Actor.of(ada))
    company = a_company(actor=bob, name="Aster")

    create_task(title="Call Bill", owner=ada, actor=bob)
    write_note("Hello @Ada, look at this", company=company, actor=bob)
    update_deal(a_deal(actor=bob, name="Renewal"), changes={"owner": ada}, actor=bob)
    sent = send_waiting_notifications(way=post.way)

    assert told(ada) == [("mention", "Bob named you in a note"), ("record_given", "Renewal is yours now")]
    assert (sent, subjects(post)) == (2, ["Bob named you in a note", "Renewal is yours now"])
    assert [mail["To"] for mail in mails(post)] == [ada.email] * 2


def test_told_by_mail_alone_stands_in_no_list(ada: User, post: Post, client: Client) -> None:
    set_preference(ada, "mention", in_app=False, by_mail="at_once", actor=Actor.of(ada))
    a_mention("one", ada)
    client.force_login(ada)

    assert send_waiting_notifications(way=post.way) == 1
    assert b"Named" not in client.get("/notifications/").content


def test_a_day_comes_in_one_mail_without_what_was_read_by_then(ada: User, post: Post) -> None:
    set_preference(ada, "mention", in_app=True, by_mail="daily", actor=Actor.of(ada))
    for number in range(3):
        notify([ada], kind="mention", title=f"Note {number}", key=str(number), actor=SYSTEM)
    mark_read(Notification.objects.get(title="Note 1"), actor=Actor.of(ada))
    early = send_waiting_notifications(way=post.way)
    NotificationMail.objects.update(due_at=timezone.now())

    late = [send_waiting_notifications(way=post.way) for _ in range(2)]

    (mail,) = mails(post)
    text = mail.get_content()
    assert (early, late) == (0, [1, 0])
    assert [f"Note {number}" in text for number in range(3)] == [True, False, True]
    assert "/settings/notifications/" in text


def test_a_mail_of_what_was_read_meanwhile_does_not_leave(ada: User, post: Post) -> None:
    a_mention("one", ada)
    mark_all_read(actor=Actor.of(ada))

    assert (send_waiting_notifications(way=post.way), mails(post)) == (0, [])
    assert NotificationMail.objects.get().state == "none"


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("UTC", datetime(2026, 3, 2, 7, 0, tzinfo=UTC), datetime(2026, 3, 2, 7, 30, tzinfo=UTC)),
        ("UTC", datetime(2026, 3, 2, 7, 20, tzinfo=UTC), datetime(2026, 3, 3, 7, 30, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 3, 2, 7, 0, tzinfo=UTC), datetime(2026, 3, 2, 22, 30, tzinfo=UTC)),
        ("Nowhere/Land", datetime(2026, 3, 2, 8, 0, tzinfo=UTC), datetime(2026, 3, 3, 7, 30, tzinfo=UTC)),
    ],
)
def test_once_a_day_is_the_readers_next_morning(zone: str, now: datetime, due: datetime) -> None:
    assert next_digest(zone, now) == due


# Never twice


def test_a_worker_that_died_with_the_mail_in_its_hands_sends_no_second(ada: User, post: Post) -> None:
    a_mention("one", ada)
    send_waiting_notifications(way=post.way)
    NotificationMail.objects.update(state="handing", due_at=timezone.now() - timedelta(minutes=1))

    again = send_waiting_notifications(way=post.way)

    assert (again, len(mails(post)), NotificationMail.objects.get().state) == (1, 1, "sent")


def test_where_nobody_can_say_it_is_not_sent_again(ada: User, post: Post) -> None:
    a_mention("one", ada)
    NotificationMail.objects.update(state="handing", tries=1, due_at=timezone.now())

    send_waiting_notifications(way=Transport(host="127.0.0.1", port=post.way.port))

    assert (mails(post), NotificationMail.objects.get().state) == ([], "doubt")


def test_a_server_that_is_away_is_tried_again_and_then_given_up(ada: User) -> None:
    a_mention("one", ada)
    states = []
    for _ in range(5):
        NotificationMail.objects.update(due_at=timezone.now())
        send_waiting_notifications(way=AWAY)
        states.append(NotificationMail.objects.get().state)

    assert states == ["waiting"] * 4 + ["failed"]


def test_no_title_becomes_a_header(ada: User, post: Post) -> None:
    notify([ada], kind="mention", title="Hi\r\nBcc: all@evil.example", key="x", actor=SYSTEM)

    send_waiting_notifications(way=post.way)

    (mail,) = mails(post)
    assert (mail["Bcc"], mail["Subject"]) == (None, "Hi Bcc: all@evil.example")


# What is told


def test_a_task_is_told_to_whoever_gets_it_and_to_nobody_who_makes_his_own(ada: User, bob: Actor) -> None:
    task = create_task(title="Call Bill", company=a_company(actor=bob, name="Aster"), actor=bob)
    update_task(task, changes={"owner": ada}, actor=bob)
    update_task(task, changes={"title": "Call Bill again"}, actor=bob)

    assert (told(ada), told(bob.user)) == ([("task_given", "Task for you: Call Bill")], [])  # type: ignore[arg-type]  # a user


def test_a_deal_that_a_colleague_moves_is_told_to_its_owner_once(ada: User, bob: Actor) -> None:
    deal = a_deal(actor=bob, name="Renewal")
    type(deal).objects.filter(pk=deal.pk).update(owner=ada)
    deal.refresh_from_db()
    update_deal(deal, changes={"stage": deal.stage.pipeline.stages.all()[1]}, actor=bob)
    moved = EventRecord.objects.get(name="crm.deal_stage_changed")

    for _ in range(2):
        watch_the_deal(moved)

    deal.refresh_from_db()
    assert told(ada) == [("deal_moved", f"Renewal is now in {deal.stage}")]


def test_an_import_that_has_ended_is_told_to_who_started_it(ada: User) -> None:
    imported(b"Company,Website\nAster,aster.example\n", Actor.of(ada))

    assert [kind for kind, _ in told(ada)] == ["import_ended"]


def test_an_answer_is_told_to_who_has_the_person(ada: User) -> None:
    contact = a_contact(name="Zoe", owner=ada)
    payload = {"mail_id": 7, "category": "interested", "contact_id": str(contact.pk)}
    record = EventRecord.objects.create(name="outreach.reply_received", payload=payload)

    for _ in range(2):
        tell_of_reply(record)

    assert told(ada) == [("reply_received", "Zoe answered")]


# The pages


def test_the_bell_counts_and_the_page_groups_and_marks(ada: User, client: Client) -> None:
    for number in range(2):
        notify([ada], kind="mention", title=f"Note {number}", key=str(number), url="/help/", actor=SYSTEM)
    client.force_login(ada)
    before = client.get("/notifications/bell/").content.decode()
    row = Notification.objects.get(title="Note 0")

    opened = client.post(f"/notifications/{row.pk}/open/")
    after = client.get("/notifications/bell/").content.decode()
    client.post("/notifications/read/")
    at_last = client.get("/notifications/bell/").content.decode()

    assert [">2<" in before, ">1<" in after, "unread" in at_last] == [True, True, False]
    assert (opened.status_code, opened["Location"]) == (302, "/help/")
    assert client.get("/notifications/?view=unread").content.count(b"notification-mark") == 0


def test_nobody_reads_or_marks_anothers(ada: User, bob: Actor, client: Client) -> None:
    a_mention("one", ada)
    row = Notification.objects.get()
    client.force_login(bob.user)  # type: ignore[arg-type]  # a user

    answers = {
        client.post(f"/notifications/{row.pk}/{verb}/").status_code for verb in ("open", "mark", "mute")
    }

    assert (answers, b"Named" in client.get("/notifications/").content) == ({404}, False)
    with pytest.raises(DomainError):
        mark_read(row, actor=bob)
    with pytest.raises(DomainError):
        mute(ada, "mention", actor=bob)


def test_the_settings_page_keeps_what_was_chosen(ada: User, client: Client) -> None:
    client.force_login(ada)
    names = [each.name for each in known()]
    form = {f"mail-{name}": "never" for name in names} | {f"app-{name}": "on" for name in names}

    saved = client.post("/settings/notifications/", form | {"mail-mention": "daily"})
    refused = client.post("/settings/notifications/", {"mail-mention": "hourly"})

    rows = dict(ada.notification_preferences.values_list("kind", "by_mail"))
    assert (saved.status_code, refused.status_code) == (302, 422)
    assert (rows["mention"], rows["task_due"], len(rows)) == ("daily", "never", len(names))


def test_a_kind_is_muted_where_it_is_read(ada: User, client: Client) -> None:
    a_mention("one", ada)
    client.force_login(ada)

    client.post(f"/notifications/{Notification.objects.get().pk}/mute/")

    assert a_mention("two", ada) == 0
