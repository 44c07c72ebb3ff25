"""A mailbox whose mails come back too often stops by itself, and a person lets it go on."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.outbox import a_mailbox, due_touches
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user, an_actor
from outreach.governor.rates import BOUNCES, COMPLAINTS, GOOD, STOP, WARN, Limit, Returns, gravest, level_of
from outreach.models import Mailbox, MailboxDay
from outreach.services.domains import ensure_domain
from outreach.services.watching import resume_mailbox, watch_mailboxes

database = pytest.mark.django_db


@pytest.mark.parametrize(
    ("returns", "limit", "level"),
    [
        (Returns(1000, bounced=19), BOUNCES, GOOD),
        (Returns(1000, bounced=20), BOUNCES, WARN),
        (Returns(1000, bounced=49), BOUNCES, WARN),
        (Returns(1000, bounced=50), BOUNCES, STOP),
        (Returns(2000, complained=2), COMPLAINTS, WARN),
        (Returns(2001, complained=2), COMPLAINTS, GOOD),
        (Returns(1000, complained=3), COMPLAINTS, STOP),
        (Returns(100, complained=1), COMPLAINTS, GOOD),
        (Returns(99, bounced=99), BOUNCES, GOOD),
        (Returns(), BOUNCES, GOOD),
    ],
)
def test_the_level_by_rate_and_number(returns: Returns, limit: Limit, level: str) -> None:
    assert level_of(returns, limit) == level


@given(st.integers(0, 5000), st.integers(0, 500), st.integers(0, 500))
def test_one_more_that_comes_back_never_makes_it_better(mails, bounced, complained) -> None:
    order = [GOOD, WARN, STOP]
    now, worse = Returns(mails, bounced, complained), Returns(mails, bounced + 1, complained + 1)

    assert order.index(gravest(worse)[0]) >= order.index(gravest(now)[0])


def sent_from(
    mailbox: Mailbox, mails: int, *, bounced: int = 0, complained: int = 0, days_ago: int = 1
) -> None:
    at = clock.now() - timedelta(days=days_ago)
    MailboxDay.objects.create(mailbox=mailbox, day=at.date(), used=mails, cap=mails)
    keys = list(
        due_touches(bounced + complained, mailbox=mailbox).touches.order_by("pk").values_list("pk", flat=True)
    )
    touches = mailbox.touches.filter(pk__in=keys)
    touches.update(state="sent", sent_at=at)
    touches.filter(pk__in=keys[:bounced]).update(bounced_at=at)
    touches.filter(pk__in=keys[bounced:]).update(complained_at=at)


@database
def test_five_of_a_hundred_bounced_stop_the_mailbox_and_its_owner_hears_why() -> None:
    owner = a_user()
    bad, good = a_mailbox(owner=owner), a_mailbox()
    sent_from(bad, 100, bounced=5)
    sent_from(good, 100, bounced=1)

    done, again = watch_mailboxes(), watch_mailboxes()

    bad.refresh_from_db()
    assert (done, again) == (1, 0)
    assert list(Mailbox.objects.filter(is_active=True)) == [good]
    assert bad.paused_reason.startswith("Stopped by itself. Bounced in 7 days: ")
    assert Change.objects.filter(subject_id=bad.pk).get().actor_kind == "system"
    assert EventRecord.objects.get(name="outreach.mailbox_paused").payload["kind"] == "bounced"
    assert list(Notification.objects.values_list("person", "title")) == [
        (owner.pk, f"{bad.address} stopped sending")
    ]


@database
def test_of_a_mailbox_of_nobody_those_who_configure_hear() -> None:
    keeper = a_user(role=Role.REVOPS)
    a_user(role=Role.AE)
    sent_from(a_mailbox(), 100, bounced=5)

    watch_mailboxes()

    assert list(Notification.objects.values_list("person", flat=True)) == [keeper.pk]


@database
def test_complaints_stop_it_earlier_than_bounces() -> None:
    mailbox = a_mailbox()
    sent_from(mailbox, 600, complained=2)

    assert watch_mailboxes() == 1
    assert "Reported as spam in 7 days" in Mailbox.objects.get().paused_reason


@database
def test_what_is_older_than_a_week_does_not_count() -> None:
    sent_from(a_mailbox(), 100, bounced=50, days_ago=9)

    assert watch_mailboxes() == 0


@database
def test_who_lets_it_go_on_begins_anew() -> None:
    mailbox = a_mailbox()
    sent_from(mailbox, 100, bounced=20)
    watch_mailboxes()

    resume_mailbox(mailbox, actor=an_actor(Role.REVOPS))

    mailbox.refresh_from_db()
    assert (mailbox.is_active, mailbox.paused_reason, watch_mailboxes()) == (True, "", 0)


@database
def test_only_those_who_configure_let_it_go_on_and_only_one_that_is_off() -> None:
    mailbox = a_mailbox()
    with pytest.raises(DomainError):
        resume_mailbox(mailbox, actor=SYSTEM)
    Mailbox.objects.update(is_active=False)
    with pytest.raises(NotPermittedError):
        resume_mailbox(mailbox, actor=an_actor(Role.AE))

    assert not Mailbox.objects.get().is_active


@database
def test_the_page_says_why_it_stopped_and_sends_again_by_a_button() -> None:
    mailbox = a_mailbox()
    Mailbox.objects.update(domain=ensure_domain(mailbox.address, actor=SYSTEM))
    sent_from(mailbox, 100, bounced=20)
    watch_mailboxes()
    client = Client()
    client.force_login(a_user(role=Role.REVOPS))

    before = client.get(reverse("outreach:domains")).content.decode()
    after = client.post(reverse("outreach:mailbox-resume", args=[mailbox.pk])).content.decode()

    assert "Stopped by itself. Bounced in 7 days" in before
    assert "Send again" in before
    assert "Send again" not in after
    assert Mailbox.objects.get().is_active
