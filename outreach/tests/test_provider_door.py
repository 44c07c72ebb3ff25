"""Posts of mail providers over the real door: what is taken, what it changes, and what is refused without a trace."""

import json
import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from outreach.models import (
    EmailProvider,
    Engagement,
    InboundMail,
    ProviderEvent,
    ProviderPost,
    Touch,
)
from outreach.selectors.suppression import is_suppressed
from outreach.services.provider_events import apply_parked
from outreach.services.provider_posts import apply_waiting
from outreach.tests.answering import a_bounce, a_reply, a_written_to, receive, state_of
from outreach.tests.provider_builders import (
    basic,
    connected,
    mailgun_post,
    mailgun_sends,
    resend_headers,
    sendgrid_answer,
    sendgrid_event,
    sendgrid_headers,
    sendgrid_sends,
    sent_by,
    world,
)

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
MUTATIONS = int(os.environ.get("GTMOS_TEST_MUTATIONS", "1000"))


@pytest.fixture
def touch():
    return _an_hour_ago(*a_written_to())


def _an_hour_ago(touch):
    answered = {"handed_at": timezone.now() - timedelta(hours=1), "provider_ref": sendgrid_answer(touch)}
    Touch.objects.filter(pk=touch.pk).update(**answered)
    touch.refresh_from_db()
    return touch


def facts_of(touch):
    sent = Touch.objects.get(pk=touch.pk)
    names = ("delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")
    return [name for name in names if getattr(sent, f"{name}_at")]


def test_a_hard_bounce_at_sendgrid_ends_the_sequence(touch):
    connected("sendgrid")
    answer = sendgrid_sends(
        sendgrid_event(touch, "processed"),
        sendgrid_event(touch, "bounce", type="bounce", status="5.1.1", reason="550 5.1.1 User unknown"),
    )
    apply_waiting()

    _, enrollment = state_of(touch)
    assert answer.status_code == 200
    assert (facts_of(touch), enrollment.state, enrollment.outcome) == (["bounced"], "finished", "bounced")
    assert is_suppressed(touch.recipient)
    assert ProviderPost.objects.get().body == b""


def test_a_spam_report_at_mailgun_stops_everything_to_that_address(touch):
    connected("mailgun")
    answer = mailgun_sends(mailgun_post(touch, "complained"))
    apply_waiting()

    _, enrollment = state_of(touch)
    assert answer.status_code == 200
    assert (facts_of(touch), enrollment.outcome) == (["complained"], "complained")
    assert is_suppressed(touch.recipient)


def test_a_delivery_and_a_human_open_are_facts_of_the_mail(touch):
    connected("sendgrid")
    sendgrid_sends(
        sendgrid_event(touch, "delivered", response="250 OK"),
        sendgrid_event(touch, "open", useragent=FIREFOX, sg_machine_open=False),
        sendgrid_event(touch, "click", useragent=FIREFOX, url="https://ours.example/proof"),
    )
    apply_waiting()

    seen = Engagement.objects.order_by("kind").values_list("kind", "is_machine", "url")
    assert facts_of(touch) == ["delivered", "opened", "clicked"]
    assert list(seen) == [("click", False, "https://ours.example/proof"), ("open", False, "")]


@pytest.mark.parametrize(
    "said",
    [
        {"sg_machine_open": True, "useragent": FIREFOX},
        {"useragent": "Mozilla/5.0"},
        {"useragent": "Barracuda Sentinel (EE)"},
    ],
)
def test_a_machine_that_opens_is_counted_apart(touch, said):
    connected("sendgrid")
    sendgrid_sends(sendgrid_event(touch, "open", **said))
    apply_waiting()

    touch.refresh_from_db()
    assert (touch.opened_at, touch.machine_opens) == (None, 1)


def test_an_open_right_after_the_hand_over_is_a_machines(touch):
    connected("sendgrid")
    Touch.objects.filter(pk=touch.pk).update(handed_at=timezone.now())
    sendgrid_sends(sendgrid_event(touch, "open", useragent=FIREFOX))
    apply_waiting()

    touch.refresh_from_db()
    assert (touch.opened_at, touch.machine_opens) == (None, 1)


def test_brevos_proxies_count_as_machines_and_its_people_as_people(touch):
    _, password = connected("brevo")
    at = int(time.time() * 1000)
    for event in ("unique_proxy_open", "proxy_open", "unique_opened"):
        body = {"event": event, "email": touch.recipient, "ts_epoch": at, "message-id": touch.message_id}
        sent_by("brevo", json.dumps(body).encode(), basic(password))
    apply_waiting()

    touch.refresh_from_db()
    assert (touch.opened_at is None, touch.machine_opens) == (False, 2)


def test_the_same_post_and_the_same_event_count_once(touch):
    connected("sendgrid")
    event = sendgrid_event(touch, "open", useragent=FIREFOX)
    for _ in range(3):
        sendgrid_sends(event)
        sendgrid_sends(event, event)
        apply_waiting()

    assert (ProviderEvent.objects.count(), Engagement.objects.count()) == (1, 1)


def test_one_bell_is_enough_for_all_posts_that_wait(touch, django_capture_on_commit_callbacks):
    connected("sendgrid")
    rung = []
    for number in (1, 2, 3):
        with django_capture_on_commit_callbacks() as bells:
            sendgrid_sends(sendgrid_event(touch, "delivered"))
        rung.append(len(bells))
        if number == 2:
            apply_waiting()

    assert rung == [1, 0, 1]


def test_the_provider_is_believed_when_it_unsubscribes_somebody(touch):
    connected("sendgrid")
    sendgrid_sends(sendgrid_event(touch, "group_unsubscribe"))
    apply_waiting()

    assert facts_of(touch) == ["unsubscribed"]
    assert is_suppressed(touch.recipient)


def test_who_subscribes_again_at_the_provider_stays_left_alone(touch):
    connected("sendgrid")
    sendgrid_sends(sendgrid_event(touch, "unsubscribe"), sendgrid_event(touch, "group_resubscribe"))
    apply_waiting()

    assert is_suppressed(touch.recipient)


def test_refusals_for_now_end_a_sequence_the_third_time():
    connected("sendgrid")
    (first,) = a_written_to()
    others = [a_written_to(contacts=[first.contact])[0] for _ in range(2)]
    states = []
    for touch in (first, *others):
        sendgrid_sends(sendgrid_event(touch, "bounce", type="blocked", reason="451 4.7.1 Try again"))
        apply_waiting()
        states.append(is_suppressed(first.recipient))

    assert states == [False, False, True]


def test_a_refusal_that_the_server_and_the_provider_tell_of_is_one():
    connected("sendgrid")
    (first,) = a_written_to()
    (second,) = a_written_to(contacts=[first.contact])
    for touch in (first, second):
        receive(touch, a_bounce(touch, status="4.2.2"))
        sendgrid_sends(sendgrid_event(touch, "bounce", type="blocked", reason="452 4.2.2 Mailbox full"))
        apply_waiting()

    assert not is_suppressed(first.recipient)


def test_a_fact_that_comes_before_its_mail_waits_for_it(touch):
    connected("sendgrid")
    Touch.objects.filter(pk=touch.pk).update(state="claimed", sent_at=None)
    sendgrid_sends(sendgrid_event(touch, "delivered"))
    apply_waiting()
    before = ProviderEvent.objects.get().state, facts_of(touch)

    Touch.objects.filter(pk=touch.pk).update(state="handing")
    ProviderEvent.objects.update(next_at=timezone.now())
    apply_parked()

    touch.refresh_from_db()
    event = ProviderEvent.objects.get()
    assert before == ("parked", [])
    assert (event.state, event.recipient, facts_of(touch), touch.state) == (
        "applied",
        "",
        ["delivered"],
        "sent",
    )


def test_a_provider_that_names_its_own_key_is_understood_by_its_answer_at_the_hand_over(touch):
    Touch.objects.filter(pk=touch.pk).update(provider_ref="2.0.0 Ok 0000a1b2-c3d4-e5f6-0000")
    _, password = connected("postmark")
    body = {"RecordType": "Delivery", "MessageID": "0000a1b2-c3d4-e5f6-0000", "Recipient": touch.recipient}
    sent_by("postmark", json.dumps(body).encode(), basic(password))
    apply_waiting()

    assert facts_of(touch) == ["delivered"]


def test_a_key_inside_a_longer_one_is_another_mails(touch):
    connected("sendgrid")
    Touch.objects.filter(pk=touch.pk).update(provider_ref=f"{sendgrid_answer(touch)}7")
    sendgrid_sends(sendgrid_event(touch, "spamreport"))
    apply_waiting()

    assert (ProviderEvent.objects.get().state, facts_of(touch)) == ("parked", [])


def test_the_token_that_was_sent_along_leads_to_the_mail(touch):
    connected("sendgrid")
    Touch.objects.filter(pk=touch.pk).update(provider_ref="")
    sendgrid_sends({**sendgrid_event(touch, "spamreport"), "touch": touch.token})
    apply_waiting()

    assert facts_of(touch) == ["complained"]


def test_a_reply_that_a_provider_posts_is_read_like_any_other(touch):
    _, password = connected("postmark")
    raw = a_reply(touch, "Very interested, tell me more.").decode()
    body = {
        "RawEmail": raw,
        "MessageID": "73e6d360",
        "FromFull": {"Email": touch.contact.email},
        "OriginalRecipient": touch.mailbox.address,
    }
    for _ in range(2):
        sent_by("postmark", json.dumps(body).encode(), basic(password), to="inbound/")
    apply_waiting()

    mail = InboundMail.objects.get()
    assert (mail.sender, mail.recipients[0]) == (touch.contact.email, touch.mailbox.address)


def test_resend_is_verified_by_its_signature(touch):
    connected("resend")
    body = json.dumps({"type": "email.sent", "created_at": "2026-11-22T10:00:00Z", "data": {}}).encode()

    good, bad = resend_headers(body), resend_headers(body + b" ")

    assert sent_by("resend", body, good).status_code == 200
    assert sent_by("resend", body, bad).status_code == 400


def test_amazon_is_asked_for_its_password():
    _, password = connected("amazon_ses")
    body = json.dumps({"Type": "Notification", "MessageId": "m1", "Message": "{}"}).encode()
    headers = {"X-Amz-Sns-Message-Type": "Notification", "X-Amz-Sns-Message-Id": "m1"}

    asked = sent_by("amazon_ses", body, headers)

    assert (asked.status_code, asked["WWW-Authenticate"]) == (401, 'Basic realm="GTM OS"')
    assert sent_by("amazon_ses", body, {**headers, **basic(password)}).status_code == 200


@pytest.mark.parametrize(
    "key", ["sendgrid", "mailgun", "resend", "postmark", "brevo", "mailersend", "mailtrap"]
)
def test_a_post_without_proof_is_refused_and_leaves_nothing_but_a_count(key, touch):
    connected(key)
    before = world()

    answer = sent_by(key, json.dumps([sendgrid_event(touch, "bounce")]).encode(), {})

    assert answer.status_code in {400, 401}
    assert (world(), EmailProvider.objects.get(key=key).refused) == (before, 1)


def test_a_provider_that_nobody_connected_is_not_there(touch):
    before = world()

    assert sendgrid_sends(sendgrid_event(touch, "bounce")).status_code == 404
    assert world() == before


def test_a_caught_post_is_refused_when_it_is_old(touch):
    connected("sendgrid")
    connected("mailgun")
    body, old = json.dumps([sendgrid_event(touch, "spamreport")]).encode(), str(int(time.time()) - 301)
    before = world()

    answers = [
        sent_by("sendgrid", body, sendgrid_headers(body, at=old)),
        mailgun_sends(mailgun_post(touch, "complained", at=old)),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert world() == before


def test_a_post_that_is_nested_without_end_is_refused():
    connected("mailgun")

    assert sent_by("mailgun", b"[" * 100_000, {}).status_code == 400


def test_a_post_that_is_too_large_is_counted_with_its_reason(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    connected("sendgrid")

    answer = sent_by("sendgrid", b" " * 1001, {})

    row = EmailProvider.objects.get()
    assert (answer.status_code, row.refused, row.refusal) == (413, 1, "It was larger than what is taken.")


def test_a_moment_has_one_spelling(touch):
    connected("mailgun")

    answers = [
        mailgun_sends(mailgun_post(touch, "opened", at=at))
        for at in (f" {int(time.time())}", f"{int(time.time())}.0", f"+{int(time.time())}")
    ]

    assert [answer.status_code for answer in answers] == [400] * 3


def test_a_token_of_mailgun_brings_one_fact_in_whatever_is_put_beside_it(touch):
    """Its signature does not cover the text, so a token counts once."""
    connected("mailgun")
    post = mailgun_post(touch, "opened")
    mailgun_sends(post)
    mailgun_sends({**post, "event-data": {**post["event-data"], "event": "complained"}})
    apply_waiting()

    assert (ProviderEvent.objects.count(), facts_of(touch)) == (1, ["opened"])
