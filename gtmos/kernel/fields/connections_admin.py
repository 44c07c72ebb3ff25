"""Relations and suggestions at the RevOps desk."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm, actor_of, may_enter
from gtmos.kernel.fields.admin import record_choices
from gtmos.kernel.fields.models import FieldSuggestion, Relation, RelationLink
from gtmos.kernel.fields.services import relations, suggestions
from gtmos.kernel.fields.types import TYPES

PROMOTABLE = [(each.key, each.label) for each in TYPES.values() if not each.options_fault({})]


class RelationForm(DeskForm):
    from_type = forms.ChoiceField(label="From", choices=record_choices)
    to_type = forms.ChoiceField(label="To", choices=record_choices)


@admin.register(FieldSuggestion)
class FieldSuggestionAdmin(Desk):
    """Opening the list counts anew."""

    says = "Names that came in with records and that no field takes yet. Make a field of one, or dismiss it; the values stay."
    list_display = ("name", "object_type", "count", "samples", "state")
    list_filter = ("object_type", "state")
    search_fields = ("name",)
    actions = (*(f"promote_{key}" for key, _ in PROMOTABLE), "dismiss")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if may_enter(request) and request.method == "GET":
            suggestions.count_suggestions(actor=actor_of(request))
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    @admin.action(description="Dismiss; the values stay")
    def dismiss(self, request: HttpRequest, queryset: QuerySet[FieldSuggestion]) -> None:
        self.for_each(request, queryset, suggestions.dismiss_suggestion, done="Dismissed")


def _promoting(key: str, label: str) -> Any:
    @admin.action(description=f"Make a field: {label}")
    def promote(self: Desk, request: HttpRequest, queryset: QuerySet[FieldSuggestion]) -> None:
        self.for_each(
            request, queryset, partial(suggestions.promote_suggestion, type=key), done="Fields made"
        )

    return promote


for _key, _label in PROMOTABLE:
    setattr(FieldSuggestionAdmin, f"promote_{_key}", _promoting(_key, _label))


@admin.register(Relation)
class RelationAdmin(Desk):
    says = "Ties between records that the product does not know by itself, such as a company and the partner who sells to it."
    helps: ClassVar = {
        "from_type": "The kind of record it starts at. It stays.",
        "to_type": "The kind of record it leads to. It stays.",
    }
    told_apart_by = ("label",)
    set_once = ("from_type", "to_type")
    file_place = 15
    stays = ("from_type", "to_type")
    form = RelationForm
    list_display = ("label", "from_type", "to_type", "reverse_label", "is_single", "archived_at")
    search_fields = ("label", "key")
    fields = ("label", "from_type", "to_type", "reverse_label", "is_single")

    def create(self, values: dict[str, Any], *, actor: Actor) -> Relation:
        label, reverse = values.pop("label"), values.pop("reverse_label")
        return relations.create_relation(label, reverse_label=reverse, actor=actor, **values)

    def change(self, record: Relation, changes: dict[str, Any], *, actor: Actor) -> Relation:
        return relations.update_relation(record, changes=changes, actor=actor)


@admin.register(RelationLink)
class RelationLinkAdmin(Desk):
    list_display = ("relation", "from_id", "to_id", "created_at")
    list_select_related = ("relation",)
    search_fields = ("=from_id", "=to_id")
