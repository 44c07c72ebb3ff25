"""Who is signed in where, what was tried in vain, and the links that mails carry."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from gtmos.kernel.records import Record


class BrowserSession(AbstractBaseSession):
    """One browser. Who is signed in there stands in a column, so that it can be listed and ended."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="browser_sessions"
    )
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    network_address = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-seen_at",)
        verbose_name = "session"

    def __str__(self) -> str:
        return f"{self.user or 'nobody'}, {self.browser or 'unknown browser'}"


class FailedTry(models.Model):
    """How often something was tried in vain since when. The key is a digest: addresses are not kept."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        ordering = ("-since",)
        verbose_name_plural = "failed tries"

    def __str__(self) -> str:
        return f"{self.failures} since {self.since}"


class LinkKind(models.TextChoices):
    INVITATION = "invitation", "invitation"
    RESET = "reset", "new password"


class MailState(models.TextChoices):
    WAITING = "waiting", "waiting to be sent"
    SENT = "sent", "sent"
    FAILED = "failed", "not sent"
    NONE = "none", "nobody to write to"


class SignInLink(Record):
    """A link that works once and until a time. The link itself is kept nowhere: it is signed anew for the mail."""

    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    email = models.EmailField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=20, blank=True)
    team = models.ForeignKey(
        "kernel.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    serial = models.PositiveIntegerField(
        default=1, help_text="Counted up when it is sent anew; earlier links end."
    )
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    mail_state = models.CharField(max_length=8, choices=MailState.choices, default=MailState.WAITING)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_next_at = models.DateTimeField(null=True, blank=True)
    mail_answer = models.CharField(max_length=300, blank=True, help_text="What the mail server said.")

    class Meta:
        ordering = ("-created_at",)
        verbose_name = "sign-in link"
        indexes = (
            models.Index(
                fields=("mail_next_at",), name="kernel_link_to_send", condition=models.Q(mail_state="waiting")
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.email}"
