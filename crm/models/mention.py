"""Who was named in a note and is to know of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.models.activity import Activity
from gtmos.kernel.records import Record


class Mention(Record):
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=("activity", "user"), name="crm_mention_once"),)
        indexes = (
            models.Index(fields=("user", "-created_at", "-id"), name="crm_mention_of_user"),
            models.Index(fields=("user",), name="crm_mention_unread", condition=Q(read_at__isnull=True)),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.activity}"
