"""The log of texts that were read, and of the changes found in them."""

from django.contrib import admin

from crm.models import Proposal, Reading
from gtmos.kernel.desk import Desk


@admin.register(Reading)
class ReadingAdmin(Desk):
    list_display = ("__str__", "employee_name", "interaction_type", "decision", "confidence", "created_at")
    list_filter = ("interaction_type", "decision", "is_untrusted")
    search_fields = ("=id", "employee_name")


@admin.register(Proposal)
class ProposalAdmin(Desk):
    list_display = ("kind", "record_type", "field", "state", "reason", "decided_by", "decided_at")
    list_filter = ("state", "kind", "record_type")
    list_select_related = ("decided_by",)
    search_fields = ("=reading__id", "=record_id")
