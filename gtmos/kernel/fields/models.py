"""What RevOps adds to the records: fields, their versions, relations, locks, and values that wait for a field."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gtmos.kernel.records import Record


class SchemaState(models.Model):
    """One row. Its token changes with every definition, so that each process knows when to read them again."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    token = models.UUIDField(default=uuid.uuid4)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "state of the definitions"
        constraints = (models.CheckConstraint(condition=Q(id=1), name="kernel_one_schema_state"),)

    def __str__(self) -> str:
        return str(self.token)


class CustomField(Record):
    """A field that RevOps added to a kind of record. Its values stand in the record's `custom` under `key`."""

    object_type = models.CharField("record", max_length=30)
    key = models.CharField(
        max_length=40, help_text="How programs call it: small letters, digits, underscores."
    )
    label = models.CharField(max_length=80)
    type = models.CharField(max_length=20)
    options = models.JSONField(default=dict, blank=True)
    help_text = models.CharField(max_length=200, blank=True, help_text="Shown below the field in forms.")
    position = models.PositiveSmallIntegerField(default=0)
    in_list = models.BooleanField(
        "in lists", default=False, help_text="A column, a filter and an order in lists."
    )
    is_indexed = models.BooleanField(
        "fast in lists",
        default=False,
        help_text="An index, for fields by which long lists are often filtered.",
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("object_type", "position", "label")
        constraints = (
            models.UniqueConstraint(fields=("object_type", "key"), name="kernel_custom_field_key_once"),
        )

    def __str__(self) -> str:
        return self.label


class FieldVersion(models.Model):
    """How a field was defined from one moment on. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    summary = models.CharField(max_length=300)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(default=timezone.now)
    converted = models.PositiveIntegerField(default=0, help_text="Records whose value was written anew.")
    not_converted = models.PositiveIntegerField(default=0, help_text="Records whose value was kept beside.")

    class Meta:
        ordering = ("-made_at", "-number")
        constraints = (models.UniqueConstraint(fields=("field", "number"), name="kernel_field_version_once"),)

    def __str__(self) -> str:
        return f"{self.field} {self.number}"


class FieldSuggestion(Record):
    """A name under which records hold values and for which there is no field yet."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        PROMOTED = "promoted", "made a field"
        DISMISSED = "dismissed", "dismissed"

    object_type = models.CharField("record", max_length=30)
    name = models.CharField(max_length=200)
    samples = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)

    class Meta:
        ordering = ("-count", "name")
        constraints = (
            models.UniqueConstraint(fields=("object_type", "name"), name="kernel_field_suggestion_once"),
        )

    def __str__(self) -> str:
        return self.name


class Relation(Record):
    """A kind of tie between records, as RevOps named it from both ends."""

    key = models.CharField(max_length=40, unique=True)
    label = models.CharField(max_length=80, help_text="Seen from the first record: Implementation partner")
    reverse_label = models.CharField(
        max_length=80, help_text="Seen from the second record: Implementation partner of"
    )
    from_type = models.CharField("from", max_length=30)
    to_type = models.CharField("to", max_length=30)
    is_single = models.BooleanField("only one", default=False, help_text="A record has at most one of these.")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("label",)

    def __str__(self) -> str:
        return self.label


class RelationLink(Record):
    """One record tied to another."""

    relation = models.ForeignKey(Relation, on_delete=models.CASCADE, related_name="links")
    from_id = models.UUIDField()
    to_id = models.UUIDField()
    cause_id = models.UUIDField(
        null=True, blank=True, db_index=True, editable=False, help_text="The import that tied them."
    )

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("from_id", "to_id", "relation"), name="kernel_relation_link_once"
            ),
        )
        indexes = (models.Index(fields=("to_id",), name="kernel_relation_link_to"),)

    def __str__(self) -> str:
        return f"{self.relation}: {self.from_id} – {self.to_id}"


class FieldLock(models.Model):
    """Values of one record that a person keeps from imports, enrichment and agents: column → who, since when."""

    id = models.BigAutoField(primary_key=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField(unique=True)
    fields = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"
