"""Rules of routing and whose turn it is, to be looked at; they are written on their page."""

from django.contrib import admin

from crm.models import RoutingTurn, RoutingVersion
from gtmos.kernel.desk import Desk


@admin.register(RoutingVersion)
class RoutingVersionAdmin(Desk):
    list_display = ("number", "state", "note", "activated_at")
    list_filter = ("state",)


@admin.register(RoutingTurn)
class RoutingTurnAdmin(Desk):
    list_display = ("team", "last_user", "given", "updated_at")
    list_select_related = ("team", "last_user")
