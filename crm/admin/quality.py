"""Merges, pairs and where their search stands, to be looked at."""

from django.contrib import admin

from crm.models import DuplicatePair, DuplicateSearch, Merge
from gtmos.kernel.desk import Desk


@admin.register(Merge)
class MergeAdmin(Desk):
    list_display = ("absorbed_name", "subject_type", "user_name", "created_at", "undone_at")
    list_filter = ("subject_type",)
    search_fields = ("=kept_id", "=absorbed_id", "absorbed_name")


@admin.register(DuplicatePair)
class DuplicatePairAdmin(Desk):
    list_display = ("__str__", "score", "state", "decided_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("company", "other_company", "contact", "other_contact")


@admin.register(DuplicateSearch)
class DuplicateSearchAdmin(Desk):
    list_display = ("subject_type", "changed_at")
