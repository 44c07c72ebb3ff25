"""What the API remembers of requests: answers to repeat, and how many came in which minute."""

from django.db import models
from django.utils import timezone


class StoredAnswer(models.Model):
    """The answer to a POST that named an `Idempotency-Key`, written in the transaction of its effect.

    So there is an answer exactly when there is an effect, whatever was killed when.
    """

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=60, help_text="The token or the person that sent it.")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    body_digest = models.CharField(max_length=64, help_text="SHA-256 of the body as it was sent.")
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (models.UniqueConstraint(fields=("caller", "key"), name="kernel_answer_once"),)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key[:20]}"


class RequestCount(models.Model):
    """How many requests one caller sent in one minute."""

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=80)
    minute = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-minute", "caller")
        constraints = (
            models.UniqueConstraint(fields=("caller", "minute"), name="kernel_request_count_once"),
        )

    def __str__(self) -> str:
        return f"{self.caller} {self.minute:%H:%M}: {self.used}"
