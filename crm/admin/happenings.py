"""What happened, what came in and what is to be done: to look at, with the verbs that fit."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from crm.models import (
    Activity,
    ColleagueMessage,
    ImportBatch,
    ImportMove,
    Meeting,
    MeetingAttendee,
    Mention,
    MessagesRead,
    PendingLink,
    RememberedMapping,
    Signal,
    SourceKey,
    Task,
    UsageEvent,
)
from crm.services import tasks
from crm.services.import_moves import undo_move
from crm.services.import_undo import undo_import
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk


@admin.register(Activity)
class ActivityAdmin(Desk):
    list_display = ("subject", "type", "direction", "company", "contact", "happened_at", "is_untrusted")
    list_filter = ("type", "direction", "is_untrusted")
    list_select_related = ("company", "contact")
    search_fields = ("subject", "company__name", "contact__name")


@admin.register(Task)
class TaskAdmin(Desk):
    list_display = ("title", "owner", "due_at", "done_at", "company")
    list_filter = ("owner",)
    list_select_related = ("owner", "company")
    search_fields = ("title", "company__name")
    autocomplete_fields = ("owner", "company", "contact", "deal")
    readonly_fields = ("done_at",)
    fields = ("title", "note", "due_at", "owner", "company", "contact", "deal", "done_at")
    actions = ("complete",)

    def create(self, values: dict[str, Any], *, actor: Actor) -> Task:
        return tasks.create_task(actor=actor, **values)

    def change(self, record: Task, changes: dict[str, Any], *, actor: Actor) -> Task:
        return tasks.update_task(record, changes=changes, actor=actor)

    @admin.action(description="Mark the chosen tasks as done")
    def complete(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        self.for_each(request, queryset, tasks.complete_task, done="Tasks done")


@admin.register(ColleagueMessage)
class ColleagueMessageAdmin(Desk):
    list_display = ("__str__", "author", "company", "contact", "deal", "created_at")
    list_select_related = ("author", "company", "contact", "deal")
    search_fields = ("text",)


@admin.register(MessagesRead)
class MessagesReadAdmin(Desk):
    list_display = ("user", "subject_type", "subject_id", "read_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(Signal)
class SignalAdmin(Desk):
    list_display = ("company", "type", "detail", "source", "occurred_on")
    list_filter = ("type",)
    list_select_related = ("company",)
    search_fields = ("company__name", "source", "detail")


@admin.register(UsageEvent)
class UsageEventAdmin(Desk):
    list_display = ("name", "source", "company", "contact", "occurred_at", "received_at")
    list_select_related = ("company", "contact")
    search_fields = ("=external_id", "=source", "=name")


@admin.register(ImportBatch)
class ImportBatchAdmin(Desk):
    list_display = ("file_name", "owner", "state", "rows_total", "rows_done", "created_at", "finished_at")
    list_filter = ("state", "shape")
    list_select_related = ("owner",)
    search_fields = ("file_name",)
    actions = ("take_back",)

    @admin.action(description="Take the chosen imports back")
    def take_back(self, request: HttpRequest, queryset: QuerySet[ImportBatch]) -> None:
        self.for_each(request, queryset, undo_import, done="Imports taken back")


@admin.register(RememberedMapping)
class RememberedMappingAdmin(Desk):
    list_display = ("chosen_by", "chosen_at", "columns")
    search_fields = ("chosen_by",)


@admin.register(ImportMove)
class ImportMoveAdmin(Desk):
    list_display = ("__str__", "owner", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name",)
    actions = ("take_back",)

    @admin.action(description="Take the chosen moves back")
    def take_back(self, request: HttpRequest, queryset: QuerySet[ImportMove]) -> None:
        self.for_each(request, queryset, undo_move, done="Moves taken back")


@admin.register(SourceKey)
class SourceKeyAdmin(Desk):
    list_display = ("key", "system", "record_type", "record_id")
    list_filter = ("system", "record_type")
    search_fields = ("=key",)


@admin.register(PendingLink)
class PendingLinkAdmin(Desk):
    list_display = ("key", "system", "target_type", "record_type", "record_id", "tied_by")
    list_filter = ("system", "target_type")
    search_fields = ("=key",)


@admin.register(Meeting)
class MeetingAdmin(Desk):
    list_display = ("title", "state", "starts_at", "company", "owner")
    list_filter = ("state",)
    list_select_related = ("company", "owner")
    search_fields = ("title", "company__name")


@admin.register(MeetingAttendee)
class MeetingAttendeeAdmin(Desk):
    list_display = ("meeting", "contact", "user")
    list_select_related = ("meeting", "contact", "user")


@admin.register(Mention)
class MentionAdmin(Desk):
    list_display = ("user", "activity", "said_by", "read_at", "created_at")
    list_select_related = ("user", "activity", "said_by")
