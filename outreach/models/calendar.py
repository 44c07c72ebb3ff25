"""Days of ours on which nobody is written to."""

from django.db import models

from gtmos.kernel.records import Record


class ClosedDay(Record):
    """Holds for every mailbox and every reader, also where a mailbox sends on weekends and holidays."""

    day = models.DateField(
        unique=True, help_text="No mail of a campaign leaves on it, by the reader's own date."
    )
    name = models.CharField(max_length=80, help_text="Why, such as: company retreat.")

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day:%d %B %Y}: {self.name}"
