"""Documents, to be looked at; they are added and deleted on the pages of their records."""

from django.contrib import admin

from crm.models import Document
from gtmos.kernel.desk import Desk


@admin.register(Document)
class DocumentAdmin(Desk):
    list_display = (
        "name",
        "subject_type",
        "media_type",
        "size_bytes",
        "uploaded_by",
        "created_at",
        "words_fault",
        "deleted_at",
    )
    list_filter = ("subject_type", "media_type")
    list_select_related = ("uploaded_by",)
    search_fields = ("=subject_id", "name")
    exclude = ("file", "words")
