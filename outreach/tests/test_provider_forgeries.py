"""Posts that only look like a mail provider's own: of thousands none is taken."""

import base64
import json
import os
import random
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from outreach.tests.answering import a_written_to
from outreach.tests.provider_builders import (
    MAILGUN_KEY,
    basic,
    connected,
    mailgun_post,
    resend_headers,
    sendgrid_event,
    sendgrid_headers,
    sent_by,
    world,
)

pytestmark = pytest.mark.django_db
MUTATIONS = int(os.environ.get("GTMOS_TEST_MUTATIONS", "1000"))


@pytest.fixture
def touch():
    (sent,) = a_written_to()
    return sent


def test_no_changed_post_is_taken(touch):
    """Flipped bits, other secrets, old moments, missing parts: of thousands none is accepted."""
    connected("sendgrid")
    connected("mailgun")
    connected("resend")
    _, password = connected("postmark")
    dice, before = random.Random(7), world()
    makers = (_changed_sendgrid, _changed_mailgun, _changed_resend, _changed_postmark)

    taken = []
    for number in range(MUTATIONS):
        key, body, headers = makers[number % len(makers)](touch, dice, password)
        if sent_by(key, body, headers).status_code == 200:
            taken.append((key, body, headers))

    assert taken == []
    assert world() == before


def _changed_sendgrid(touch, dice, password):
    body = json.dumps([sendgrid_event(touch, "bounce")]).encode()
    way = dice.randrange(5)
    if way == 0:
        return "sendgrid", body, sendgrid_headers(body, key=ec.generate_private_key(ec.SECP256R1()))
    if way == 1:
        return "sendgrid", body, sendgrid_headers(body, at=str(int(time.time()) - dice.randint(301, 10**6)))
    headers = sendgrid_headers(body)
    if way == 2:
        return "sendgrid", _flipped(body, dice), headers
    name = dice.choice(sorted(headers))
    if way == 3:
        return "sendgrid", body, {each: value for each, value in headers.items() if each != name}
    return "sendgrid", body, {**headers, name: _spoiled(headers[name], dice)}


def _changed_mailgun(touch, dice, password):
    way = dice.randrange(4)
    if way == 0:
        post = mailgun_post(touch, "failed", key=MAILGUN_KEY + "x")
    elif way == 1:
        post = mailgun_post(touch, "failed", at=str(int(time.time()) - dice.randint(301, 10**6)))
    else:
        post = mailgun_post(touch, "failed")
        name = dice.choice(["timestamp", "token", "signature"])
        post["signature"][name] = _spoiled(post["signature"][name], dice)
        if way == 3:
            del post["signature"][name]
    return "mailgun", json.dumps(post).encode(), {}


def _changed_resend(touch, dice, password):
    body = json.dumps({"type": "email.complained", "data": {"to": [touch.recipient]}}).encode()
    way = dice.randrange(4)
    if way == 0:
        return (
            "resend",
            body,
            resend_headers(body, key="whsec_" + base64.b64encode(dice.randbytes(24)).decode()),
        )
    if way == 1:
        return "resend", body, resend_headers(body, at=int(time.time()) + dice.choice([-301, 400, -86400]))
    headers = resend_headers(body)
    if way == 2:
        return "resend", _flipped(body, dice), headers
    name = dice.choice(sorted(headers))
    return "resend", body, {**headers, name: _spoiled(headers[name], dice)}


def _changed_postmark(touch, dice, password):
    body = json.dumps({"RecordType": "SpamComplaint", "Email": touch.recipient}).encode()
    wrong = dice.choice(
        [{}, {"Authorization": f"Bearer {password}"}, basic(_spoiled(password, dice)), basic("")]
    )
    return "postmark", body, wrong


def _flipped(body, dice):
    place = dice.randrange(len(body))
    return body[:place] + bytes([body[place] ^ (1 << dice.randrange(8))]) + body[place + 1 :]


def _spoiled(text, dice):
    """One character is another, is missing, or stands twice."""
    place = dice.randrange(len(text))
    other = chr(33 + (ord(text[place]) - 33 + dice.randint(1, 90)) % 93)
    return text[:place] + dice.choice([other, "", text[place] * 2]) + text[place + 1 :]
