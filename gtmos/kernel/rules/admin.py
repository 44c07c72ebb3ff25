"""Validation rules at the RevOps desk: written with boxes, tried on the records, then switched on."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm, actor_of, switched
from gtmos.kernel.desk_values import ValueBox
from gtmos.kernel.fields.objects import names_of, objects, values_for_browser
from gtmos.kernel.rules.conditions import OPERATORS
from gtmos.kernel.rules.models import ValidationRule
from gtmos.kernel.rules.services import rules

PARTS = ("when", "and", "then")
LINES = tuple(tuple(f"{part}_{box}" for box in ("field", "operator", "value")) for part in PARTS)
BOXES = tuple(box for line in LINES for box in line)


def record_choices() -> list[tuple[str, str]]:
    return [(noun, noun.capitalize()) for noun in objects()]


def all_fields() -> list[Any]:
    groups = [
        (noun.capitalize(), [(f"{noun}:{name}", words) for name, words in rules.field_choices(noun)])
        for noun in objects()
    ]
    return [("", "Choose"), *groups]


def known_values() -> str:
    named = {
        f"{noun}:{name}": names_of(noun, name) for noun in objects() for name, _ in rules.field_choices(noun)
    }
    return values_for_browser(named)


def operator_choices() -> list[tuple[str, str]]:
    return [("", "Choose"), *OPERATORS.items()]


class RuleForm(DeskForm):
    """Up to two conditions, and what must hold then."""

    object_type = forms.ChoiceField(
        label="Record", choices=record_choices, help_text="Which kind of record it is about. It stays."
    )
    when_field = forms.ChoiceField(
        label="When", choices=all_fields, required=False, help_text="Empty: the rule always counts."
    )
    when_operator = forms.ChoiceField(
        label="Compared", choices=operator_choices, required=False, help_text="Compared how."
    )
    when_value = forms.CharField(label="With", required=False, widget=ValueBox(), help_text="With what.")
    and_field = forms.ChoiceField(
        label="And", choices=all_fields, required=False, help_text="Both have to hold, where both are filled."
    )
    and_operator = forms.ChoiceField(
        label="Compared", choices=operator_choices, required=False, help_text="Compared how."
    )
    and_value = forms.CharField(label="With", required=False, widget=ValueBox(), help_text="With what.")
    then_field = forms.ChoiceField(label="Then", choices=all_fields, help_text="What must be true then.")
    then_operator = forms.ChoiceField(label="Compared", choices=operator_choices, help_text="Compared how.")
    then_value = forms.CharField(
        label="With",
        required=False,
        widget=ValueBox(),
        help_text="With what; empty where it need only be filled.",
    )

    class Meta:
        model = ValidationRule
        fields = ("object_type", "name", "sentence")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = dict(
            zip(PARTS, [*[*self.instance.conditions, {}, {}][:2], self.instance.requirement], strict=True)
        )
        shown = {
            f"{name}_{box}": f"{self.instance.object_type}:{part[box]}"
            if box == "field"
            else part.get(box, "")
            for name, part in parts.items()
            if part
            for box in ("field", "operator", "value")
        }
        self.initial = {**shown, **self.initial}
        self.fields["sentence"].widget.attrs["data-known-values"] = known_values()


def part_of(values: dict[str, Any], name: str) -> dict[str, str]:
    field = str(values.get(f"{name}_field") or "").partition(":")[2]
    operator, value = values.get(f"{name}_operator") or "", values.get(f"{name}_value") or ""
    return {"field": field, "operator": operator, "value": value} if field else {}


def parts_of(values: dict[str, Any]) -> dict[str, Any]:
    """From the boxes of the form, or as a file and the history say them."""
    if "then_field" not in values:
        return {name: values[name] for name in ("conditions", "requirement") if name in values}
    conditions = [part for name in PARTS[:2] if (part := part_of(values, name))]
    return {"conditions": conditions, "requirement": part_of(values, "then")}


@admin.register(ValidationRule)
class ValidationRuleAdmin(Desk):
    says = "What must be true of a record before it is saved, wherever it is saved: page, API, import or agent. Test it on the records that are there before you switch it on."
    told_apart_by = ("object_type", "name")
    set_once = ("object_type",)
    file_place = 60
    columns = ("object_type", "name", "conditions", "requirement", "sentence", "is_active")
    form = RuleForm
    list_display = ("name", "object_type", "is_active", "sentence")
    list_filter = ("object_type", "is_active")
    search_fields = ("name", "sentence")
    helps: ClassVar = {"name": "As it stands in this list."}
    fields = ("object_type", "name", *LINES, "sentence")
    actions = ("try_on_records", "switch_on", "switch_off")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 -- the framework's signature
        """All boxes belong together, whichever of them was changed."""
        form.changed_data = [*dict.fromkeys([*form.changed_data, *BOXES])]
        super().save_model(request, obj, form, change)

    def create(self, values: dict[str, Any], *, actor: Actor) -> ValidationRule:
        rule = rules.create_rule(
            values["object_type"],
            values["name"],
            sentence=values.get("sentence", ""),
            actor=actor,
            **parts_of(values),
        )
        return self._switched(rule, values, actor)

    def change(self, record: ValidationRule, changes: dict[str, Any], *, actor: Actor) -> ValidationRule:
        plain: dict[str, Any] = {name: changes[name] for name in ("name", "sentence") if name in changes}
        given = {**plain, **parts_of(changes)}
        record = rules.update_rule(record, changes=given, actor=actor) if given else record
        return self._switched(record, changes, actor)

    def _switched(self, rule: ValidationRule, values: dict[str, Any], actor: Actor) -> ValidationRule:
        verbs = (rules.activate_rule, rules.deactivate_rule)
        found: ValidationRule = switched(rule, values.get("is_active"), verbs, actor=actor)
        return found

    @admin.action(description="Test on the records that are there")
    def try_on_records(self, request: HttpRequest, queryset: QuerySet[ValidationRule]) -> None:
        for rule in queryset:
            trial = rules.try_rule(rule, actor=actor_of(request))
            level = messages.WARNING if trial.broken else messages.SUCCESS
            self.message_user(request, f"{rule}: {trial.sentence}", level)

    @admin.action(description="Switch on")
    def switch_on(self, request: HttpRequest, queryset: QuerySet[ValidationRule]) -> None:
        self.for_each(request, queryset, rules.activate_rule, done="Rules switched on")

    @admin.action(description="Switch off")
    def switch_off(self, request: HttpRequest, queryset: QuerySet[ValidationRule]) -> None:
        self.for_each(request, queryset, rules.deactivate_rule, done="Rules switched off")
