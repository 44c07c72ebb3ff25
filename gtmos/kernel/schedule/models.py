"""Occurrences of schedules, and the heartbeats of the processes."""

from django.db import models
from django.utils import timezone

from gtmos.kernel.records import Record


class ScheduleSetting(Record):
    """How often RevOps wants something done that the product does again and again. Without a row it is as the code came."""

    name = models.CharField(max_length=100, unique=True)
    is_paused = models.BooleanField(
        "paused", default=False, help_text="It is not done until this is off again."
    )
    minutes = models.PositiveIntegerField(
        "every so many minutes", null=True, blank=True, help_text="Empty: as the product came."
    )

    class Meta:
        ordering = ("name",)
        verbose_name = "schedule"

    def __str__(self) -> str:
        return self.name


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
