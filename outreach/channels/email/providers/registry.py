"""Whose posts are understood, and how each proves that it is theirs."""

from dataclasses import dataclass
from typing import Any

from anymail.webhooks import brevo, mailersend, mailjet, mailtrap, postmark, sparkpost

from gtmos.kernel.webhooks.signing import signature
from outreach.channels.email.providers import doors

TRACKING, INBOUND = "tracking", "inbound"


@dataclass(frozen=True, slots=True)
class Provider:
    """`key_name` is what the provider calls the key it signs with; without one it proves itself by name and password."""

    key: str
    title: str
    tracking: Any
    inbound: Any = None
    key_name: str = ""
    key_option: str = "signing_key"
    signs_mail: bool = False

    def is_signed(self, kind: str) -> bool:
        return bool(self.key_name) and (kind == TRACKING or self.signs_mail)

    def check_key(self, signing_key: str) -> None:
        """Raise a `ValueError` for what can be no key of this provider."""
        if self.key == "resend":
            signature(signing_key, message_id="", timestamp=0, body=b"")
        self.view(TRACKING, signing_key=signing_key)

    def takes(self, kind: str) -> bool:
        return kind == TRACKING or (kind == INBOUND and self.inbound is not None)

    def view(self, kind: str, *, signing_key: str = "", credentials: str = "") -> Any:
        view = self.tracking if kind == TRACKING else self.inbound
        if self.is_signed(kind):
            return view(**{self.key_option: signing_key, "webhook_secret": ""})
        return view(webhook_secret=credentials or UNSET_CREDENTIALS)


# A name and password that nobody can send, for reading what was checked when it came.
UNSET_CREDENTIALS = "\x00"

PROVIDERS = {
    each.key: each
    for each in (
        Provider(
            "sendgrid",
            "SendGrid",
            doors.SendGridTracking,
            doors.SendGridInbound,
            key_name="Verification key of the signed event webhook",
        ),
        Provider("resend", "Resend", doors.ResendTracking, key_name="Signing secret"),
        Provider(
            "mailgun",
            "Mailgun",
            doors.MailgunTracking,
            doors.MailgunInbound,
            key_name="HTTP webhook signing key",
            signs_mail=True,
        ),
        Provider(
            "postmark",
            "Postmark",
            postmark.PostmarkTrackingWebhookView,
            postmark.PostmarkInboundWebhookView,
        ),
        Provider("amazon_ses", "Amazon SES", doors.AmazonTracking, doors.AmazonInbound),
        Provider("brevo", "Brevo", brevo.BrevoTrackingWebhookView),
        Provider(
            "mailersend",
            "MailerSend",
            mailersend.MailerSendTrackingWebhookView,
            key_name="Signing secret",
            key_option="signing_secret",
        ),
        Provider("mailjet", "Mailjet", mailjet.MailjetTrackingWebhookView, mailjet.MailjetInboundWebhookView),
        Provider(
            "mailtrap",
            "Mailtrap",
            mailtrap.MailtrapTrackingWebhookView,
            key_name="Signature secret",
            key_option="tracking_secret",
        ),
        Provider(
            "sparkpost",
            "SparkPost",
            sparkpost.SparkPostTrackingWebhookView,
            sparkpost.SparkPostInboundWebhookView,
        ),
    )
}
