"""When each of us may be booked."""

from django.conf import settings
from django.db import models

from gtmos.kernel.records import Record


class BookingHours(Record):
    """One person's hours, by their own clock. Who never set them is there in office hours."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="booking_hours"
    )
    week = models.JSONField(
        default=list, help_text="The hours of each day from Monday on, as people write them."
    )
    length = models.PositiveSmallIntegerField(default=30, help_text="Minutes of a meeting.")
    buffer = models.PositiveSmallIntegerField(
        default=15, help_text="Minutes kept free before and after each."
    )
    notice = models.PositiveSmallIntegerField(
        default=4, help_text="Hours before the first time that is offered."
    )
    days_ahead = models.PositiveSmallIntegerField(default=14, help_text="How far ahead times are offered.")

    class Meta:
        verbose_name = "booking hours"
        verbose_name_plural = "booking hours"

    def __str__(self) -> str:
        return f"Booking hours of {self.user}"
