"""Opens and clicks, each kept raw, machines told apart."""

from django.db import models

from outreach.enums import EngagementKind
from outreach.models.touch import Touch


class Engagement(models.Model):
    id = models.BigAutoField(primary_key=True)
    touch = models.ForeignKey(Touch, on_delete=models.CASCADE, related_name="engagements")
    kind = models.CharField(max_length=6, choices=EngagementKind.choices)
    happened_at = models.DateTimeField(help_text="Business time.")
    seconds_after_sending = models.FloatField(null=True, blank=True)
    is_machine = models.BooleanField(default=False)
    machine_reason = models.CharField(max_length=80, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    utm = models.JSONField(default=dict)
    user_agent = models.CharField(max_length=300, blank=True)
    method = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ("-happened_at", "-id")
        indexes = (models.Index(fields=("touch", "kind"), name="outreach_engagement_touch"),)

    def __str__(self) -> str:
        return f"{self.kind} of touch {self.touch_id}"
