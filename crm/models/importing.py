"""An imported file: what was understood, what happened, and the way back."""

from django.db import models

from crm.enums import ImportState
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import OwnedRecord, Record

S = ImportState


class ImportMove(OwnedRecord):
    """Several files that belong together, such as all that a team brings from another system."""

    name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name or f"Move of {self.created_at:%-d %B %Y}"


class RememberedMapping(Record):
    """What somebody chose for the columns of a file; proposed for the next one with the same names."""

    columns_digest = models.CharField(max_length=64, unique=True, editable=False)
    columns = models.JSONField(default=list)
    targets = models.JSONField(default=dict, help_text="Column → field.")
    chosen_by = models.CharField(max_length=150)
    chosen_at = models.DateTimeField()

    class Meta:
        ordering = ("-chosen_at",)

    def __str__(self) -> str:
        return f"Columns chosen by {self.chosen_by}"


class ImportBatch(StateMixin, OwnedRecord):
    """One file. Every row it created or changed carries this key as its cause, so it can be undone."""

    move = models.ForeignKey(
        ImportMove, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports"
    )
    repeats = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="repetitions",
        help_text="The import that was taken back and is done again by this one.",
    )
    file_name = models.CharField(max_length=255)
    path = models.CharField(max_length=500, help_text="Where the uploaded file is kept.")
    size_bytes = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    into = models.CharField(max_length=12, default="auto")
    shape = models.CharField(max_length=40, blank=True)
    encoding = models.CharField(max_length=40, blank=True)
    delimiter = models.CharField(max_length=8, blank=True)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict, help_text="Column → field, as detected and edited.")
    state = StateField(choices=S.choices, default=S.UPLOADED)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, help_text="Created, updated, unchanged, rejected, amounts.")
    rejected_path = models.CharField(max_length=500, blank=True)
    error = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often a worker began with it.")

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "import batches"

    def __str__(self) -> str:
        return self.file_name

    @transition(field=state, source=[S.UPLOADED, S.FAILED], target=S.RUNNING)
    def start(self) -> None:
        pass

    @transition(field=state, source=S.RUNNING, target=S.DONE)
    def finish(self) -> None:
        pass

    @transition(field=state, source=[S.UPLOADED, S.RUNNING], target=S.FAILED)
    def fail(self) -> None:
        pass

    @transition(field=state, source=S.DONE, target=S.UNDONE)
    def undo(self) -> None:
        pass
