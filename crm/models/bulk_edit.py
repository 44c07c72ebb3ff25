"""One change to many records at once, with what it would do, what it did, and the way back."""

from django.conf import settings
from django.db import models

from gtmos.kernel.records import Record


class BulkEditState(models.TextChoices):
    PREVIEWING = "previewing", "being tried"
    PREVIEWED = "previewed", "tried"
    RUNNING = "running", "running"
    DONE = "done", "done"
    UNDOING = "undoing", "being taken back"
    UNDONE = "undone", "taken back"


class BulkEdit(Record):
    """The records are named once, when it is made. `done` says how far it is; what a part changed is in `causes`."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    noun = models.CharField("records", max_length=30)
    keys = models.JSONField(default=list)
    field = models.CharField(max_length=90)
    operation = models.CharField(max_length=6, default="set")
    value = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=BulkEditState.choices, default=BulkEditState.PREVIEWING)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=dict, help_text="By code: how many, and some of them in words.")
    causes = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(
                fields=("state",),
                name="crm_bulk_edit_working",
                condition=models.Q(state__in=("previewing", "running", "undoing")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.field} of {self.total} {self.noun} records"

    @property
    def total(self) -> int:
        return len(self.keys)

    @property
    def is_working(self) -> bool:
        return self.state in {"previewing", "running", "undoing"}
