"""The journal at the RevOps desk: read, never edited."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from agents.models import Run, Step, Suggestion, Thread


class ReadOnly:
    """What happened is not edited."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False


class StepInline(ReadOnly, TabularInline):
    model = Step
    fields = ("number", "tool", "risk", "state", "summary", "error", "finished_at")
    extra = 0


@admin.register(Run)
class RunAdmin(ReadOnly, ModelAdmin):
    list_display = ("command", "owner", "state", "confidence", "created_at", "error")
    list_filter = ("state", "planner")
    search_fields = ("command",)
    inlines = (StepInline,)


@admin.register(Thread)
class ThreadAdmin(ReadOnly, ModelAdmin):
    list_display = ("title", "owner", "is_shared", "last_message_at")
    search_fields = ("title",)


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnly, ModelAdmin):
    list_display = ("title", "kind", "owner", "state", "created_at")
    list_filter = ("state", "kind")
