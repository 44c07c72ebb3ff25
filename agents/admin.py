"""The journal at the RevOps desk: read, never edited."""

from django.contrib import admin

from agents.models import Input, Message, Run, Step, Suggestion, Thread
from gtmos.kernel.desk import Desk, ReadOnlyInline


class StepInline(ReadOnlyInline):
    model = Step
    fields = ("number", "tool", "risk", "state", "summary", "error", "finished_at")


@admin.register(Run)
class RunAdmin(Desk):
    list_display = ("command", "owner", "state", "confidence", "created_at", "error")
    list_filter = ("state", "planner")
    list_select_related = ("owner",)
    search_fields = ("command",)
    inlines = (StepInline,)


@admin.register(Thread)
class ThreadAdmin(Desk):
    list_display = ("title", "owner", "is_shared", "last_message_at")
    list_select_related = ("owner",)
    search_fields = ("title",)


@admin.register(Suggestion)
class SuggestionAdmin(Desk):
    list_display = ("title", "kind", "owner", "state", "created_at")
    list_filter = ("state", "kind")
    list_select_related = ("owner",)
    search_fields = ("title", "command")


@admin.register(Step)
class StepAdmin(Desk):
    list_display = ("run", "number", "tool", "risk", "state", "summary", "finished_at")
    list_filter = ("state", "risk")
    list_select_related = ("run",)
    search_fields = ("=tool", "=run__id")


@admin.register(Message)
class MessageAdmin(Desk):
    list_display = ("text", "thread", "trust", "author", "created_at")
    list_filter = ("trust",)
    list_select_related = ("thread", "author")
    search_fields = ("text", "=thread__id")


@admin.register(Input)
class InputAdmin(Desk):
    list_display = ("kind", "source", "state", "attempts", "created_at", "finished_at", "error")
    list_filter = ("state", "channel", "handler")
    search_fields = ("=message_id", "=source")
