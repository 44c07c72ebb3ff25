"""Changes to many records, to be looked at; they are made and taken back in the lists."""

from django.contrib import admin

from crm.models import BulkEdit
from gtmos.kernel.desk import Desk


@admin.register(BulkEdit)
class BulkEditAdmin(Desk):
    list_display = ("noun", "field", "person", "state", "changed", "refused", "created_at")
    list_select_related = ("person",)
    list_filter = ("noun", "state")
    exclude = ("keys", "causes")
