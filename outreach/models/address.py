"""One row per address ever written to or refused: the place that every send locks and asks."""

from django.db import models

from outreach.enums import Channel, SuppressionReason


class ChannelAddress(models.Model):
    """Kept as a keyed hash, so that a refusal outlives the erasure of the person.

    A stop event updates this row and a hand-over locks it, so one of the two is always first.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    address_hmac = models.CharField(max_length=64)
    suppressed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=SuppressionReason.choices, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-suppressed_at", "id")
        verbose_name = "suppressed address"
        verbose_name_plural = "suppressed addresses"
        constraints = (
            models.UniqueConstraint(fields=("channel", "address_hmac"), name="outreach_address_once"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.address_hmac[:12]}…"
