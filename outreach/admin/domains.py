"""Sending domains at the desk: what their records are compared with."""

from typing import Any, ClassVar

from django.contrib import admin

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk
from outreach.models import SendingDomain, SendingDomainDay
from outreach.services.domains import update_domain


@admin.register(SendingDomain)
class SendingDomainAdmin(Desk):
    says = "The domains that mailboxes write from, and what their records are compared with."
    helps: ClassVar = {
        "dkim_selector": "The name before ._domainkey; your mail provider shows it.",
        "spf_source": "A name that the record includes, such as _spf.provider.example, or the address of the server.",
        "daily_cap": "No more leave from all its mailboxes together on one day. Empty: only their own caps count.",
    }
    list_display = ("name", "dkim_selector", "spf_source", "answered_by", "checked_at")
    search_fields = ("name",)
    fields = ("dkim_selector", "spf_source", "daily_cap")

    def change(self, record: SendingDomain, changes: dict[str, Any], *, actor: Actor) -> SendingDomain:
        return update_domain(record, changes=changes, actor=actor)


@admin.register(SendingDomainDay)
class SendingDomainDayAdmin(Desk):
    list_display = ("domain", "day", "used", "cap")
    list_filter = ("domain",)
    list_select_related = ("domain",)
