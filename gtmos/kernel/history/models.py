"""What changed on a record, by whom, from which value."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone


class ChangeType(models.TextChoices):
    MAJOR = "MAJOR", "major"
    MINOR = "MINOR", "minor"


class Change(models.Model):
    """One change of one record. Rows are only ever added."""

    id = models.BigAutoField(primary_key=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    timestamp = models.DateTimeField(default=timezone.now)
    change_type = models.CharField(max_length=5, choices=ChangeType.choices, default=ChangeType.MINOR)
    change_category = models.CharField(max_length=40)
    changed_fields = models.JSONField(default=list)
    summary = models.CharField(max_length=500)
    vector_searchable_text = models.TextField(blank=True)
    source = models.CharField(max_length=20)
    user_id = models.UUIDField(null=True, blank=True)
    user_name = models.CharField(max_length=150)
    previous_values = models.JSONField(default=dict)
    new_values = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    cause_id = models.UUIDField(
        null=True, blank=True, help_text="The import, run or event that brought the change."
    )
    actor_kind = models.CharField(max_length=10, blank=True, db_default="", help_text="user, agent or system")
    run_id = models.UUIDField(null=True, blank=True, help_text="The agent's run.")
    request_id = models.CharField(max_length=40, blank=True, db_default="")

    class Meta:
        ordering = ("-timestamp", "-id")
        indexes = (
            models.Index(fields=("subject_id", "-timestamp"), name="kernel_change_of_subject"),
            models.Index(
                fields=("cause_id",),
                name="kernel_change_of_cause",
                condition=models.Q(cause_id__isnull=False),
            ),
            BrinIndex(fields=("timestamp",), name="kernel_change_by_time", autosummarize=True),
        )

    def __str__(self) -> str:
        return self.summary


class Seal(models.Model):
    """A batch of changes under one keyed code that also covers the seal before it."""

    number = models.BigIntegerField(primary_key=True)
    change_ids = ArrayField(models.BigIntegerField())
    digests = models.BinaryField(help_text="Of each change's content, 32 bytes after the other.")
    last_change_id = models.BigIntegerField(db_index=True, help_text="The highest of the batch.")
    rows_until_here = models.BigIntegerField()
    key_name = models.CharField(max_length=16, help_text="Which key; never the key.")
    code = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"Seal {self.number}"


class SealMark(models.Model):
    """How far everything that could still be committed has been committed. One row."""

    settled_id = models.BigIntegerField(default=0)
    noted_id = models.BigIntegerField(default=0)
    noted_transaction = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"Settled until {self.settled_id}"


class Redaction(models.Model):
    """Why the content of a change is gone: a signed note that stands in for it."""

    id = models.BigAutoField(primary_key=True)
    change_id = models.BigIntegerField(db_index=True)
    digest_before = models.CharField(max_length=64)
    digest_after = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    user_name = models.CharField(max_length=150)
    redacted_at = models.DateTimeField()
    key_name = models.CharField(max_length=16)
    code = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"Redaction of change {self.change_id}"
