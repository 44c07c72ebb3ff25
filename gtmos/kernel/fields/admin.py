"""Custom fields and what stands around them, at the RevOps desk."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm, ReadOnlyInline
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.models import CustomField, FieldLock, FieldVersion, SchemaState
from gtmos.kernel.fields.objects import objects
from gtmos.kernel.fields.services import definitions
from gtmos.kernel.fields.types import TYPES

MISFITS = [
    ("refuse", "Change only if every value fits"),
    ("look", "Change nothing; only tell how many values would not fit"),
    ("keep", "Change, and keep values that do not fit beside the field"),
]
OPTIONS = ("choices", "link_to", "currency")


def record_choices() -> list[tuple[str, str]]:
    return [("", "Choose"), *((noun, noun.capitalize()) for noun in objects())]


class FieldForm(DeskForm):
    object_type = forms.ChoiceField(
        label="Record", choices=record_choices, help_text="Which kind of record has it. It stays."
    )
    type = forms.ChoiceField(
        choices=[(each.key, each.label) for each in TYPES.values()],
        help_text="What may be written into it, and how it is shown.",
    )
    key = forms.CharField(
        required=False,
        max_length=40,
        help_text="How programs call it. Leave empty to make it from the label.",
    )
    choices = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 5}), help_text="For choices: one on each line."
    )
    link_to = forms.ChoiceField(
        required=False, choices=record_choices, help_text="For links: the kind of record it leads to."
    )
    currency = forms.CharField(
        required=False, max_length=3, help_text="For money: meant where a value names none. Usually USD."
    )
    misfits = forms.ChoiceField(
        label="Values that do not fit",
        required=False,
        choices=MISFITS,
        help_text="When key, type or choices change, the values of all records are written anew.",
    )

    class Meta:
        model = CustomField
        fields = ("object_type", "label", "key", "type", "help_text", "position", "in_list", "is_indexed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = self.instance.options or {}
        shown = {
            "choices": "\n".join(options.get("choices", ())),
            "link_to": options.get("to", ""),
            "currency": options.get("currency", ""),
        }
        self.initial = {**shown, **self.initial}


def options_of(values: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    """The form's three boxes as the options of a definition."""
    options = dict(present)
    if "choices" in values:
        options["choices"] = [line.strip() for line in values["choices"].splitlines() if line.strip()]
    if "link_to" in values:
        options["to"] = values["link_to"]
    if "currency" in values:
        options["currency"] = values["currency"].upper()
    return {name: value for name, value in options.items() if value}


class VersionInline(ReadOnlyInline):
    model = FieldVersion
    fields = ("number", "summary", "made_by", "made_at", "converted", "not_converted")


@admin.register(CustomField)
class CustomFieldAdmin(Desk):
    """A field is there at once, on pages, in the API, in files and for agents."""

    says = "What the house wants to know beyond what the product knows. A field is there at once: on pages, in lists, in the API and in files."
    helps: ClassVar = {
        "label": "As it stands beside the box.",
        "position": "The smaller stands further up.",
    }
    told_apart_by = ("object_type", "key")
    set_once = ("object_type",)
    file_place = 10
    columns = (
        *("object_type", "key", "label", "type", "options", "help_text", "position", "in_list"),
        *("is_indexed", "put_away"),
    )
    form = FieldForm
    list_display = ("label", "object_type", "key", "type", "in_list", "is_indexed", "archived_at")
    list_filter = ("object_type", "type", "in_list")
    search_fields = ("label", "key")
    fields = (
        "object_type",
        "label",
        "key",
        "type",
        *OPTIONS,
        "help_text",
        "position",
        "in_list",
        "is_indexed",
        "misfits",
    )
    inlines = (VersionInline,)
    actions = ("put_away", "bring_back")

    def create(self, values: dict[str, Any], *, actor: Actor) -> CustomField:
        values.pop("misfits", None)
        away, present = values.pop("put_away", False), values.pop("options", {})
        options = options_of({name: values.pop(name) for name in OPTIONS if name in values}, present)
        noun, label = values.pop("object_type"), values.pop("label")
        kind = values.pop("type", "text")
        field = definitions.create_field(noun, label, type=kind, options=options, actor=actor, **values)
        return definitions.archive_field(field, actor=actor) if away else field

    def change(self, record: CustomField, changes: dict[str, Any], *, actor: Actor) -> CustomField:
        misfits, away = changes.pop("misfits", "refuse"), changes.pop("put_away", None)
        if away is not None:
            put = definitions.archive_field if away else definitions.reopen_field
            record = put(record, actor=actor)
        options = {name: changes.pop(name) for name in OPTIONS if name in changes}
        if options:
            changes["options"] = options_of(options, record.options)
        if misfits == "look":
            outlook = definitions.preview_update(record, changes, actor=actor)
            raise DomainError(f"Nothing was changed. {outlook.sentence}", code="only_looked")
        return definitions.update_field(record, changes=changes, keep_misfits=misfits == "keep", actor=actor)

    def taken_out(self, record: CustomField, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "put_away": record.archived_at is not None}

    @admin.action(description="Put away; the values stay")
    def put_away(self, request: HttpRequest, queryset: QuerySet[CustomField]) -> None:
        self.for_each(request, queryset, definitions.archive_field, done="Fields put away")

    @admin.action(description="Bring back")
    def bring_back(self, request: HttpRequest, queryset: QuerySet[CustomField]) -> None:
        self.for_each(request, queryset, definitions.reopen_field, done="Fields brought back")


@admin.register(FieldVersion)
class FieldVersionAdmin(Desk):
    list_display = ("field", "number", "summary", "made_by", "made_at", "converted", "not_converted")
    list_select_related = ("field",)
    search_fields = ("field__label", "summary")
    actions = ("go_back",)

    @admin.action(description="Go back to the chosen version, with its values")
    def go_back(self, request: HttpRequest, queryset: QuerySet[FieldVersion]) -> None:
        self.for_each(request, queryset, definitions.restore_version, done="Gone back")


@admin.register(FieldLock)
class FieldLockAdmin(Desk):
    list_display = ("subject_type", "subject_id", "fields")
    search_fields = ("=subject_id",)


@admin.register(SchemaState)
class SchemaStateAdmin(Desk):
    list_display = ("token", "changed_at")
