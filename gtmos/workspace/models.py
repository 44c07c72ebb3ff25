"""What a person's screen remembers."""

import uuid

from django.conf import settings
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


class WorkspaceState(models.Model):
    """How one person has arranged the page of one record: the tab, the width of the panels, what is folded."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    entity_id = models.UUIDField()
    entity_type = models.CharField(max_length=60)
    tab_states = models.JSONField(default=dict, blank=True)
    panel_configuration = models.JSONField(default=dict, blank=True)
    recent_actions = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-updated_at",)
        constraints = (
            models.UniqueConstraint(fields=("user", "entity_type", "entity_id"), name="workspace_state_once"),
        )
        indexes = (
            models.Index(fields=("user", "entity_type", "-updated_at"), name="workspace_state_newest"),
        )

    def __str__(self) -> str:
        return f"{self.entity_type} as {self.user} left it"


class HomeSetting(Record):
    """Which home somebody looks at, the reports they keep on it, and whether the quick start is put away."""

    user = models.OneToOneField("kernel.User", on_delete=models.CASCADE, related_name="home_setting")
    shown = models.CharField(max_length=12, blank=True, help_text="Empty is the home of the role.")
    pins = models.JSONField(default=list, blank=True, help_text="Reports: title and address.")
    quick_start_hidden_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"home of {self.user}"
