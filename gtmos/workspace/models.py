"""What a person's screen remembers."""

from django.db import models

from gtmos.kernel.records import Record


class Recent(Record):
    """A record that a person opened, newest first."""

    user = models.ForeignKey("kernel.User", on_delete=models.CASCADE, related_name="recents")
    entity_type = models.CharField(max_length=60)
    entity_id = models.UUIDField()
    label = models.CharField(max_length=200)
    url = models.CharField(max_length=300)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ("-opened_at",)
        constraints = (models.UniqueConstraint(fields=("user", "entity_id"), name="workspace_recent_once"),)

    def __str__(self) -> str:
        return self.label
