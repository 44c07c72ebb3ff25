import os
import random
import re
import threading
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser

import pytest
from django.db import connection

from benchmarks.outbox import a_mailbox, a_running_campaign, due_touches
from crm.models import Contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor
from outreach.channels.email.message import OutgoingMail, build
from outreach.models import Campaign, Enrollment, Touch
from outreach.services.approvals import stamp_content
from outreach.services.suppression import suppress
from outreach.services.touches import (
    cancel_touches,
    plan_touches,
    prove_sent,
    resolve_doubt,
    retry_touch,
)
from outreach.tests.sending import a_post

UNRESOLVED = re.compile(r"\{\{|\{[A-Za-z]|\}")


@pytest.mark.django_db
def test_the_first_step_is_planned_for_everybody() -> None:
    campaign = a_running_campaign(7, steps=2, state="active")

    made = plan_touches()

    touches = campaign.touches.all()
    assert made == 7
    assert sorted(touch.step_no for touch in touches) == [1] * 7
    assert {touch.state for touch in touches} == {"scheduled"}
    assert len({touch.message_id for touch in touches}) == 7
    assert len({touch.token for touch in touches}) == 7


@pytest.mark.django_db
def test_planning_again_makes_nothing() -> None:
    a_running_campaign(3)
    plan_touches()

    assert plan_touches() == 0


@pytest.mark.django_db
def test_nothing_is_planned_before_an_approval() -> None:
    a_running_campaign(3)
    Campaign.objects.update(approved_hash="")

    assert plan_touches() == 0


@pytest.mark.django_db
def test_people_are_written_to_in_the_order_of_priority_and_not_before_the_start() -> None:
    starts_at = clock.now() + timedelta(hours=1)
    campaign = a_running_campaign(20, starts_at=starts_at)

    plan_touches()

    dues = list(campaign.touches.order_by("enrollment__position").values_list("due_at", flat=True))
    assert dues == sorted(dues)
    assert dues[0] >= starts_at


@pytest.mark.django_db
def test_the_next_step_is_planned_when_the_one_before_was_sent() -> None:
    campaign = a_running_campaign(1, steps=2)
    plan_touches()
    sent_at = clock.now() - timedelta(hours=1)
    Touch.objects.update(state="sent", sent_at=sent_at)
    Enrollment.objects.update(first_sent_at=sent_at)

    made = plan_touches()

    second = campaign.touches.get(step_no=2)
    assert made == 1
    assert sent_at + timedelta(days=3) <= second.due_at <= sent_at + timedelta(days=3, hours=1)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["scheduled", "failed", "in_doubt", "cancelled"])
def test_no_step_follows_one_that_was_not_sent(state) -> None:
    a_running_campaign(1, steps=2)
    plan_touches()
    Touch.objects.update(state=state)

    assert plan_touches() == 0


@pytest.mark.django_db
def test_a_hole_in_the_text_fails_visibly_and_a_mended_one_is_sent() -> None:
    campaign = a_running_campaign(1, subject="Hello {City}")
    plan_touches()
    failed = campaign.touches.get()
    Contact.objects.update(city="Oslo")

    mended = retry_touch(failed, actor=SYSTEM)

    assert (failed.state, failed.last_error) == ("failed", "Not known: City.")
    assert (mended.state, mended.subject) == ("scheduled", "Hello Oslo")
    assert mended.message_id == failed.message_id


@pytest.mark.django_db
def test_a_person_without_an_address_is_never_written_to() -> None:
    campaign = a_running_campaign(1, email="", email_key="")

    plan_touches()

    touch = campaign.touches.get()
    assert (touch.state, touch.last_error) == ("failed", "This person has no e-mail address.")


@pytest.mark.django_db
def test_a_suppressed_person_is_planned_as_cancelled() -> None:
    campaign = a_running_campaign(1)
    suppress(Contact.objects.get().email, reason="unsubscribed", actor=SYSTEM)

    plan_touches()

    assert campaign.touches.get().state == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_planners_side_by_side_make_each_touch_once() -> None:
    campaign = a_running_campaign(60)
    made: list[int] = []

    def plan() -> None:
        made.append(plan_touches())
        connection.close()

    planners = [threading.Thread(target=plan) for _ in range(4)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join()

    assert campaign.touches.count() == 60


PEOPLE, SENT = int(os.environ.get("GTMOS_TEST_PEOPLE", "3000")), 500
# What lists really hold in the place of a name.
HOLES = ("", " ", "\u200b", "{FirstName}", "{{first_name}}", "N/A {", "}", "\r\n", "\x07")


@pytest.mark.django_db(transaction=True)
def test_no_mail_has_a_hole_or_another_persons_words(tmp_path) -> None:
    """Everybody has words of their own, many of them holes. All mails are built; some go through a real server too."""
    dice = random.Random(17)
    campaign = a_running_campaign(
        PEOPLE,
        mailbox=a_mailbox(daily_cap=86_400),
        subject="For {FirstName} {City}",
        body="Dear {FirstName} of {Company}, about {City} and {Title}.",
        starts_at=clock.now() - timedelta(days=30),
    )
    people = list(Contact.objects.order_by("pk"))
    for number, person in enumerate(people):
        person.first_name = dice.choice(HOLES) if dice.random() < 0.05 else f"Canary{number}x"
        person.city = dice.choice(HOLES) if dice.random() < 0.05 else f"City{number}x"
        person.title = dice.choice(HOLES) if dice.random() < 0.05 else f"Title{number}x {{City}}"
    Contact.objects.bulk_update(people, ["first_name", "city", "title"], batch_size=200)
    stamp_content(campaign)
    while plan_touches(limit=2000):
        continue

    touches = list(campaign.touches.select_related("contact"))
    mails = [(touch.recipient, _mail_of(touch)) for touch in touches if touch.state == "scheduled"]
    waiting = [touch.pk for touch in touches if touch.state == "scheduled"][SENT:]
    Touch.objects.filter(pk__in=waiting).update(state="late")
    with a_post(tmp_path) as post:
        post.send(connections=4)
        arrived = [(recipient, words_of(mail)) for recipient, mail in post.sink.parsed()]

    owners = {person.email: person for person in people}
    assert len(touches) == PEOPLE
    assert [*map(_is_own_and_whole, [owners[to] for to, _ in mails], [text for _, text in mails])].count(
        False
    ) == 0
    assert len(arrived) == SENT
    assert all(_is_own_and_whole(owners[recipient], text) for recipient, text in arrived)
    assert 0 < sum(touch.state == "failed" for touch in touches) == PEOPLE - len(mails)
    assert all(touch.last_error.startswith("Not known: ") for touch in touches if touch.state == "failed")


def _mail_of(touch: Touch) -> str:
    built = build(
        OutgoingMail(
            sender_name="Ann",
            sender="ann@ours.example",
            recipient=touch.recipient,
            subject=touch.subject,
            body=touch.body,
            message_id=touch.message_id,
            token=touch.token,
            sent_at=clock.now(),
        )
    )
    return words_of(BytesParser().parsebytes(built))


def words_of(mail: Message) -> str:
    subject = str(make_header(decode_header(mail["Subject"])))
    assert subject.strip()
    return subject + mail.get_payload(0).get_payload(decode=True).decode()


def _is_own_and_whole(person: Contact, words: str) -> bool:
    return (
        not UNRESOLVED.search(words)
        and set(re.findall(r"Canary\d+x", words)) == set(re.findall(r"Canary\d+x", person.first_name))
        and set(re.findall(r"City\d+x", words)) == set(re.findall(r"City\d+x", person.city))
        and set(re.findall(r"Title\d+x", words)) == set(re.findall(r"Title\d+x", person.title))
    )


@pytest.mark.django_db
def test_an_answer_proves_that_a_doubtful_mail_was_sent() -> None:
    campaign = due_touches(1)
    Touch.objects.update(state="in_doubt", handed_at=clock.now())

    proved = prove_sent([campaign.touches.get().pk], how="An open names it.")

    touch = campaign.touches.get()
    assert proved == 1
    assert touch.state == "sent"
    assert Enrollment.objects.get().first_sent_at == touch.sent_at


@pytest.mark.django_db
def test_a_doubt_is_resolved_by_a_person_once() -> None:
    campaign = due_touches(1)
    Touch.objects.update(state="in_doubt", handed_at=clock.now())
    touch = resolve_doubt(campaign.touches.get(), was_sent=True, actor=SYSTEM)

    with pytest.raises(DomainError, match="not in doubt any more"):
        resolve_doubt(touch, was_sent=False, actor=SYSTEM)


@pytest.mark.django_db
def test_only_who_may_send_resolves_a_doubt() -> None:
    campaign = due_touches(1)

    with pytest.raises(NotPermittedError):
        resolve_doubt(campaign.touches.get(), was_sent=False, actor=an_actor(Role.VIEWER))


@pytest.mark.django_db
def test_cancelling_leaves_alone_what_is_already_sent() -> None:
    campaign = due_touches(2)
    first = campaign.touches.order_by("pk")[0]
    Touch.objects.filter(pk=first.pk).update(state="sent")

    cancelled = cancel_touches(campaign.touches, why="They answered.")

    assert cancelled == 1
    assert sorted(campaign.touches.values_list("state", flat=True)) == ["cancelled", "sent"]
