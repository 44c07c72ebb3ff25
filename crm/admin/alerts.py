"""Alerts to be looked at, and their rules: switched on or off, with thresholds."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from crm.models import Alert, AlertRule
from crm.services.alerts import ensure_rules, set_alert_rule
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk

SCORES = ("nps_at_most", "csat_at_most")


@admin.register(AlertRule)
class AlertRuleAdmin(Desk):
    says = "When the owner of an account is told that something needs them. Each kind has one rule: switch it on or off and set from when on it counts."
    helps: ClassVar = {
        "is_active": "Off: nobody is told, and nothing is counted.",
    }
    told_apart_by = ("kind",)
    list_display = ("__str__", "is_active", "days", "quiet_days", "percent", "least", *SCORES)
    list_filter = ("is_active",)
    search_fields = ("=kind",)
    fields = ("kind", "is_active", "days", "quiet_days", "percent", "least", *SCORES)
    readonly_fields = ("kind",)

    def make_ready(self) -> None:
        ensure_rules()

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertRule]:
        self.make_ready()
        rows: QuerySet[AlertRule] = super().get_queryset(request)
        return rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Each kind has one rule already."""
        del request
        return False

    def change(self, record: AlertRule, changes: dict[str, Any], *, actor: Actor) -> AlertRule:
        return set_alert_rule(record, changes=changes, actor=actor)


@admin.register(Alert)
class AlertAdmin(Desk):
    list_display = ("what", "kind", "company", "owner", "state", "created_at")
    list_filter = ("kind", "state")
    list_select_related = ("company", "owner")
    search_fields = ("=company__id", "what")
