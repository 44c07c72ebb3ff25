"""Workflows as rows: what starts them, their versions, each run, and each step of it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.records import Record


class Workflow(Record):
    """Something that starts by itself. It acts on behalf of its owner and with no more rights."""

    name = models.CharField(max_length=120, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="It acts on behalf of this person, with their rights.",
    )
    is_active = models.BooleanField("on", default=False, editable=False)
    active = models.ForeignKey(
        "kernel.WorkflowVersion", null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    # Of the version in force, so that writing an event finds whom it starts in one statement.
    event_name = models.CharField("event", max_length=100, blank=True)

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(
                fields=("event_name",), name="kernel_workflow_of_event", condition=models.Q(is_active=True)
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def newest(self) -> "WorkflowVersion":
        """Whatever reads many of them has read it along."""
        known: list[WorkflowVersion] | None = getattr(self, "newest_versions", None)
        return known[0] if known else self.versions.order_by("-number")[0]


class WorkflowVersion(models.Model):
    """What a workflow does, as it was saved once. It is never changed: runs finish on the version they began with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    event_name = models.CharField("event", max_length=100)
    conditions = models.JSONField(default=dict, blank=True)
    steps = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("workflow", "number"), name="kernel_workflow_version_once"),
        )

    def __str__(self) -> str:
        return f"version {self.number}"


class RunState(models.TextChoices):
    RUNNING = "running", "running"
    DONE = "done", "done"
    STOPPED = "stopped", "stopped"
    FAILED = "failed", "failed"


class WorkflowRun(models.Model):
    """One event that one workflow answered: once, whatever is killed, repeated or delivered again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="runs")
    definition = models.ForeignKey(WorkflowVersion, on_delete=models.CASCADE, related_name="runs")
    event = models.ForeignKey(EventRecord, null=True, on_delete=models.SET_NULL, related_name="workflow_runs")
    event_key = models.UUIDField()
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it stopped or failed.")
    chain = models.JSONField(default=list, help_text="The workflows and records that led here.")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-started_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("workflow", "event_key"), name="kernel_workflow_run_once"),
        )
        indexes = (
            models.Index(fields=("workflow", "-started_at"), name="kernel_run_of_workflow"),
            models.Index(fields=("-started_at", "-id"), name="kernel_run_newest"),
        )

    def __str__(self) -> str:
        return f"{self.workflow} at {self.started_at:%d %b %H:%M}"


class StepState(models.TextChoices):
    WAITING = "waiting", "waiting"
    ASKED = "asked", "waits for a decision"
    DONE = "done", "done"
    FAILED = "failed", "failed"


# What a step made that goes on doing things under a key of its own.
ASSISTANT_RUN = "agents.run"


class WorkflowStepRun(models.Model):
    """One step of a run: the queue while it waits, the log afterwards."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(WorkflowRun, on_delete=models.CASCADE, related_name="steps")
    path = models.CharField(max_length=60, help_text="Where it stands in the version, such as 2.then.0.")
    action = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="By the product's clock.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)
    made_type = models.CharField(max_length=60, blank=True)
    made_id = models.UUIDField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("run", "path"), name="kernel_workflow_step_once"),)
        indexes = (
            models.Index(
                fields=("due_at", "id"), name="kernel_workflow_step_due", condition=models.Q(state="waiting")
            ),
            models.Index(
                fields=("made_id",), name="kernel_workflow_step_asked", condition=models.Q(state="asked")
            ),
            models.Index(
                fields=("made_id",),
                name="kernel_workflow_step_told",
                condition=models.Q(made_type=ASSISTANT_RUN),
            ),
        )

    def __str__(self) -> str:
        return f"{self.action} at {self.path}"
