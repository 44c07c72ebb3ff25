"""Occurrences of schedules, and the heartbeats of the processes."""

from django.db import models
from django.utils import timezone


class Occurrence(models.Model):
    """One tick of one schedule. The unique pair is what makes it happen once."""

    id = models.BigAutoField(primary_key=True)
    schedule = models.CharField(max_length=100)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-due_at",)
        constraints = (models.UniqueConstraint(fields=("schedule", "due_at"), name="kernel_occurrence_once"),)
        indexes = (
            models.Index(
                fields=("due_at",), name="kernel_occurrence_open", condition=models.Q(done_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.schedule} at {self.due_at:%Y-%m-%d %H:%M:%S}"


class Heartbeat(models.Model):
    """A living process says so here; what is old is dead. Server time, never business time."""

    process = models.CharField(max_length=60, primary_key=True)
    beat_at = models.DateTimeField(default=timezone.now)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ("process",)

    def __str__(self) -> str:
        return self.process
