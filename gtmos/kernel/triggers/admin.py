"""Workflows at the RevOps desk: an event, conditions on its values, and the task that it makes."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm, actor_of, may_enter
from gtmos.kernel.events import catalogue
from gtmos.kernel.rules.conditions import UNRANKED
from gtmos.kernel.triggers.models import EventTrigger
from gtmos.kernel.triggers.selectors import tried
from gtmos.kernel.triggers.services import triggers

PARTS = ("when", "and")
BOXES = tuple(f"{part}_{box}" for part in PARTS for box in ("field", "operator", "value"))


def event_choices() -> list[tuple[str, str]]:
    return [(each.name, f"{each.name}: {each.description}") for each in catalogue.entries()]


def all_values() -> list[Any]:
    groups = [
        (each.name, [(f"{each.name}:{value}", value) for value in each.values])
        for each in catalogue.entries()
    ]
    return [("", "Choose"), *groups]


def operator_choices() -> list[tuple[str, str]]:
    return [("", "Choose"), *UNRANKED.items()]


class TriggerForm(DeskForm):
    """Two conditions and the further ones that a program wrote; all have to hold."""

    event_name = forms.ChoiceField(label="Event", choices=event_choices)
    when_field = forms.ChoiceField(label="When", choices=all_values, required=False)
    when_operator = forms.ChoiceField(label="", choices=operator_choices, required=False)
    when_value = forms.CharField(label="", required=False)
    and_field = forms.ChoiceField(label="And", choices=all_values, required=False)
    and_operator = forms.ChoiceField(label="", choices=operator_choices, required=False)
    and_value = forms.CharField(label="", required=False)

    class Meta:
        model = EventTrigger
        fields = ("name", "event_name", "title", "note", "due_days", "assignee")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = zip(PARTS, [*self.instance.conditions, {}, {}][:2], strict=True)
        shown = {
            f"{name}_{box}": f"{self.instance.event_name}:{part[box]}"
            if box == "field"
            else part.get(box, "")
            for name, part in parts
            if part
            for box in ("field", "operator", "value")
        }
        self.initial = {**shown, **self.initial}


def conditions_of(values: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    for name in PARTS:
        field = str(values.get(f"{name}_field") or "").partition(":")[2]
        operator, value = values.get(f"{name}_operator") or "", values.get(f"{name}_value") or ""
        if field:
            found.append({"field": field, "operator": operator, "value": value})
    return found


@admin.register(EventTrigger)
class EventTriggerAdmin(Desk):
    form = TriggerForm
    list_display = ("name", "event_name", "title", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("assignee",)
    search_fields = ("name", "=event_name")
    autocomplete_fields = ("assignee",)
    fields = ("name", "event_name", *BOXES, "title", "note", "due_days", "assignee")
    actions = ("try_on_events", "switch_on", "switch_off")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 -- the framework's signature
        """All boxes belong together, whichever of them was changed."""
        form.changed_data = [*dict.fromkeys([*form.changed_data, *BOXES])]
        super().save_model(request, obj, form, change)

    def create(self, values: dict[str, Any], *, actor: Actor) -> EventTrigger:
        return triggers.create_trigger(
            values["name"],
            event_name=values.get("event_name") or event_choices()[0][0],
            title=values.get("title", ""),
            conditions=conditions_of(values),
            actor=actor,
            **{name: values[name] for name in ("note", "due_days", "assignee") if name in values},
        )

    def change(self, record: EventTrigger, changes: dict[str, Any], *, actor: Actor) -> EventTrigger:
        plain: dict[str, Any] = {name: changes[name] for name in triggers.DEFINED if name in changes}
        conditions = conditions_of(changes) + record.conditions[len(PARTS) :]
        return triggers.update_trigger(record, changes={**plain, "conditions": conditions}, actor=actor)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del obj
        return may_enter(request)

    def delete_model(self, request: HttpRequest, obj: EventTrigger) -> None:
        triggers.delete_trigger(obj, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[EventTrigger]) -> None:
        self.for_each(request, queryset, triggers.delete_trigger, done="Workflows deleted")

    @admin.action(description="Try on the last 20 events")
    def try_on_events(self, request: HttpRequest, queryset: QuerySet[EventTrigger]) -> None:
        for trigger in queryset:
            found = tried(trigger, actor=actor_of(request))
            tasks = [each.task.title for each in found if each.task]
            words = f", such as {tasks[0]}" if tasks else ""
            text = f"{trigger}: {len(tasks)} of the last {len(found)} events would have made a task{words}."
            self.message_user(request, text, messages.SUCCESS if tasks else messages.WARNING)

    @admin.action(description="Switch on")
    def switch_on(self, request: HttpRequest, queryset: QuerySet[EventTrigger]) -> None:
        self.for_each(request, queryset, triggers.activate_trigger, done="Workflows switched on")

    @admin.action(description="Switch off")
    def switch_off(self, request: HttpRequest, queryset: QuerySet[EventTrigger]) -> None:
        self.for_each(request, queryset, triggers.deactivate_trigger, done="Workflows switched off")
