"""What people did lately, at the RevOps desk: to look at only."""

from django.contrib import admin

from gtmos.kernel.desk import Desk
from gtmos.kernel.undo.models import Deed


@admin.register(Deed)
class DeedAdmin(Desk):
    list_display = ("title", "person", "done_at", "undone_at")
    list_select_related = ("person",)
    search_fields = ("title", "person__email")
