"""The steps of a campaign."""

from django.db import models

from gtmos.kernel.records import Record
from outreach.enums import Channel
from outreach.models.campaign import Campaign


class Step(Record):
    """One message of the sequence. Next touch = max(offset, last touch + minimum gap), inside the window."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    offset_days = models.PositiveSmallIntegerField(help_text="Days after the person's first touch.")
    minimum_gap_hours = models.PositiveSmallIntegerField(default=48)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    subject = models.CharField(max_length=300, help_text="Flat merge fields like {FirstName}; nothing else.")
    body = models.TextField()
    sources = models.JSONField(default=list, help_text="The message-tree nodes and signals it is made from.")

    class Meta:
        ordering = ("campaign", "number")
        constraints = (
            models.UniqueConstraint(fields=("campaign", "number"), name="outreach_step_number_once"),
        )

    def __str__(self) -> str:
        return f"Touch {self.number} of {self.campaign}"
