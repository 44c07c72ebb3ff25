"""Addresses we write from, and how many mails each may send a day."""

from datetime import time

from django.core.validators import MinValueValidator
from django.db import models

from gtmos.kernel.records import OwnedRecord
from outreach.governor.limits import Ramp
from outreach.models.domain import SendingDomain


class Mailbox(OwnedRecord):
    """A sender. The lowest of its limits wins."""

    address = models.EmailField(unique=True)
    domain = models.ForeignKey(
        SendingDomain,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="mailboxes",
    )
    display_name = models.CharField(max_length=120)
    signature = models.TextField(blank=True)
    booking_url = models.URLField(blank=True, help_text="Where a reader can pick a time for a call.")
    daily_cap = models.PositiveIntegerField(default=200)
    ramp_from = models.DateField(
        "warm-up from", null=True, blank=True, help_text="The first day of the warm-up; empty: there is none."
    )
    ramp_first = models.PositiveIntegerField("mails on the first day", default=20, db_default=20)
    ramp_step = models.PositiveIntegerField(
        "more every day", default=10, db_default=10, validators=[MinValueValidator(1)]
    )
    window_start = models.TimeField(default=time(9), help_text="In the reader's time zone.")
    window_end = models.TimeField(default=time(17))
    sends_on_weekends = models.BooleanField(
        default=False, help_text="And on public holidays of the reader's country."
    )
    is_active = models.BooleanField(default=True)
    paused_reason = models.CharField(max_length=300, blank=True)
    watched_from = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Bounces and complaints before this do not count."
    )
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="The server has not answered since."
    )
    next_try_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("address",)
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return f"{self.display_name} <{self.address}>"

    @property
    def ramp(self) -> Ramp:
        return Ramp(self.ramp_from, self.ramp_first, self.ramp_step)


class MailboxDay(models.Model):
    """How much of a day's cap is used; changed only in the transaction that hands a mail over."""

    id = models.BigAutoField(primary_key=True)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    used = models.PositiveIntegerField(default=0)
    cap = models.PositiveIntegerField()

    class Meta:
        ordering = ("-day",)
        constraints = (
            models.UniqueConstraint(fields=("mailbox", "day"), name="outreach_mailbox_day_once"),
            models.CheckConstraint(
                condition=models.Q(used__lte=models.F("cap")), name="outreach_never_over_the_cap"
            ),
        )

    def __str__(self) -> str:
        return f"{self.mailbox_id} {self.day}: {self.used} of {self.cap}"
