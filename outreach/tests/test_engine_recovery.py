"""Workers that die or sleep, servers that fall silent, and what is made of it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from benchmarks.outbox import due_touches
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.schedule.models import Heartbeat
from outreach.channels.email.transport import Transport
from outreach.engine import ledger
from outreach.engine.downtime import note_life
from outreach.engine.drain import drain
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
from outreach.engine.terms import PRODUCTION, Terms
from outreach.models import Mailbox, MailboxDay, Touch
from outreach.selectors.touches import failing_mailboxes
from outreach.services.suppression import suppress
from outreach.services.touches import prove_sent, release_late, resolve_doubt
from outreach.tests.sending import QUICK, a_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(tmp_path):
    with a_post(tmp_path) as opened:
        yield opened


def states(campaign) -> list[str]:
    return sorted(campaign.touches.values_list("state", flat=True))


def test_a_mail_without_a_reply_is_in_doubt_and_the_server_is_asked(post) -> None:
    campaign = due_touches(2)
    taken, lost = campaign.touches.values_list("recipient", flat=True)
    post.sink.silent = {taken: True, lost: False}
    post.send()
    post.sink.silent = {}
    doubtful = states(campaign)

    settled = reconcile(way=post.way, terms=QUICK)
    post.send()

    assert doubtful == ["in_doubt", "in_doubt"]
    assert settled == {"sent": 1, "not sent": 1}
    assert states(campaign) == ["sent", "sent"]
    assert post.copies == 2
    assert post.doubles == 0


def test_a_doubt_that_nobody_can_resolve_counts_as_sent_until_a_person_says_else(post) -> None:
    campaign = due_touches(1)
    Touch.objects.update(state="in_doubt", handed_at=datetime(2026, 1, 1, tzinfo=UTC), epoch=1)
    real = Transport(host="127.0.0.1", port=1, grace=timedelta(0))

    reconcile(way=real, terms=QUICK)
    assumed = campaign.touches.get()
    resolve_doubt(assumed, was_sent=False, actor=SYSTEM)
    post.send()

    assert (assumed.state, assumed.is_assumed) == ("sent", True)
    assert states(campaign) == ["sent"]
    assert post.copies == 1


def test_a_worker_that_died_before_the_gate_leaves_nothing_behind(post) -> None:
    campaign = due_touches(3)
    ledger.claim("dead", clock.now(), Terms(lease=0.0))

    reaped = reap(terms=QUICK)
    post.send()

    assert reaped == {"not sent": 3}
    assert states(campaign) == ["sent"] * 3
    assert post.doubles == 0


def test_a_worker_that_died_after_the_gate_leaves_a_doubt_not_a_retry(post) -> None:
    campaign = due_touches(1)
    claimed = ledger.claim("dead", clock.now(), Terms(lease=1.0))[0]
    day = clock.now().date()
    ledger.ensure_day(claimed.mailbox_id, day, 10)
    refusal, _ = ledger.pass_gate(claimed, clock.now(), day, Terms(margin=0.0))
    Touch.objects.update(lease_until=datetime(2026, 1, 1, tzinfo=UTC))

    reaped = reap(terms=QUICK)
    drained = post.send()

    assert refusal == ""
    assert reaped == {"in doubt": 1}
    assert drained.sent == 0
    assert states(campaign) == ["in_doubt"]


def test_a_claim_that_was_taken_over_cannot_pass_the_gate() -> None:
    due_touches(1)
    day = clock.now().date()
    old = ledger.claim("slow", clock.now(), Terms(lease=0.0))[0]
    reap(terms=QUICK)
    new = ledger.claim("quick", clock.now(), QUICK)[0]
    ledger.ensure_day(old.mailbox_id, day, 10)

    refusals = [ledger.pass_gate(each, clock.now(), day, QUICK)[0] for each in (old, new)]

    assert refusals == ["fenced", ""]


def test_a_process_that_slept_after_the_gate_sends_nothing(post) -> None:
    campaign = due_touches(1)

    post.send(terms=Terms(zombie=-1.0), budget_seconds=0.3)

    touch = campaign.touches.get()
    assert touch.state == "scheduled"
    assert post.copies == 0
    assert MailboxDay.objects.get().used == 0


def test_a_silent_server_pauses_the_mailbox_and_work_resumes_by_itself(post) -> None:
    campaign = due_touches(30)
    nobody = Transport(host="127.0.0.1", port=1, is_sandbox=True)

    drain(guard=False, way=nobody, terms=QUICK, connections=2)
    failing = failing_mailboxes().count()
    untried = campaign.touches.filter(state="scheduled", attempts=0).count()
    Mailbox.objects.update(next_try_at=clock.now())
    post.send()

    assert failing == 1
    assert untried == 30
    assert states(campaign) == ["sent"] * 30
    assert failing_mailboxes().count() == 0


def test_what_was_due_while_nothing_ran_waits_for_a_person(post) -> None:
    campaign = due_touches(2)
    long_ago = clock.now() - timedelta(days=3)
    campaign.touches.update(next_at=long_ago)
    Heartbeat.objects.create(process="sending", beat_at=long_ago)

    drained = post.send()
    late = states(campaign)
    for touch in campaign.touches.all():
        release_late(touch, actor=SYSTEM)
    post.send()

    assert drained.sent == 0
    assert late == ["late", "late"]
    assert states(campaign) == ["sent", "sent"]


def test_a_living_engine_makes_nothing_late() -> None:
    campaign = due_touches(1)
    campaign.touches.update(next_at=clock.now() - timedelta(days=3))
    note_life()

    held = note_life()

    assert held == 0
    assert states(campaign) == ["scheduled"]


def test_leases_are_renewed_while_a_server_is_slow() -> None:
    due_touches(1)
    ledger.claim("me", clock.now(), Terms(lease=1.0))
    before = Touch.objects.get().lease_until

    ledger.renew_leases("me", PRODUCTION)

    assert Touch.objects.get().lease_until > before + timedelta(minutes=10)


def test_a_stop_that_is_not_committed_yet_holds_the_hand_over_back() -> None:
    """The gate waits for the stop's lock and then sees it: one of the two is always first."""
    due_touches(1)
    claimed = ledger.claim("me", clock.now(), QUICK)[0]
    day = clock.now().date()
    ledger.ensure_day(claimed.mailbox_id, day, 10)
    answers: list[str] = []

    def gate() -> None:
        answers.append(ledger.pass_gate(claimed, clock.now(), day, QUICK)[0])
        connection.close()

    hand = threading.Thread(target=gate)
    with transaction.atomic():
        suppress(claimed.recipient, reason="unsubscribed", actor=SYSTEM)
        hand.start()
        hand.join(0.5)
        was_waiting = hand.is_alive()
    hand.join(10)

    assert was_waiting
    assert answers == ["suppressed"]


def test_an_answer_that_comes_after_the_providers_word_is_still_kept() -> None:
    campaign = due_touches(1)
    day = clock.now().date()
    claimed = ledger.claim("slow", clock.now(), QUICK)[0]
    ledger.ensure_day(claimed.mailbox_id, day, 10)
    ledger.pass_gate(claimed, clock.now(), day, QUICK)
    prove_sent([claimed.id], how="The provider tells of it.")

    ledger.note_sent(claimed, worker="slow", now=clock.now(), detail="2.0.0 Ok: queued as wrfRRvF7Q0Ggw")

    touch = campaign.touches.get()
    assert (touch.state, touch.provider_ref) == ("sent", "2.0.0 Ok: queued as wrfRRvF7Q0Ggw")
    assert touch.attempts_made.filter(result="sent").count() == 1
