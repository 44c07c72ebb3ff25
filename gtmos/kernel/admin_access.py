"""Roles and territories at the RevOps desk."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm, ReadOnlyInline
from gtmos.kernel.desk_dress import LinesField
from gtmos.kernel.people import access_services as services
from gtmos.kernel.people import roles
from gtmos.kernel.people.access_models import AccessRole, Territory, TerritoryMember
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.territory_services import (
    LISTS,
    NUMBERS,
    add_territory_member,
    change_territory,
    create_territory,
    delete_territory,
    remove_territory_member,
)

BOXES = (*LISTS[:3], *NUMBERS, LISTS[3])


class GridWidget(forms.CheckboxSelectMultiple):
    """Kinds of records down, actions across; a box where there is such an action."""

    template_name = "desk/role_grid.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = set(value or ())
        rows = [
            {"name": subject, "cells": [_cell(subject, action, actions, chosen) for action in roles.ACTIONS]}
            for subject, actions in roles.grid().items()
        ]
        context["widget"].update(actions=roles.ACTIONS, rows=rows)
        return context


def _cell(subject: str, action: str, actions: tuple[str, ...], chosen: set[str]) -> dict[str, Any]:
    key = f"{subject}.{action}" if action in actions else ""
    return {"key": key, "action": action, "checked": key in chosen}


class RoleForm(DeskForm):
    based_on = forms.ChoiceField(choices=[each for each in Role.choices if each[0] != Role.ADMIN])
    grid = forms.MultipleChoiceField(
        required=False,
        widget=GridWidget,
        label="Rights",
        help_text="What somebody with this role may do with which kind of record.",
    )
    hidden = forms.MultipleChoiceField(
        required=False,
        help_text="These fields are not shown to the role anywhere, and it cannot change them.",
    )
    read_only = forms.MultipleChoiceField(required=False, help_text="Shown, but not changed by the role.")

    class Meta:
        model = AccessRole
        fields = ("name", "based_on", "scope")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [f"{kind}.{name}" for kind, each in services.field_names().items() for name in each]
        role = self.instance
        based_on = role.based_on or Role.AE
        for name, word in (("hidden", roles.HIDDEN), ("read_only", roles.READ_ONLY)):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [(each, each) for each in names]
            self.initial[name] = sorted(each for each, said in role.fields.items() if said == word)
        grid = self.fields["grid"]
        assert isinstance(grid, forms.MultipleChoiceField)
        grid.choices = [(each, each) for each in sorted(roles.cells())]
        self.initial["grid"] = sorted(each for each in roles.cells() if _allows(role.rights, based_on, each))


def _allows(rights: dict[str, bool], based_on: str, cell: str) -> bool:
    return rights.get(cell, roles.may_by_default(based_on, cell.rpartition(".")[2]))


@admin.register(AccessRole)
class RoleAdmin(Desk):
    """Built-in roles have a row as soon as something about them is changed; without one they are as they came."""

    says = "What people may see and do. A built-in role has a row as soon as something about it is changed."
    helps: ClassVar = {
        "name": "As it stands beside people.",
        "based_on": "The built-in role whose rights count where nothing is said here.",
    }
    asks_again = True
    told_apart_by = ("key",)
    file_place = 20
    stays = ("based_on",)
    columns = ("key", "name", "based_on", "scope", "rights", "fields")
    form = RoleForm
    list_display = ("name", "key", "based_on", "scope", "updated_at")
    search_fields = ("name", "key")
    fields = ("name", "based_on", "scope", "grid", "hidden", "read_only")

    def create(self, values: dict[str, Any], *, actor: Actor) -> AccessRole:
        based_on = values.pop("based_on", Role.AE)
        name = values.pop("name")
        key = values.pop("key", "") or next((str(each) for each, label in Role.choices if label == name), "")
        given = _given(values, AccessRole(based_on=based_on))
        return services.create_role(name, based_on=based_on, key=key, actor=actor, **given)

    def change(self, record: AccessRole, changes: dict[str, Any], *, actor: Actor) -> AccessRole:
        changes.pop("based_on", None)
        return services.change_role(record, changes=_given(changes, record), actor=actor)

    def remove(self, record: AccessRole, *, actor: Actor) -> None:
        services.delete_role(record, actor=actor)


def _given(values: dict[str, Any], role: AccessRole) -> dict[str, Any]:
    """What the form says, as the service takes it: only what differs from the role it is based on."""
    given = {name: value for name, value in values.items() if name in {"name", "scope", "rights", "fields"}}
    if "grid" in values:
        said = {cell: cell in values["grid"] for cell in roles.cells()}
        given["rights"] = {
            cell: allowed for cell, allowed in said.items() if allowed != _allows({}, role.based_on, cell)
        }
    if {"hidden", "read_only"} & set(values):
        kept = {
            word: [each for each, said in role.fields.items() if said == word]
            for word in (roles.HIDDEN, roles.READ_ONLY)
        }
        fixed = dict.fromkeys(values.get("read_only", kept[roles.READ_ONLY]), roles.READ_ONLY)
        given["fields"] = fixed | dict.fromkeys(values.get("hidden", kept[roles.HIDDEN]), roles.HIDDEN)
    return given


def _with_conditions(values: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    """The boxes as the rules they stand for; an emptied box is no rule."""
    boxes = {name: values.pop(name) for name in BOXES if name in values}
    if not boxes:
        return values
    said = {**present, **boxes}
    return {**values, "conditions": {name: each for name, each in said.items() if each not in (None, [], "")}}


class TerritoryMemberInline(ReadOnlyInline):
    model = TerritoryMember
    fields = ("user", "is_manager", "created_at")


class TerritoryForm(DeskForm):
    """Whose companies fall into it, line by line; a company has to fit every box that is filled."""

    countries = LinesField(
        required=False,
        label="Countries",
        help_text="Where their head office is, such as Germany. One on each line.",
    )
    regions = LinesField(required=False, label="Regions", help_text="Such as Midwest. One on each line.")
    industries = LinesField(
        required=False, label="Industries", help_text="Such as Fintech. One on each line."
    )
    employees_from = forms.IntegerField(
        required=False, min_value=0, label="Employees from", help_text="Empty: however few."
    )
    employees_to = forms.IntegerField(
        required=False, min_value=0, label="Employees up to", help_text="Empty: however many."
    )
    domains = LinesField(
        required=False,
        label="Named accounts",
        help_text="Domains that always fall into it, whatever the other boxes say, such as contoso.example. One on each line.",
    )

    class Meta:
        model = Territory
        fields = ("name", "parent", "owner", "team", "priority")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {**(self.instance.conditions or {}), **self.initial}


@admin.register(Territory)
class TerritoryAdmin(Desk):
    """What moves when a rule changes is shown on the page of territories, before anything moves."""

    says = "Parts of the market, and whose companies fall into them. Saving a rule moves nothing: look first at what would move, then move it."
    helps: ClassVar = {
        "name": "As it stands on companies and in filters.",
        "parent": "The larger territory it is a part of; the smaller one wins.",
        "team": "Companies that come in belong to it, where one is chosen.",
        "owner": "Whoever gets the companies that come in, where somebody is chosen.",
    }
    list_display = ("name", "parent", "owner", "team", "priority")
    list_select_related = ("parent", "owner", "team")
    search_fields = ("name",)
    autocomplete_fields = ("parent", "owner", "team")
    form = TerritoryForm
    told_apart_by = ("name",)
    file_place = 30
    columns = ("name", "parent", "owner", "team", "priority", "conditions")
    fields = ("name", "parent", "owner", "team", "priority", *BOXES)
    links = (("Preview what would move", "desk-territories"),)
    inlines = (TerritoryMemberInline,)

    def create(self, values: dict[str, Any], *, actor: Actor) -> Territory:
        return create_territory(values.pop("name"), actor=actor, **_with_conditions(values, {}))

    def change(self, record: Territory, changes: dict[str, Any], *, actor: Actor) -> Territory:
        return change_territory(record, changes=_with_conditions(changes, record.conditions), actor=actor)

    def ways_on(self, record: Territory) -> list[tuple[str, str]]:
        del record
        return [("Preview what would move", reverse("desk-territories"))]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 -- the framework's signature
        super().save_model(request, obj, form, change)
        self.message_user(
            request,
            "No company has moved by this. 'Preview what would move' shows which would, and moves them.",
        )

    def remove(self, record: Territory, *, actor: Actor) -> None:
        delete_territory(record, actor=actor)


@admin.register(TerritoryMember)
class TerritoryMemberAdmin(Desk):
    says = "Who works in which territory, and sees what is in it."
    helps: ClassVar = {
        "territory": "Where they work.",
        "user": "Whoever works there.",
        "is_manager": "A manager also sees the territories below it.",
    }
    list_display = ("user", "territory", "is_manager", "created_at")
    list_filter = ("territory",)
    list_select_related = ("user", "territory")
    search_fields = ("user__email", "territory__name")
    autocomplete_fields = ("user", "territory")
    fields = ("territory", "user", "is_manager")

    def create(self, values: dict[str, Any], *, actor: Actor) -> TerritoryMember:
        is_manager = values.get("is_manager", False)
        return add_territory_member(values["territory"], values["user"], is_manager=is_manager, actor=actor)

    def remove(self, record: TerritoryMember, *, actor: Actor) -> None:
        remove_territory_member(record, actor=actor)
