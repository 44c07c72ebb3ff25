"""What somebody was told, how they want to be told, and the mails that tell it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from gtmos.kernel.records import Record


class Rhythm(models.TextChoices):
    """When a mail tells it."""

    AT_ONCE = "at_once", "at once"
    DAILY = "daily", "once a day"
    NEVER = "never", "no mail"


class NoticeState(models.TextChoices):
    WAITING = "waiting", "waiting to be sent"
    HANDING = "handing", "being handed over"
    SENT = "sent", "sent"
    FAILED = "failed", "not sent"
    DOUBT = "doubt", "nobody knows; not sent again"
    NONE = "none", "read before it left"


class NotificationMail(models.Model):
    """One mail to one person: one notification at once, or all of a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_digest = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=NoticeState.choices, default=NoticeState.WAITING)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=300, blank=True, help_text="What the mail server said.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-due_at", "-id")
        indexes = (
            models.Index(
                fields=("due_at",),
                name="kernel_notice_to_send",
                condition=models.Q(state__in=("waiting", "handing")),
            ),
        )

    def __str__(self) -> str:
        return f"Mail to {self.person_id} due {self.due_at:%Y-%m-%d %H:%M}"


class Notification(models.Model):
    """One thing one person was told. The same key is told once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, help_text="The same is told to a person once.")
    title = models.CharField(max_length=300)
    text = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=300, blank=True)
    caused_by = models.CharField(max_length=150, blank=True)
    is_shown = models.BooleanField(default=True, help_text="Not where it is told by mail alone.")
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.ForeignKey(
        NotificationMail, null=True, blank=True, on_delete=models.SET_NULL, related_name="notifications"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=("person", "key"), name="kernel_notification_once"),)
        indexes = (
            models.Index(fields=("person", "-created_at", "-id"), name="kernel_notification_newest"),
            models.Index(
                fields=("person",),
                name="kernel_notification_unread",
                condition=models.Q(read_at__isnull=True, is_shown=True),
            ),
            models.Index(fields=("created_at",), name="kernel_notification_age"),
        )

    def __str__(self) -> str:
        return self.title


class NotificationPreference(Record):
    """How one person wants to be told of one kind; without a row the kind's own defaults hold."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preferences"
    )
    kind = models.CharField(max_length=60)
    in_app = models.BooleanField(default=True)
    by_mail = models.CharField(max_length=8, choices=Rhythm.choices, default=Rhythm.NEVER)

    class Meta:
        ordering = ("kind",)
        constraints = (
            models.UniqueConstraint(fields=("person", "kind"), name="kernel_notification_preference_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.person}"
