"""Rules of routing and whose turn it is, to be looked at; they are written on their page.

The active rules travel in the file of configuration, people and teams by address and name.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from crm.enums import RoutingState
from crm.models import RoutingTurn, RoutingVersion
from crm.services import routing
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk
from gtmos.kernel.desk_names import keyed, named
from gtmos.kernel.exceptions import DomainError


@admin.register(RoutingVersion)
class RoutingVersionAdmin(Desk):
    told_apart_by = ("state",)  # one version is active
    file_place = 80
    columns = ("state", "note", "rules")
    list_display = ("number", "state", "note", "activated_at")
    list_filter = ("state",)

    def in_file(self) -> QuerySet[RoutingVersion]:
        return RoutingVersion.objects.filter(state=RoutingState.ACTIVE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rules are written on their page, which shows whom each would give what came in last."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False

    def create(self, values: dict[str, Any], *, actor: Actor) -> RoutingVersion:
        if values["state"] != RoutingState.ACTIVE:
            raise DomainError("Only rules that are active travel in a file.", code="not_active")
        return self._activated(values, actor)

    def change(self, record: RoutingVersion, changes: dict[str, Any], *, actor: Actor) -> RoutingVersion:
        present = {"rules": record.rules, "note": record.note}
        return self._activated({**present, **changes}, actor)

    def _activated(self, values: dict[str, Any], actor: Actor) -> RoutingVersion:
        if RoutingVersion.objects.filter(state=RoutingState.DRAFT).exists():
            raise DomainError(
                "Somebody is writing rules of routing here. Activate or discard them first.", code="has_draft"
            )
        draft = routing.save_routing(values.get("rules", []), note=values.get("note", ""), actor=actor)
        return routing.activate_routing(draft, actor=actor)

    def taken_out(self, record: RoutingVersion, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "rules": named(record.rules)}

    def brought_in(self, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "rules": keyed(row["rules"])} if "rules" in row else row


@admin.register(RoutingTurn)
class RoutingTurnAdmin(Desk):
    list_display = ("team", "last_user", "given", "updated_at")
    list_select_related = ("team", "last_user")
