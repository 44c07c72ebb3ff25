"""What screens remember, at the RevOps desk."""

from django.contrib import admin

from gtmos.kernel.desk import Desk
from gtmos.workspace.models import Recent


@admin.register(Recent)
class RecentAdmin(Desk):
    list_display = ("label", "user", "entity_type", "opened_at")
    list_select_related = ("user",)
    search_fields = ("label", "user__email")
