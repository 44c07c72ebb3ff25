"""Posts as mail providers send them, signed with keys of the test."""

import base64
import hashlib
import hmac
import json
import time
from functools import cache
from itertools import count
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.webhooks.signing import new_secret, signature
from outreach.models import (
    ChannelAddress,
    EmailProvider,
    Engagement,
    InboundMail,
    ProviderEvent,
    ProviderPost,
    Touch,
)
from outreach.services.provider_posts import keep_post
from outreach.services.provider_settings import connect_provider

numbers = count(1)
MAILGUN_KEY = "key-of-the-test"
RESEND_KEY = new_secret()
JSON = "application/json"
BY_SERVERS = {"processed", "deferred", "delivered", "bounce", "dropped"}


@cache
def a_private_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def verification_key() -> str:
    """As SendGrid shows it: the public key in base64, without head and foot."""
    form, kind = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(a_private_key().public_key().public_bytes(form, kind)).decode()


KEYS = {"sendgrid": verification_key, "mailgun": lambda: MAILGUN_KEY, "resend": lambda: RESEND_KEY}


def connected(key: str) -> tuple[EmailProvider, str]:
    """The provider and its password, which is empty where it signs everything."""
    return connect_provider(key, signing_key=KEYS.get(key, lambda: "a-secret")(), actor=SYSTEM)


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"gtmos:{password}".encode()).decode()}


def sendgrid_ref(touch: Touch) -> str:
    """What SendGrid calls the mail: the last word of its answer at the hand-over."""
    return f"wrfRRvF7Q0GgwUo2{touch.pk:06}"


def sendgrid_answer(touch: Touch) -> str:
    return f"2.0.0 Ok: queued as {sendgrid_ref(touch)}"


def sendgrid_event(touch: Touch, event: str, **fields: Any) -> dict[str, Any]:
    """What somebody did names the mail by SendGrid's key alone; what servers did names our Message-ID too."""
    by_servers = {"smtp-id": touch.message_id} if event in BY_SERVERS else {}
    return {
        "email": touch.recipient,
        "timestamp": int(time.time()),
        **by_servers,
        "sg_event_id": f"event-{next(numbers)}",
        "sg_message_id": f"{sendgrid_ref(touch)}.filter0425p1mdw1-12345-58A0B1C2-9.0",
        "event": event,
        **fields,
    }


def sendgrid_headers(
    body: bytes, *, at: str = "", key: ec.EllipticCurvePrivateKey | None = None
) -> dict[str, str]:
    at = at or str(int(time.time()))
    signed = (key or a_private_key()).sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))
    name = "X-Twilio-Email-Event-Webhook-"
    return {f"{name}Timestamp": at, f"{name}Signature": base64.b64encode(signed).decode()}


def mailgun_post(
    touch: Touch, event: str, *, at: str = "", key: str = MAILGUN_KEY, **data: Any
) -> dict[str, Any]:
    at, token = at or str(int(time.time())), f"token-{next(numbers)}"
    digest = hmac.new(key.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": at, "token": token, "signature": digest},
        "event-data": {
            "event": event,
            "timestamp": time.time(),
            "recipient": touch.recipient,
            "message": {"headers": {"message-id": touch.message_id.strip("<>")}},
            **data,
        },
    }


def resend_headers(body: bytes, *, at: int = 0, key: str = RESEND_KEY) -> dict[str, str]:
    name, at = f"msg_{next(numbers)}", at or int(time.time())
    signed = signature(key, message_id=name, timestamp=at, body=body)
    return {"svix-id": name, "svix-timestamp": str(at), "svix-signature": signed}


def sent_by(key: str, body: bytes, headers: dict[str, str], *, content_type: str = JSON, to: str = "") -> Any:
    """The answer of the door."""
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/hooks/email/{key}/{to}", data=body, content_type=content_type, headers=headers)


def sendgrid_sends(*events: dict[str, Any]) -> Any:
    body = json.dumps(list(events)).encode()
    return sent_by("sendgrid", body, sendgrid_headers(body))


def mailgun_sends(post: dict[str, Any]) -> Any:
    return sent_by("mailgun", json.dumps(post).encode(), {})


def a_post_that_waits(delivered: Touch, bounced: Touch) -> None:
    """A delivery, an open and a bounce, and a fact whose mail is not known."""
    provider, _ = connected("sendgrid")
    Touch.objects.filter(pk=delivered.pk).update(provider_ref=sendgrid_answer(delivered))
    facts = [sendgrid_event(delivered, "delivered"), sendgrid_event(delivered, "open")]
    facts += [sendgrid_event(bounced, "bounce", status="5.1.1", type="bounce")]
    facts += [sendgrid_event(delivered, "delivered", **{"smtp-id": "<nobody@ours.example>", "email": ""})]
    keep_post(provider, "tracking", json.dumps(facts).encode(), content_type=JSON)


def world():
    """All that a post could change."""
    return (
        list(Touch.objects.order_by("pk").values()),
        list(ChannelAddress.objects.order_by("pk").values()),
        *(model.objects.count() for model in (ProviderPost, ProviderEvent, Engagement, InboundMail)),
    )
