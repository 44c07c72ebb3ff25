"""What other systems call our records, and links by such keys that wait for their record."""

import uuid

from django.db import models
from django.db.models import Q


class SourceKey(models.Model):
    """A further key under which another system knows a record; the first one stands on the record itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_type = models.CharField(max_length=20, help_text="company or contact")
    record_id = models.UUIDField(db_index=True)
    system = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    cause_id = models.UUIDField(null=True, blank=True, db_index=True, help_text="The import that told it.")

    class Meta:
        ordering = ("system", "key")
        constraints = (
            models.UniqueConstraint(fields=("record_type", "system", "key"), name="crm_source_key_once"),
        )

    def __str__(self) -> str:
        return f"{self.key} of {self.system}"


class PendingLink(models.Model):
    """A record names another one that is not there yet. Once that arrives they are tied, and `tied_by` says by what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record_type = models.CharField(max_length=20, help_text="company, contact or deal")
    record_id = models.UUIDField()
    target_type = models.CharField(max_length=20, help_text="company, contact or parent: what is named.")
    place = models.PositiveSmallIntegerField(
        default=0, help_text="Which one, where several may be named; 0 is the main one."
    )
    system = models.CharField(max_length=40)
    key = models.CharField(max_length=320)
    cause_id = models.UUIDField(null=True, blank=True, db_index=True, help_text="The import that told it.")
    tied_by = models.UUIDField(
        null=True, blank=True, db_index=True, help_text="The import or the new record that tied it."
    )

    class Meta:
        ordering = ("system", "key")
        constraints = (
            models.UniqueConstraint(
                fields=("record_type", "record_id", "target_type", "place"), name="crm_pending_link_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("system", "target_type", "key"),
                name="crm_pending_link_waits",
                condition=Q(tied_by__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.target_type} {self.key} of {self.system}"
