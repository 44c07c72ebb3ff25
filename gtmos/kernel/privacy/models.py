"""What was asked and done, and how long things are kept."""

from django.db import models
from django.utils import timezone

from gtmos.kernel.records import Record


class PrivacyRequestKind(models.TextChoices):
    EXPORT = "export", "export"
    ERASURE = "erasure", "erasure"


class PrivacyRequest(models.Model):
    """One answered request. Of an erasure it is the certificate: counts, and nothing of the person."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=PrivacyRequestKind.choices)
    subject_id = models.UUIDField(db_index=True, help_text="The key of the emptied record.")
    reason = models.CharField(max_length=300, blank=True)
    counts = models.JSONField(default=dict)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class RetentionRule(Record):
    """How long one kind of data is kept."""

    kind = models.CharField(max_length=60, unique=True)
    days = models.PositiveIntegerField()
    action = models.CharField(max_length=10)
    is_active = models.BooleanField(default=False)
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("kind",)

    def __str__(self) -> str:
        return f"{self.kind} after {self.days} days"
