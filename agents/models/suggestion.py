"""What the product proposes to do next; a person decides."""

from django.db import models

from agents.enums import SuggestionState
from gtmos.kernel.records import OwnedRecord


class Suggestion(OwnedRecord):
    """One proposal with the sentence that would carry it out."""

    stays_with_author = True  # nobody takes it over when its owner leaves

    key = models.CharField(max_length=160, unique=True, help_text="The same proposal is made once.")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)
    command = models.CharField(max_length=500, help_text="The sentence that accepting runs.")
    context = models.JSONField(default=dict)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=SuggestionState.choices, default=SuggestionState.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("subject_id", "state"), name="agents_suggestion_subject"),)

    def __str__(self) -> str:
        return self.title
