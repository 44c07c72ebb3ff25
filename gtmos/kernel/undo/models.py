"""What somebody did and may take back."""

from django.conf import settings
from django.db import models


class Deed(models.Model):
    """One thing a person did: changes of records to restore, or the address that takes it back."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=300)
    undo_url = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(
        default=list, help_text="Rows of history that it wrote; undoing turns them round."
    )
    done_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-done_at", "-id")
        indexes = (models.Index(fields=("person", "-done_at", "-id"), name="kernel_deed_newest"),)

    def __str__(self) -> str:
        return self.title

    @property
    def can_redo(self) -> bool:
        return self.undone_at is not None and not self.undo_url
