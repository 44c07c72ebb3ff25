"""Warm-up and the cap of a domain, where the mail is handed over: real workers, a real mail server."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from benchmarks.outbox import a_mailbox, due_touches
from gtmos.context.models import Organisation
from gtmos.kernel import clock
from gtmos.kernel.clock import ONCE, BusinessClock
from gtmos.kernel.once import forget
from outreach.engine import ledger
from outreach.engine.hand import Hand
from outreach.engine.ledger import Claimed
from outreach.engine.terms import Terms
from outreach.models import MailboxDay, SendingDomain, SendingDomainDay
from outreach.tests.sending import QUICK, a_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def noon(settings):
    """A mail that these tests count must not leave on the day after the one they asked for."""
    settings.SANDBOX = True
    moment = clock.now().replace(hour=12, minute=0)
    BusinessClock.objects.create(base_at=moment, set_at=timezone.now())
    forget(ONCE)


@pytest.fixture
def post(tmp_path):
    with a_post(tmp_path) as opened:
        yield opened


def today():
    return clock.now().date()


def states(campaign) -> list[str]:
    return sorted(campaign.touches.values_list("state", flat=True))


def test_the_first_day_of_a_warm_up_sends_only_what_the_curve_allows(post) -> None:
    mailbox = a_mailbox(daily_cap=50, ramp_from=today(), ramp_first=4, ramp_step=3)
    campaign = due_touches(12, mailbox=mailbox)

    post.send(connections=4)

    day = MailboxDay.objects.get()
    assert (day.used, day.cap, post.copies) == (4, 4, 4)
    assert states(campaign) == ["scheduled"] * 8 + ["sent"] * 4


def test_two_days_later_it_is_two_steps_more_and_never_above_the_cap(post) -> None:
    older = a_mailbox(daily_cap=50, ramp_from=today() - timedelta(days=2), ramp_first=4, ramp_step=3)
    oldest = a_mailbox(daily_cap=6, ramp_from=today() - timedelta(days=90), ramp_first=4, ramp_step=3)
    due_touches(12, mailbox=older)
    due_touches(12, mailbox=oldest)

    post.send(connections=4)

    assert MailboxDay.objects.get(mailbox=older).used == 10
    assert MailboxDay.objects.get(mailbox=oldest).used == 6


def test_a_mailbox_without_a_warm_up_sends_as_before(post) -> None:
    campaign = due_touches(7, mailbox=a_mailbox(ramp_first=1))

    post.send()

    assert states(campaign) == ["sent"] * 7
    assert not SendingDomainDay.objects.exists()


def test_three_mailboxes_at_once_never_pass_the_cap_of_their_domain(post) -> None:
    domain = SendingDomain.objects.create(name="ours.example", daily_cap=17)
    campaigns = [due_touches(15, mailbox=a_mailbox(domain=domain, daily_cap=12)) for _ in range(3)]

    post.send(connections=6)

    day = SendingDomainDay.objects.get()
    assert (day.used, day.cap, post.copies) == (17, 17, 17)
    assert MailboxDay.objects.aggregate(used=Sum("used"))["used"] == 17
    assert all(each.used <= 12 for each in MailboxDay.objects.all())
    waiting = [each for campaign in campaigns for each in campaign.touches.filter(state="scheduled")]
    assert len(waiting) == 45 - 17
    assert min(each.next_at.date() for each in waiting) > day.day


def test_a_place_of_the_domain_that_the_mailbox_could_not_use_is_not_taken(post) -> None:
    domain = SendingDomain.objects.create(name="ours.example", daily_cap=30)
    due_touches(10, mailbox=a_mailbox(domain=domain, daily_cap=3))

    post.send(connections=4)

    assert SendingDomainDay.objects.get().used == MailboxDay.objects.get().used == 3


def test_what_did_not_leave_after_all_gives_its_place_of_the_domain_back(post) -> None:
    domain = SendingDomain.objects.create(name="ours.example", daily_cap=30)
    campaign = due_touches(1, mailbox=a_mailbox(domain=domain))

    post.send(terms=Terms(zombie=-1.0), budget_seconds=0.3)

    assert (states(campaign), post.copies) == (["scheduled"], 0)
    assert [SendingDomainDay.objects.get().used, MailboxDay.objects.get().used] == [0, 0]


def test_a_cap_that_is_set_during_the_day_counts_what_the_domain_has_sent_already(post) -> None:
    domain = SendingDomain.objects.create(name="ours.example")
    due_touches(5, mailbox=a_mailbox(domain=domain))
    post.send()
    SendingDomain.objects.update(daily_cap=8)
    due_touches(10, mailbox=a_mailbox(domain=domain))

    post.send(connections=4)

    day = SendingDomainDay.objects.get()
    assert (day.used, day.cap, post.copies) == (8, 8, 8)


def test_what_was_claimed_before_the_domain_had_a_cap_takes_its_places_too(post) -> None:
    domain = SendingDomain.objects.create(name="ours.example")
    due_touches(3, mailbox=a_mailbox(domain=domain))
    hand = a_hand(post)
    batch = ledger.claim(hand.worker, clock.now(), QUICK)
    SendingDomain.objects.update(daily_cap=4)
    due_touches(2, mailbox=a_mailbox(domain=domain))
    post.send()
    at_work(hand, batch)
    due_touches(5, mailbox=a_mailbox(domain=domain))

    post.send()

    assert (SendingDomainDay.objects.get().used, post.copies) == (5, 5)


def test_a_hand_at_work_goes_on_when_the_domain_gets_a_cap(post) -> None:
    mailbox = a_mailbox(domain=SendingDomain.objects.create(name="ours.example"))
    due_touches(1, mailbox=mailbox)
    hand = a_hand(post)
    at_work(hand, ledger.claim(hand.worker, clock.now(), QUICK))
    SendingDomain.objects.update(daily_cap=2)
    campaign = due_touches(2, mailbox=mailbox)

    at_work(hand, ledger.claim(hand.worker, clock.now(), QUICK))

    assert (states(campaign), post.copies) == (["scheduled", "sent"], 2)


def a_hand(post) -> Hand:
    return Hand("hand", post.way, QUICK, Organisation.objects.get(), time.monotonic() + 60)


def at_work(hand: Hand, batch: list[Claimed]) -> None:
    try:
        for claimed in batch:
            hand._one(claimed)
    finally:
        hand._drop_connection()


class TurningClock:
    """One second before midnight for so many readings, one second after it from then on."""

    def __init__(self, readings: int) -> None:
        self.left = readings
        tomorrow = today() + timedelta(days=1)
        self.midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.left -= 1
        return self.midnight + timedelta(seconds=-1 if self.left >= 0 else 1)


def test_midnight_may_fall_between_any_two_looks_at_the_clock(post) -> None:
    """Two mails and a cap of one a day: each is sent or waits, and each day counts its own."""
    for readings in range(20):
        campaign = due_touches(2, mailbox=a_mailbox(daily_cap=1))
        hand = a_hand(post)
        batch = ledger.claim(hand.worker, clock.now(), QUICK)
        hand._now = TurningClock(readings)

        at_work(hand, batch)

        sent = states(campaign).count("sent")
        used = list(MailboxDay.objects.filter(mailbox=campaign.mailbox).values_list("used", flat=True))
        assert (len(batch), sum(hand.done.values())) == (2, 2)
        assert sorted(states(campaign)) == ["scheduled"] * (2 - sent) + ["sent"] * sent
        assert (sum(used), max(used)) == (sent, 1)
        assert hand.done["failed"] == 0
