"""How often things are done again and again, at the RevOps desk."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk
from gtmos.kernel.schedule.models import ScheduleSetting
from gtmos.kernel.schedule.setting_services import ensure_settings, set_schedule, settable


@admin.register(ScheduleSetting)
class ScheduleSettingAdmin(Desk):
    says = "What the product does by itself again and again, and how often. Sending, approvals, workflows and the seals of the history are not paused here."
    helps: ClassVar = {"minutes": "Empty: as the product came. It is not done oftener than that."}
    told_apart_by = ("name",)
    list_display = ("name", "does", "is_paused", "minutes", "usual")
    list_filter = ("is_paused",)
    search_fields = ("name",)
    fields = ("name", "does", "is_paused", "minutes", "usual")
    readonly_fields = ("name", "does", "usual")

    def make_ready(self) -> None:
        ensure_settings()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduleSetting]:
        self.make_ready()
        rows: QuerySet[ScheduleSetting] = super().get_queryset(request)
        return rows

    @admin.display(description="what it does")
    def does(self, setting: ScheduleSetting) -> str:
        known = settable().get(setting.name)
        return known.says if known else "No longer in the product."

    @admin.display(description="as the product came, minutes")
    def usual(self, setting: ScheduleSetting) -> str:
        known = settable().get(setting.name)
        return f"{known.seconds / 60:g}" if known else ""

    def change(self, record: ScheduleSetting, changes: dict[str, Any], *, actor: Actor) -> ScheduleSetting:
        return set_schedule(record.name, changes=changes, actor=actor)
