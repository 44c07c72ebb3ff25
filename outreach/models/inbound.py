"""Mail that came in: stored before it is acknowledged, understood later."""

from django.db import models
from django.db.models import Q

from crm.models import Contact
from outreach.enums import MailKind, ReplyCategory
from outreach.models.touch import Touch


class InboundMail(models.Model):
    """The raw message and what was made of it. Its text is data and never instructs."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the raw message.")
    raw = models.BinaryField()
    sender = models.CharField(max_length=320, blank=True)
    recipients = models.JSONField(default=list)
    message_id = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField(help_text="Business time.")
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=12, choices=MailKind.choices, default=MailKind.WAITING)
    category = models.CharField(max_length=20, choices=ReplyCategory.choices, blank=True)
    confidence = models.FloatField(null=True, blank=True)
    subject = models.CharField(max_length=400, blank=True)
    text = models.TextField(blank=True, help_text="The newly written part.")
    verdict = models.JSONField(default=dict)
    touch = models.ForeignKey(Touch, null=True, blank=True, on_delete=models.SET_NULL, related_name="answers")
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="mails"
    )

    class Meta:
        ordering = ("-received_at", "-id")
        indexes = (
            models.Index(
                fields=("id",), name="outreach_mail_waiting", condition=Q(processed_at__isnull=True)
            ),
            models.Index(fields=("contact", "-received_at"), name="outreach_mail_of_contact"),
        )

    def __str__(self) -> str:
        return self.subject or self.digest[:12]
