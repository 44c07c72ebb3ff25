"""The domains our mailboxes write from, and what the domain system said of them."""

from django.core.validators import MinValueValidator
from django.db import models

from gtmos.kernel.records import Record


class SendingDomain(Record):
    """Made by itself with the first mailbox of a domain."""

    name = models.CharField(max_length=253, unique=True)
    dkim_selector = models.CharField(
        "DKIM selector",
        max_length=63,
        blank=True,
        help_text="The name before ._domainkey in the DKIM record.",
    )
    spf_source = models.CharField(
        "SPF source",
        max_length=253,
        blank=True,
        help_text="What the SPF record has to allow: a name that it includes, or the address of our mail server.",
    )
    daily_cap = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="The most that all its mailboxes together send on one day; empty: only their own caps count.",
    )
    checks = models.JSONField(default=list, blank=True)
    answered_by = models.CharField(max_length=120, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    wanted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class SendingDomainDay(models.Model):
    """How much of a day's cap of a domain is used; changed only in the transaction that hands a mail over."""

    id = models.BigAutoField(primary_key=True)
    domain = models.ForeignKey(SendingDomain, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    used = models.PositiveIntegerField(default=0)
    cap = models.PositiveIntegerField()

    class Meta:
        ordering = ("-day",)
        constraints = (
            models.UniqueConstraint(fields=("domain", "day"), name="outreach_domain_day_once"),
            models.CheckConstraint(
                condition=models.Q(used__lte=models.F("cap")), name="outreach_domain_never_over_the_cap"
            ),
        )

    def __str__(self) -> str:
        return f"{self.domain_id} {self.day}: {self.used} of {self.cap}"
