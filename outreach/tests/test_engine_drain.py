import threading
from datetime import UTC, datetime, time, timedelta
from email import policy
from email.parser import BytesParser

import pytest
from django.db import connection, transaction

from benchmarks.outbox import a_mailbox, due_touches
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.durability import durability_faults
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.schedule.models import Heartbeat
from outreach.channels.email.transport import Transport
from outreach.engine import ledger
from outreach.engine.downtime import note_life
from outreach.engine.drain import drain
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
from outreach.engine.terms import PRODUCTION, Terms
from outreach.models import Campaign, Enrollment, Mailbox, MailboxDay, Touch
from outreach.selectors.suppression import is_suppressed
from outreach.selectors.touches import failing_mailboxes
from outreach.services.suppression import suppress
from outreach.services.touches import release_late, resolve_doubt
from outreach.tests.sending import QUICK, a_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(tmp_path):
    with a_post(tmp_path) as opened:
        yield opened


def states(campaign) -> list[str]:
    return sorted(campaign.touches.values_list("state", flat=True))


def test_every_due_touch_leaves_once(post) -> None:
    campaign = due_touches(45)

    drained = post.send()

    assert drained.sent == 45
    assert states(campaign) == ["sent"] * 45
    assert sorted(post.sink.accepted) == sorted(campaign.touches.values_list("message_id", flat=True))
    assert post.doubles == 0


def test_a_second_drain_sends_nothing(post) -> None:
    due_touches(5)
    post.send()

    again = post.send()

    assert again.sent == 0
    assert post.copies == 5


def test_a_sent_touch_knows_when_and_by_whom(post) -> None:
    campaign = due_touches(1)

    post.send()

    touch = campaign.touches.get()
    enrollment = Enrollment.objects.get(campaign=campaign)
    assert touch.sent_at == enrollment.first_sent_at
    assert abs(touch.sent_at - clock.now()) < timedelta(minutes=1)
    assert touch.provider_ref == "2.0.0 accepted"
    assert list(touch.attempts_made.values_list("result", flat=True)) == ["sent"]


def test_the_mail_carries_what_law_and_readers_ask_for(post) -> None:
    campaign = due_touches(1)

    post.send()

    touch = campaign.touches.get()
    recipient, raw = post.sink.mails[0]
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert recipient == touch.recipient == mail["To"]
    assert mail["Message-ID"] == touch.message_id
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].startswith(f"<http://127.0.0.1:8000/u/{touch.token}/>, <mailto:")
    assert "1 Example Street" in text
    assert f"/u/{touch.token}/" in text
    assert f"/t/o/{touch.token}.gif" in html
    assert f"/t/c/{touch.token}/?u=" in html


def test_the_facts_are_published_once_for_the_batch(post) -> None:
    campaign = due_touches(3)
    post.send()

    post.send()

    facts = EventRecord.objects.filter(name="outreach.touches_sent")
    told = sorted(key for fact in facts for key in fact.payload["touch_ids"])
    assert told == sorted(campaign.touches.values_list("pk", flat=True))


def test_the_first_due_mail_starts_the_campaign(post) -> None:
    campaign = due_touches(1, state="active")

    post.send()

    campaign = Campaign.objects.get(pk=campaign.pk)
    assert campaign.state == "running"
    assert states(campaign) == ["sent"]


def test_a_scheduled_campaign_waits_for_its_start(post) -> None:
    campaign = due_touches(1, state="active", starts_at=clock.now() + timedelta(minutes=10))

    drained = post.send()

    assert drained.sent == 0
    assert states(campaign) == ["scheduled"]


def test_a_temporary_refusal_is_tried_again_later(post) -> None:
    campaign = due_touches(1)
    recipient = campaign.touches.get().recipient
    post.sink.refuse[recipient] = "451 4.7.1 later"

    post.send()

    touch = campaign.touches.get()
    assert touch.state == "scheduled"
    assert touch.next_at > clock.now() + timedelta(seconds=30)
    assert touch.last_error == "451 4.7.1 later"
    assert not MailboxDay.objects.filter(used__gt=0).exists()


def test_tries_come_to_an_end(post) -> None:
    campaign = due_touches(1)
    post.sink.refuse[campaign.touches.get().recipient] = "451 4.7.1 later"

    for _ in range(QUICK.give_up_after):
        campaign.touches.update(next_at=clock.now())
        post.send()

    assert states(campaign) == ["failed"]


def test_an_unknown_recipient_fails_and_is_never_written_to_again(post) -> None:
    campaign = due_touches(1)
    touch = campaign.touches.get()
    post.sink.refuse[touch.recipient] = "550 5.1.1 user unknown"

    post.send()

    touch.refresh_from_db()
    assert touch.state == "failed"
    assert touch.bounced_at is not None
    assert is_suppressed(touch.recipient)
    assert EventRecord.objects.filter(name="outreach.touch_bounced").count() == 1


def test_a_refusal_that_is_not_about_the_person_does_not_suppress_them(post) -> None:
    campaign = due_touches(1)
    touch = campaign.touches.get()
    post.sink.refuse[touch.recipient] = "554 5.7.1 message refused by policy"

    post.send()

    assert states(campaign) == ["failed"]
    assert not is_suppressed(touch.recipient)


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


def test_a_cap_is_never_passed(post) -> None:
    campaign = due_touches(30, mailbox=a_mailbox(daily_cap=12))

    post.send(connections=4)

    day = MailboxDay.objects.get()
    assert (day.used, day.cap) == (12, 12)
    assert post.copies == 12
    assert states(campaign) == ["scheduled"] * 18 + ["sent"] * 12
    assert campaign.touches.filter(state="scheduled", next_at__date__lte=day.day).count() == 0


def test_nothing_leaves_outside_the_readers_hours(post) -> None:
    hour = clock.now().hour
    closed = a_mailbox(window_start=time((hour + 2) % 23), window_end=time((hour + 2) % 23, 30))
    campaign = due_touches(2, mailbox=closed)

    post.send()

    assert post.copies == 0
    assert all(touch.next_at > clock.now() for touch in campaign.touches.all())


def test_what_stops_a_person_stops_the_mail_at_the_gate(post) -> None:
    campaign = due_touches(4)
    first, second, third, fourth = campaign.touches.select_related("contact", "enrollment").order_by("pk")
    suppress(first.recipient, reason="unsubscribed", actor=SYSTEM)
    type(second.contact).objects.filter(pk=second.contact.pk).update(do_not_email=True)
    Enrollment.objects.filter(pk=third.enrollment_id).update(state="paused")
    type(fourth.contact).objects.filter(pk=fourth.contact.pk).update(
        paused_until=clock.now() + timedelta(days=3)
    )

    post.send()

    assert post.copies == 0
    assert [touch.state for touch in campaign.touches.order_by("pk")] == [
        "cancelled", "cancelled", "scheduled", "scheduled",
    ]  # fmt: skip


def test_a_change_after_the_approval_stops_the_mail(post) -> None:
    campaign = due_touches(1)
    Campaign.objects.update(approved_hash="")

    post.send()

    assert post.copies == 0
    assert states(campaign) == ["scheduled"]


def test_a_new_address_gets_the_mail_and_the_old_one_does_not(post) -> None:
    campaign = due_touches(1)
    touch = campaign.touches.select_related("contact").get()
    type(touch.contact).objects.update(email="new@people.example", email_key="new@people.example")

    post.send()
    post.send()

    assert [recipient for recipient, _ in post.sink.mails] == ["new@people.example"]


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


def test_nothing_leaves_from_a_store_that_may_forget(post) -> None:
    campaign = due_touches(1)
    faults = durability_faults()

    drained = drain(way=post.way, terms=QUICK)

    assert drained.locked == ", ".join(faults)
    assert (post.copies, states(campaign)) == ((0, ["scheduled"]) if faults else (1, ["sent"]))


def test_the_real_transport_writes_to_no_reserved_domain(post) -> None:
    campaign = due_touches(1)
    real = Transport(host="127.0.0.1", port=post.way.port)

    drain(guard=False, way=real, terms=QUICK)

    assert post.copies == 0
    assert states(campaign) == ["failed"]


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
