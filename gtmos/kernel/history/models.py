"""What changed on a record, by whom, from which value."""

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

    class Meta:
        ordering = ("-timestamp", "-id")
        indexes = (
            models.Index(fields=("subject_id", "-timestamp"), name="kernel_change_of_subject"),
            models.Index(
                fields=("cause_id",),
                name="kernel_change_of_cause",
                condition=models.Q(cause_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.summary
