"""Saved views at the RevOps desk: who shares which list, and what is in it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk
from gtmos.kernel.lists.models import ListPreference, SavedView
from gtmos.kernel.lists.services.views import delete_view, update_view


@admin.register(SavedView)
class SavedViewAdmin(Desk):
    says = "The lists that people have kept and shared. What somebody no longer uses can be unshared or deleted here."
    helps: ClassVar = {
        "name": "As it stands over the list.",
        "shared": "Who sees it: only its owner, a team, or everybody.",
        "team": "Which team, where it is shared with one.",
        "text": "Words looked for in it.",
        "layout": "Rows or cards.",
    }
    list_display = ("name", "noun", "shared", "owner", "team", "layout", "deleted_at")
    list_select_related = ("owner", "team")
    list_filter = ("noun", "shared", "layout")
    search_fields = ("name", "where")
    fields = ("name", "noun", "owner", "shared", "team", "where", "text", "columns", "order", "layout")
    readonly_fields = ("noun", "owner")
    actions = ("delete_views",)

    def change(self, record: SavedView, changes: dict[str, Any], *, actor: Actor) -> SavedView:
        return update_view(record, changes=changes, actor=actor)

    @admin.action(description="Delete")
    def delete_views(self, request: HttpRequest, queryset: QuerySet[SavedView]) -> None:
        self.for_each(request, queryset, delete_view, done="Views deleted")


@admin.register(ListPreference)
class ListPreferenceAdmin(Desk):
    list_display = ("person", "noun", "view", "is_pinned", "is_first")
    list_select_related = ("person", "view")
    list_filter = ("noun",)
