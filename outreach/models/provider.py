"""Providers that send for us: how they prove themselves, what they posted, and the facts in it."""

from django.db import models
from django.db.models import Q

from gtmos.kernel.records import Record
from gtmos.kernel.secrets import SealedField
from outreach.enums import ProviderEventState, ProviderFact
from outreach.models.touch import Touch


class EmailProvider(Record):
    """A provider whose posts are taken. Its secrets are sealed; what was refused is only counted."""

    key = models.SlugField(max_length=20, unique=True)
    signing_key = SealedField(blank=True, editable=False)
    credentials = SealedField(blank=True, editable=False)
    refused = models.PositiveIntegerField(default=0, editable=False)
    refused_at = models.DateTimeField(null=True, blank=True, editable=False)
    refusal = models.CharField(
        max_length=200, blank=True, editable=False, help_text="Why the last was refused."
    )

    class Meta:
        ordering = ("key",)
        verbose_name = "e-mail provider"

    def __str__(self) -> str:
        return self.key


class ProviderPost(models.Model):
    """A post as it came, kept before it was acknowledged; emptied once its facts are rows."""

    id = models.BigAutoField(primary_key=True)
    provider = models.ForeignKey(
        EmailProvider, on_delete=models.CASCADE, related_name="posts", db_index=False
    )
    kind = models.CharField(max_length=8)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the provider, kind and body.")
    body = models.BinaryField()
    content_type = models.CharField(max_length=200, blank=True)
    post_id = models.CharField(max_length=200, blank=True, help_text="Its name, where the headers give one.")
    received_at = models.DateTimeField(help_text="Server time.")
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    facts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=1000, blank=True, help_text="Why it could not be understood.")

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("attempts", "id"),
                name="outreach_provider_post_waiting",
                condition=Q(processed_at__isnull=True),
            ),
            models.Index(fields=("provider", "-received_at"), name="outreach_provider_post_latest"),
        )

    def __str__(self) -> str:
        return self.digest[:12]


class ProviderEvent(models.Model):
    """One fact, counted once. Parked until the mail it speaks of is known."""

    id = models.BigAutoField(primary_key=True)
    provider = models.ForeignKey(
        EmailProvider, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=ProviderFact.choices)
    happened_at = models.DateTimeField(help_text="By the provider's clock.")
    recipient = models.CharField(max_length=320, blank=True)
    names = models.JSONField(default=list)
    token = models.CharField(max_length=43, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    is_hard = models.BooleanField(default=False)
    machine_reason = models.CharField(max_length=80, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=ProviderEventState.choices, default=ProviderEventState.NEW)
    touch = models.ForeignKey(
        Touch, null=True, blank=True, on_delete=models.SET_NULL, related_name="provider_events"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(
        null=True, blank=True, help_text="Server time of the next look for its mail."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("next_at", "id"), name="outreach_provider_parked", condition=Q(state="parked")
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.recipient}"
