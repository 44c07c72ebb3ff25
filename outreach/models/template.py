"""Texts of mails that the house has written once, for campaigns to begin with."""

from django.db import models

from gtmos.kernel.records import SwitchedRecord


class MailTemplate(SwitchedRecord):
    """A subject and a text with merge fields. A campaign takes a copy, so a change here rewrites no campaign."""

    name = models.CharField(max_length=120, unique=True, help_text="As whoever writes a message chooses it.")
    purpose = models.CharField(
        max_length=200, blank=True, help_text="When to take it, in one sentence, such as: after a trade fair."
    )
    subject = models.CharField(
        max_length=300, help_text="The subject of the mail, with fields such as {FirstName}."
    )
    body = models.TextField("text", help_text="The text of the mail. Signature and unsubscribing are added.")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
