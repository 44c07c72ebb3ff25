"""The domains our mailboxes write from, and what the domain system said of them."""

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
    checks = models.JSONField(default=list, blank=True)
    answered_by = models.CharField(max_length=120, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    wanted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
