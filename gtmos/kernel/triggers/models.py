"""What starts by itself when something happens, as RevOps wrote it."""

from django.conf import settings
from django.db import models

from gtmos.kernel.records import Record


class EventTrigger(Record):
    """Where an event of this name fits all conditions, a task is made, once for each event."""

    name = models.CharField(max_length=120, unique=True)
    event_name = models.CharField("event", max_length=100)
    conditions = models.JSONField(default=list, blank=True)
    title = models.CharField(
        "title of the task",
        max_length=200,
        help_text="{record} is what the event is about; values of the event go in braces too.",
    )
    note = models.TextField("note of the task", blank=True)
    due_days = models.PositiveSmallIntegerField("days until it is due", default=1)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Gets the task where the record has no owner.",
    )
    is_active = models.BooleanField("active", default=False, editable=False)

    class Meta:
        ordering = ("event_name", "name")
        indexes = (
            models.Index(
                fields=("event_name",), name="kernel_trigger_of_event", condition=models.Q(is_active=True)
            ),
        )

    def __str__(self) -> str:
        return self.name
