"""The views of `django-anymail`, with what it leaves open: the age of a post, one spelling of a signature.

They are never reached by a request: the door calls their checks, and a job their parsers. Each takes its secrets as
arguments and reads no setting.
"""

import base64
import binascii
import hmac
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks import amazon_ses, base, mailgun, resend, sendgrid
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.http import HttpRequest
from django.utils import timezone

from gtmos.kernel.webhooks.signing import signature

TOLERANCE = timedelta(minutes=5)
SECONDS = re.compile(r"[0-9]{1,12}")
SENDGRID = "X-Twilio-Email-Event-Webhook-"


def must_be_recent(moment: object) -> None:
    """A post that was caught and is sent once more is old by then."""
    if not SECONDS.fullmatch(str(moment)):  # one moment has one spelling
        raise AnymailWebhookValidationFailure("The moment of signing is no moment.")
    if abs(timezone.now().timestamp() - int(str(moment))) > TOLERANCE.total_seconds():
        raise AnymailWebhookValidationFailure("It was signed more than 5 minutes ago.")


def must_be_plain_base64(text: str) -> None:
    """Python's decoder skips what it does not know, so that one signature had many spellings."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise AnymailWebhookValidationFailure("The signature is not base64.") from error
    if base64.b64encode(decoded).decode() != text:
        raise AnymailWebhookValidationFailure("The signature is not base64.")


class SendGridTracking(sendgrid.SendGridTrackingWebhookView):
    warn_if_no_basic_auth = False

    def __init__(self, *, signing_key: str, **options: Any) -> None:
        if signing_key:
            pem = f"-----BEGIN PUBLIC KEY-----\n{signing_key}\n-----END PUBLIC KEY-----"
            self.webhook_verification_key = load_pem_public_key(pem.encode())
        base.AnymailBaseWebhookView.__init__(self, **options)

    def validate_request(self, request: HttpRequest) -> None:
        must_be_recent(request.headers.get(f"{SENDGRID}Timestamp", ""))
        must_be_plain_base64(request.headers.get(f"{SENDGRID}Signature", ""))


class SendGridInbound(sendgrid.SendGridInboundWebhookView):
    def __init__(self, **options: Any) -> None:
        base.AnymailBaseWebhookView.__init__(self, **options)


class MailgunTracking(mailgun.MailgunTrackingWebhookView):
    def __init__(self, *, signing_key: str, **options: Any) -> None:
        super().__init__(webhook_signing_key=signing_key, **options)

    def validate_request(self, request: HttpRequest) -> None:
        must_be_recent(_signed_moment(request))


class MailgunInbound(mailgun.MailgunInboundWebhookView):
    def __init__(self, *, signing_key: str, **options: Any) -> None:
        super().__init__(webhook_signing_key=signing_key, **options)

    def validate_request(self, request: HttpRequest) -> None:
        must_be_recent(_signed_moment(request))


def _signed_moment(request: HttpRequest) -> object:
    """Mailgun signs the moment and a token, never the text: `providers.reading` counts each token once."""
    if request.content_type == "application/json":
        return json.loads(request.body)["signature"]["timestamp"]
    return request.POST["timestamp"]


class ResendTracking(resend.ResendTrackingWebhookView):
    """Signed by the Standard Webhooks rules, which our own webhooks follow too."""

    warn_if_no_basic_auth = False
    _svix_webhook = None

    def __init__(self, *, signing_key: str, **options: Any) -> None:
        self.signing_key = signing_key
        base.AnymailBaseWebhookView.__init__(self, **options)

    def validate_request(self, request: HttpRequest) -> None:
        moment, given = request.headers["svix-timestamp"], request.headers["svix-signature"]
        must_be_recent(moment)
        known = signature(
            self.signing_key, message_id=request.headers["svix-id"], timestamp=int(moment), body=request.body
        )
        if not any(hmac.compare_digest(each.encode(), known.encode()) for each in given.split(" ")):
            raise AnymailWebhookValidationFailure("The signature is not ours.")


class UnansweredQuestionError(ValueError):
    """The provider asks something that only a person can answer; the text says what."""


def ask_a_person(message: dict[str, Any]) -> None:
    """Amazon sends nothing before somebody has opened an address of its own."""
    url = str(message.get("SubscribeURL"))
    host = urlsplit(url).hostname or ""
    if not url.startswith("https://") or not host.endswith(".amazonaws.com"):
        raise UnansweredQuestionError("A subscription asks to be confirmed, but not by an address of Amazon.")
    raise UnansweredQuestionError(f"Amazon asks whether its posts are wanted. Open this address once: {url}")


class AmazonTracking(amazon_ses.AmazonSESTrackingWebhookView):
    """Without Amazon's own library, with which a subscription would confirm itself."""

    def __init__(self, **options: Any) -> None:
        base.AnymailBaseWebhookView.__init__(self, **options)

    def auto_confirm_sns_subscription(self, sns_message: dict[str, Any]) -> None:
        ask_a_person(sns_message)


class AmazonInbound(amazon_ses.AmazonSESInboundWebhookView):
    def __init__(self, **options: Any) -> None:
        base.AnymailBaseWebhookView.__init__(self, **options)

    def auto_confirm_sns_subscription(self, sns_message: dict[str, Any]) -> None:
        ask_a_person(sns_message)
