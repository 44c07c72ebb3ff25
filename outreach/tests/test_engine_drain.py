from datetime import time, timedelta
from email import policy
from email.parser import BytesParser

import pytest
from django.db import connection

from benchmarks.outbox import a_mailbox, due_touches
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.durability import durability_faults
from gtmos.kernel.events.models import EventRecord
from outreach.channels.email.transport import Transport
from outreach.engine.drain import drain
from outreach.models import Campaign, Enrollment, MailboxDay
from outreach.selectors.suppression import is_suppressed
from outreach.services.suppression import suppress
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


def test_a_mailbox_with_letters_of_its_language_sends_under_its_ascii_name(post) -> None:
    campaign = due_touches(1, mailbox=a_mailbox(address="ann@bücher.example"))

    post.send()

    assert states(campaign) == ["sent"]
    assert campaign.touches.get().message_id in post.sink.accepted


def test_a_mail_that_cannot_be_prepared_fails_and_the_others_leave(post) -> None:
    backwards = a_mailbox(window_start=time(17), window_end=time(9))
    bad = due_touches(30, mailbox=backwards)
    bad.touches.update(next_at=clock.now() - timedelta(days=2))
    good = due_touches(5)

    drained = post.send()

    assert (drained.counts["sent"], drained.counts["failed"]) == (5, 30)
    assert (states(bad), states(good)) == (["failed"] * 30, ["sent"] * 5)
    assert set(bad.touches.values_list("last_error", flat=True)) == {
        "This mail could not be prepared: ValueError."
    }


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


def test_nothing_leaves_from_a_store_that_may_forget(post) -> None:
    campaign = due_touches(1)
    faults = durability_faults()

    drained = drain(way=post.way, terms=QUICK)

    assert drained.locked == ", ".join(faults)
    assert (post.copies, states(campaign)) == ((0, ["scheduled"]) if faults else (1, ["sent"]))


def test_each_setting_that_may_forget_locks_sending_by_itself(post) -> None:
    """Also on a durable server: a session, a role or a pool in between can switch one of them off."""
    campaign = due_touches(1)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
        before = durability_faults()
        cursor.execute("SET synchronous_commit TO off")
        after = durability_faults()

    drained = drain(way=post.way, terms=QUICK)
    connection.close()  # the next test begins with the server's own settings

    assert set(after) - set(before) == {"synchronous_commit is off"}
    assert "synchronous_commit is off" in drained.locked
    assert (post.copies, states(campaign)) == (0, ["scheduled"])


def test_the_real_transport_writes_to_no_reserved_domain(post) -> None:
    campaign = due_touches(1)
    real = Transport(host="127.0.0.1", port=post.way.port)

    drain(guard=False, way=real, terms=QUICK)

    assert post.copies == 0
    assert states(campaign) == ["failed"]
