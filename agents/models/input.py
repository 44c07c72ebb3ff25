"""What comes in to be done, in the order in which it came."""

from django.db import models
from django.db.models import Q

from agents.enums import InputState
from agents.models.run import Run
from agents.models.suggestion import Suggestion
from gtmos.kernel.records import OwnedRecord


class Input(OwnedRecord):
    """One message from one source. A sentence becomes the run that has the same key as its input."""

    stays_with_author = True  # nobody takes it over when its owner leaves

    source = models.CharField(max_length=80, help_text="Inputs of one source are done one after another.")
    channel = models.CharField(max_length=20)
    message_id = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=20)
    handler = models.CharField(max_length=20)
    format_version = models.PositiveSmallIntegerField(default=1)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=InputState.choices, default=InputState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    suggestion = models.ForeignKey(
        Suggestion,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="inputs",
        help_text="Which proposal of our own this came from.",
    )

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("source", "message_id"), name="agents_input_once", condition=~Q(message_id="")
            ),
        )
        indexes = (
            models.Index(
                fields=("source", "created_at", "id"),
                name="agents_input_turn",
                condition=Q(state__in=("waiting", "running")),
            ),
        )

    def __str__(self) -> str:
        return self.text[:80] or self.kind
