"""One message to one person, and everything that was tried with it."""

from django.db import models
from django.db.models import Q

from outreach.enums import Channel, TouchState
from outreach.models.campaign import Enrollment
from outreach.models.mailbox import Mailbox


class Touch(models.Model):
    """The queue and the truth of sending. Its state changes are the statements of `outreach.engine` alone.

    `message_id` and `idempotency_key` are made with the row and never change between attempts.
    """

    # A row changes four times on its way, and each change writes every index: only those that are asked exist.
    id = models.BigAutoField(primary_key=True)
    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.CASCADE, related_name="touches", db_index=False
    )
    campaign = models.ForeignKey(
        "outreach.Campaign", on_delete=models.CASCADE, related_name="touches", db_index=False
    )
    contact = models.ForeignKey(
        "crm.Contact", on_delete=models.CASCADE, related_name="touches", db_index=False
    )
    step = models.ForeignKey(
        "outreach.Step", null=True, on_delete=models.SET_NULL, related_name="touches", db_index=False
    )
    step_no = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(
        "outreach.Variant",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="touches",
        db_index=False,
    )
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="touches", db_index=False)
    recipient = models.CharField(max_length=320)
    address = models.ForeignKey(
        "outreach.ChannelAddress", on_delete=models.PROTECT, related_name="touches", db_index=False
    )
    subject = models.CharField(max_length=400)
    body = models.TextField()
    content_hash = models.CharField(max_length=64)
    approved_hash = models.CharField(
        max_length=64, help_text="The approval it was written under; another one stops the hand-over."
    )
    token = models.CharField(max_length=43, help_text="For the pixel, links and unsubscribe.")
    message_id = models.CharField(max_length=200)
    idempotency_key = models.CharField(max_length=64)
    due_at = models.DateTimeField(help_text="Business time by the sequence and the window.")
    next_at = models.DateTimeField(help_text="Business time of the next attempt.")
    state = models.CharField(max_length=10, choices=TouchState.choices, default=TouchState.SCHEDULED)
    epoch = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Server time.")
    attempts = models.PositiveSmallIntegerField(default=0)
    provider_ref = models.CharField(max_length=200, blank=True)
    handed_at = models.DateTimeField(
        null=True, blank=True, help_text="Server time of the point of no return."
    )
    sent_at = models.DateTimeField(null=True, blank=True, help_text="Business time.")
    last_error = models.CharField(max_length=500, blank=True)
    is_assumed = models.BooleanField(
        default=False, help_text="Nobody could say whether it arrived, so it counts as sent."
    )
    announced = models.CharField(max_length=10, blank=True, help_text="The last state other apps were told.")
    # Facts about it only ever get added; a lesser one never overwrites a greater.
    delivered_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    reply_category = models.CharField(max_length=20, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)
    meeting_at = models.DateTimeField(null=True, blank=True)
    machine_opens = models.PositiveIntegerField(default=0)
    machine_clicks = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("due_at", "id")
        verbose_name_plural = "touches"
        constraints = (
            models.UniqueConstraint(fields=("enrollment", "step_no"), name="outreach_touch_once"),
            models.UniqueConstraint(fields=("token",), name="outreach_touch_token_once"),
            models.UniqueConstraint(fields=("message_id",), name="outreach_touch_message_id_once"),
            models.UniqueConstraint(fields=("idempotency_key",), name="outreach_touch_idempotency_once"),
            models.CheckConstraint(
                condition=Q(state__in=TouchState.values), name="outreach_touch_state_known"
            ),
        )
        indexes = (
            models.Index(fields=("next_at", "id"), name="outreach_touch_due", condition=Q(state="scheduled")),
            models.Index(
                fields=("lease_until",),
                name="outreach_touch_leased",
                condition=Q(state__in=("claimed", "handing")),
            ),
            models.Index(
                fields=("state",), name="outreach_touch_doubt", condition=Q(state__in=("in_doubt", "late"))
            ),
            models.Index(
                fields=("id",),
                name="outreach_touch_to_announce",
                condition=Q(state__in=("sent", "failed", "in_doubt")) & ~Q(announced=models.F("state")),
            ),
            models.Index(
                fields=("mailbox",),
                name="outreach_touch_returned",
                condition=Q(bounced_at__isnull=False) | Q(complained_at__isnull=False),
            ),
            models.Index(fields=("campaign", "step_no", "state"), name="outreach_touch_campaign"),
            models.Index(fields=("contact", "-sent_at"), name="outreach_touch_contact"),
        )

    def __str__(self) -> str:
        return f"Touch {self.step_no} to {self.recipient}"


class TouchAttempt(models.Model):
    """What one attempt did. Rows are only ever added."""

    id = models.BigAutoField(primary_key=True)
    touch = models.ForeignKey(Touch, on_delete=models.CASCADE, related_name="attempts_made")
    epoch = models.PositiveIntegerField()
    worker = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    result = models.CharField(max_length=20)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.result} at {self.at}"
