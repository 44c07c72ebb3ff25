"""Target lists, to be looked at; they are made and changed on their pages."""

from django.contrib import admin

from crm.models import TargetAccount, TargetList
from gtmos.kernel.desk import Desk


@admin.register(TargetList)
class TargetListAdmin(Desk):
    list_display = ("name", "marketing_owner", "sales_owner", "goal_on")
    list_select_related = ("marketing_owner", "sales_owner")
    search_fields = ("name",)


@admin.register(TargetAccount)
class TargetAccountAdmin(Desk):
    list_display = ("company", "target_list", "created_at")
    list_select_related = ("company", "target_list")
