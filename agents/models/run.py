"""One carried-out plan and its steps: the journal."""

from django.db import models
from django.db.models import Q

from agents.enums import Risk, RunState, StepState
from agents.models.thread import Thread
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import OwnedRecord, Record

S = RunState


class Run(StateMixin, OwnedRecord):
    """Who asked, on whose behalf, with which rights, and what was understood."""

    stays_with_author = True  # nobody takes it over when its owner leaves

    thread = models.ForeignKey(Thread, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs")
    command = models.TextField()
    planner = models.CharField(max_length=40, default="deterministic")
    plan = models.JSONField(default=dict)
    confidence = models.FloatField(default=0)
    state = StateField(choices=S.choices, default=S.QUEUED)
    permission_snapshot = models.JSONField(
        default=dict, help_text="The acting person's role and rights then."
    )
    key = models.CharField(max_length=64, blank=True, help_text="The same key runs once.")
    error = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=("owner", "key"), name="agents_run_once", condition=~Q(key="")),
        )

    def __str__(self) -> str:
        return self.command[:80]

    @transition(field=state, source=[S.QUEUED, S.WAITING], target=S.RUNNING)
    def begin(self) -> None:
        pass

    @transition(field=state, source=S.QUEUED, target=S.WAITING)
    def wait(self) -> None:
        pass

    @transition(field=state, source=S.RUNNING, target=S.DONE)
    def finish(self) -> None:
        pass

    @transition(field=state, source=[S.QUEUED, S.RUNNING], target=S.FAILED)
    def fail(self) -> None:
        pass

    @transition(field=state, source=[S.QUEUED, S.WAITING], target=S.CANCELLED)
    def cancel(self) -> None:
        pass


class Step(Record):
    """One tool call: its arguments, its effect and the way back."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    tool = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    risk = models.CharField(max_length=10, choices=Risk.choices)
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.PLANNED)
    summary = models.CharField(max_length=500, blank=True)
    result = models.JSONField(default=dict)
    undo = models.JSONField(
        default=dict, help_text="The verb and arguments that take it back; empty: cannot."
    )
    error = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("run", "number")
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="agents_step_number_once"),)

    def __str__(self) -> str:
        return f"{self.number}. {self.tool}"
