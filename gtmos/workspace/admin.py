"""What screens remember, at the RevOps desk."""

from django.contrib import admin

from gtmos.kernel.desk import Desk
from gtmos.workspace.models import HomeSetting, Recent, WorkspaceState


@admin.register(Recent)
class RecentAdmin(Desk):
    list_display = ("label", "user", "entity_type", "opened_at")
    list_select_related = ("user",)
    search_fields = ("label", "user__email")


@admin.register(WorkspaceState)
class WorkspaceStateAdmin(Desk):
    list_display = ("entity_type", "entity_id", "user", "updated_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(HomeSetting)
class HomeSettingAdmin(Desk):
    list_display = ("user", "shown", "quick_start_hidden_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
