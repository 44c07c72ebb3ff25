"""Recorded posts of mail providers give exactly the facts that were recorded with them."""

import base64
import json
import random
from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from outreach.channels.email.providers import PROVIDERS, UnreadablePostError, read
from outreach.enums import ProviderFact
from outreach.models import InboundMail, ProviderEvent
from outreach.services.provider_posts import apply_waiting, keep_post
from outreach.tests.provider_builders import connected

# The library's words in ours.
WORDS = {
    "queued": "taken",
    "sent": "taken",
    "deferred": "deferred",
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "clicked",
    "bounced": "bounced",
    "failed": "failed",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}
# These fetch the mail from the provider by its API, so that the post alone does not hold it.
FETCHED = ("ResendInbound", "test_inbound_s3", "BrevoInbound", "MailerSendInbound")
FOR_GOOD = {
    "amazon_ses": {"jane@example.com"},
    "brevo": {"recipient@example.com"},
    "mailersend": {"invalid@example.com"},
    "mailgun": {"noreply@example.com"},
    "mailjet": {"bad@example.com"},
    "postmark": {"bounce@example.com"},
    "resend": {"bounced@resend.dev"},
    "sendgrid": {"noreply@example.com", "invalid@invalid"},
    "sparkpost": {"bounce@example.com"},
}


@pytest.fixture
def recorded(shared_data):
    """Every post that was understood, of a provider we know, with what it says."""
    lines = shared_data("webhooks/esp_webhooks.jsonl").read_text().split("\n")
    rows = [json.loads(line) for line in lines if line]
    return [row for row in rows if row["status"] == 200 and row["method"] == "POST" and _known(row)]


def test_amazons_question_is_put_to_a_person():
    url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336"
    texts = []
    for address in (url, "https://evil.example/?x=.amazonaws.com"):
        body = json.dumps({"Type": "SubscriptionConfirmation", "SubscribeURL": address}).encode()
        with pytest.raises(UnreadablePostError) as asked:
            read(PROVIDERS["amazon_ses"], "tracking", body, content_type="text/plain")
        texts.append(str(asked.value))

    assert texts == [
        f"Amazon asks whether its posts are wanted. Open this address once: {url}",
        "A subscription asks to be confirmed, but not by an address of Amazon.",
    ]


@pytest.mark.parametrize(
    ("reason", "answer", "is_hard"),
    [
        ("bounce", "550 5.1.1 User unknown", True),
        ("suppress-bounce", "Not delivering to previously bounced address", True),
        ("generic", "550 5.1.1 User unknown", True),
        ("old", "Too old", False),
        ("generic", "550 5.7.1 Message rejected due to content restrictions", False),
        ("bounce", "550 5.7.1 Message rejected as spam by content filtering", False),
    ],
)
def test_what_mailgun_calls_permanent_is_for_good_only_where_the_address_is_bad(reason, answer, is_hard):
    told = _of_mailgun({"event": "failed", "severity": "permanent", "reason": reason}, answer)

    assert (told.kind, told.is_hard) == (ProviderFact.BOUNCED, is_hard)


def test_who_said_no_before_is_told_from_who_bounced():
    kinds = [
        _of_mailgun({"event": "failed", "severity": "permanent", "reason": reason}, "Not delivering").kind
        for reason in ("suppress-complaint", "suppress-unsubscribe")
    ]

    assert kinds == [ProviderFact.COMPLAINED, ProviderFact.UNSUBSCRIBED]


def _of_mailgun(data, answer):
    event = {**data, "recipient": "jane@example.com", "delivery-status": {"message": answer}}
    body = json.dumps({"signature": {"token": "t"}, "event-data": event}).encode()
    return read(PROVIDERS["mailgun"], "tracking", body, content_type="application/json")[0]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Bounced Address", ProviderFact.BOUNCED),
        ("Invalid", ProviderFact.BOUNCED),
        ("Spam Reporting Address", ProviderFact.COMPLAINED),
        ("Unsubscribed Address", ProviderFact.UNSUBSCRIBED),
        ("Spam Content (if spam checker app enabled)", ProviderFact.FAILED),
        ("Recipient List over Package Quota", ProviderFact.FAILED),
    ],
)
def test_what_sendgrid_drops_counts_against_the_person_only_for_their_own_reasons(reason, kind):
    event = {"event": "dropped", "reason": reason, "email": "jane@example.com", "timestamp": 1700000000}
    body = json.dumps([event]).encode()

    told = read(PROVIDERS["sendgrid"], "tracking", body, content_type="application/json")

    assert [each.kind for each in told] == [kind]


@pytest.mark.parametrize(("number", "kind"), [("10", ProviderFact.BOUNCED), ("51", ProviderFact.FAILED)])
def test_sparkposts_block_of_a_text_is_no_complaint(number, kind):
    event = {
        "type": "policy_rejection",
        "bounce_class": number,
        "rcpt_to": "jane@example.com",
        "timestamp": "1700000000",
    }
    body = json.dumps([{"msys": {"message_event": event}}]).encode()

    told = read(PROVIDERS["sparkpost"], "tracking", body, content_type="application/json")

    assert [each.kind for each in told] == [kind]


def _known(row):
    key, kind = _place(row)
    return (
        key in PROVIDERS and PROVIDERS[key].takes(kind) and not any(each in row["test"] for each in FETCHED)
    )


def _place(row):
    parts = row["path"].strip("/").split("/")
    return parts[1], (*parts, "")[2]


def _body(row):
    return base64.b64decode(row["body"]) if row["body_encoding"] == "base64" else row["body"].encode()


def _post_id(row):
    return next((each["event_id"] for each in row["events"]), "") or ""


def _told(row):
    key, kind = _place(row)
    return read(PROVIDERS[key], kind, _body(row), content_type=row["content_type"], post_id=_post_id(row))


def test_the_recorded_posts_are_of_every_provider(recorded):
    assert {_place(row)[0] for row in recorded} == set(PROVIDERS)


def test_what_providers_tell_is_read_as_recorded(recorded):
    read_so, expected = [], []
    for row in recorded:
        told = _told(row)
        events = [each for each in row["events"] if each["kind"] == "tracking"]
        read_so.append(
            [(each.kind, each.recipient, each.happened_at, each.url) for each in told if not each.mail]
        )
        expected.append(
            [
                (_word(each), each["recipient"] or "", _moment(each["timestamp"]), each["click_url"] or "")
                for each in events
            ]
        )

    assert read_so == expected


def test_a_fact_names_the_mail_it_speaks_of(recorded):
    named = []
    for row in recorded:
        events = [each for each in row["events"] if each["kind"] == "tracking"]
        for told, event in zip(_told(row), events, strict=False):
            raw = event["esp_event"] if isinstance(event.get("esp_event"), dict) else {}
            expected = event["message_id"] or raw.get("sg_message_id")
            named.append((row["test"], next(iter(told.names), None) == (expected or None)))

    assert [test for test, is_right in named if not is_right] == []


def test_mail_in_a_post_is_the_mail_that_was_recorded(recorded):
    found, expected = [], []
    for row in recorded:
        for told, event in zip(_told(row), row["events"], strict=False):
            if event["kind"] == "inbound":
                message = event["message"]
                found.append((told.kind, told.sender, _subject(told.mail)))
                sender = message["envelope_sender"] or _address(message["from"])
                expected.append((ProviderFact.MAIL, sender, message["subject"]))

    assert found == expected


def test_refusals_for_good_are_told_from_those_for_now(recorded):
    found = {}
    for row in recorded:
        for told in _told(row):
            if told.kind == ProviderFact.BOUNCED and told.is_hard:
                found.setdefault(_place(row)[0], set()).add(told.recipient)

    assert found == FOR_GOOD


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_recorded_posts_in_any_order_and_any_number_of_times_are_the_same_facts(recorded, seed):
    providers = {key: connected(key)[0] for key in PROVIDERS}
    told = _each_key_once(recorded)
    posts = [row for row, _ in told] * 3
    random.Random(seed).shuffle(posts)

    for row in posts:
        key, kind = _place(row)
        keep_post(providers[key], kind, _body(row), content_type=row["content_type"], post_id=_post_id(row))
    apply_waiting()

    facts = {fact.key: str(fact.kind) for _, read_so in told for fact in read_so}
    kinds = ProviderEvent.objects.values_list("key", "kind")
    mails = Counter(facts.values())[ProviderFact.MAIL]
    assert (dict(kinds), InboundMail.objects.count()) == (facts, mails)


def _each_key_once(recorded):
    """The authors of the recording gave several of Mailgun's posts one token; the provider never does."""
    seen, kept = set(), []
    for row in recorded:
        told = _told(row)
        if not seen & {fact.key for fact in told}:
            kept.append((row, told))
            seen |= {fact.key for fact in told}
    return kept


def test_a_post_at_the_wrong_address_says_so(recorded):
    row = next(row for row in recorded if "PostmarkInboundTestCase.test_inbound_basics" in row["test"])

    with pytest.raises(UnreadablePostError) as refused:
        read(PROVIDERS["postmark"], "tracking", _body(row), content_type=row["content_type"])

    assert str(refused.value) == "This belongs to the address for mail that comes in. Correct it at Postmark."


def _word(event):
    if event["event_type"] == "rejected":
        return "bounced" if event["reject_reason"] in {"invalid", "bounced"} else "failed"
    return WORDS.get(event["event_type"], "other")


def _moment(text):
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _subject(raw):
    return message_from_bytes(raw, policy=policy.default)["subject"]


def _address(text):
    return (text or "").rpartition("<")[2].strip("> ")
