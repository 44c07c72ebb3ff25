"""The form in which a workflow is written: an event, lines of conditions, lines of steps. The desk and the pages show the same."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from gtmos.kernel.events import catalogue
from gtmos.kernel.fields.kinds import fields_of_kind
from gtmos.kernel.fields.objects import objects, values_for_browser
from gtmos.kernel.once import once
from gtmos.kernel.rules.conditions import OPERATORS
from gtmos.kernel.workflows import about
from gtmos.kernel.workflows.actions import CHOICE, DAY_FIELD, FIELD, LONG, NUMBER, PERSON, Param, actions
from gtmos.kernel.workflows.builder_rows import lines_of, places_in, read_lines, tree_of
from gtmos.kernel.workflows.conditions import in_words
from gtmos.kernel.workflows.steps import BRANCH, END, OTHERWISE, Row, UnbalancedError, rows_of, steps_of
from gtmos.kernel.workflows.words import event_in_words

SPARE, LAST_PLACE = 1, "N"  # lines that stand there empty; the place of the line that the browser copies
CHOSEN = frozenset({CHOICE, PERSON, FIELD, DAY_FIELD})
JOINS = (("and", "and"), ("or", "or"))


def event_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """By area, as people would say it."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for each in catalogue.entries():
        groups.setdefault(each.category, []).append((each.name, event_in_words(each.name).capitalize()))
    return list(groups.items())


def field_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Values of events, then the fields of each kind of record."""
    values = {name: "" for each in catalogue.entries() for name in each.values}
    own = [(name, name.replace("_", " ")) for name in sorted(values)]
    kinds = [
        (noun.capitalize(), [(each.name, each.label) for each in fields_of_kind(noun)]) for noun in objects()
    ]
    return [("Event", own), *kinds]


def offered() -> str:
    """Which values and kinds of records each event has, for the browser."""
    found = {
        each.name: [*each.values, *(f"{noun}." for noun in about.nouns_of(each.name))]
        for each in catalogue.entries()
    }
    return json.dumps(found)


def known_values() -> str:
    """The values of a field that has only certain ones, with their names, for the browser; those of an event under its name too."""
    kinds = {each.name: each for noun in objects() for each in fields_of_kind(noun)}
    events = {
        f"{event.name} {name}": each
        for event in catalogue.entries()
        for name, each in about.fields_about(event.name).items()
        if name in event.values
    }
    return values_for_browser({name: each.choices for name, each in {**kinds, **events}.items()})


class ConditionsWidget(forms.Widget):
    """Lines of field, operator and value."""

    template_name = "desk/workflow_conditions.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"].update(conditions_context(name, value or {}), known_values=known_values())
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, Any]:
        del files
        return read_tree(data, name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        del data, files, name
        return False


def conditions_context(name: str, tree: Mapping[str, Any]) -> dict[str, Any]:
    lines = lines_of(tree)
    shown = [*(lines or []), *({} for _ in range(SPARE))]
    return {
        "prefix": name,
        "lines": [(str(place), line) for place, line in enumerate(shown)],
        "blank": LAST_PLACE,
        "kept": json.dumps(tree) if lines is None else "",
        "kept_words": in_words(tree, {}) if lines is None else "",
        "joins": JOINS,
        "groups": once("fields of workflows", field_groups),
        "operators": [("", "compare"), *OPERATORS.items()],
        "offered": once("values of events", offered),
    }


def read_tree(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What was written in lines; else the groups that were kept because they have no place in lines."""
    lines = read_lines(data, name)
    kept = str(data.get(f"{name}-kept") or "")
    if lines or not kept:
        return tree_of(lines)
    try:
        tree = json.loads(kept)
    except ValueError:
        return {}
    return tree if isinstance(tree, dict) else {}


class ConditionsField(forms.Field):
    widget = ConditionsWidget

    def clean(self, value: Any) -> Any:
        return value or {}


class StepsWidget(forms.Widget):
    """Lines of what is done; each shows the boxes of its action."""

    template_name = "desk/workflow_steps.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [*(value or []), *(Row("") for _ in range(SPARE))]
        context["widget"].update(
            lines=[_line(f"{name}-{place}", row) for place, row in enumerate(rows)],
            blank=_line(f"{name}-{LAST_PLACE}", Row("")),
            choices=step_choices(),
        )
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        del files
        found = []
        for place in places_in(data, name, "do"):
            do = str(data.get(f"{name}-{place}-do") or "")
            if do:
                found.append(Row(do, _read(data, f"{name}-{place}", do)))
        return found

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        del data, files, name
        return False


def step_choices() -> list[tuple[str, str]]:
    known = [(each.key, each.label) for each in actions().values()]
    return [("", "Choose what to do"), *known, (OTHERWISE, "Otherwise"), (END, "End of If")]


def _line(prefix: str, row: Row) -> dict[str, Any]:
    boxes = [
        {"action": each.key, "boxes": [_box(f"{prefix}-{each.key}", param, row) for param in each.params]}
        for each in actions().values()
    ]
    tree = row.values.get("conditions") or {} if row.do == BRANCH else {}
    branch = conditions_context(f"{prefix}-{BRANCH}", tree)
    return {"prefix": prefix, "do": row.do, "depth": row.depth, "parts": boxes, "branch": branch}


def _box(prefix: str, param: Param, row: Row) -> dict[str, Any]:
    value = row.values.get(param.name, param.default) if prefix.endswith(f"-{row.do}") else param.default
    return {
        "name": f"{prefix}-{param.name}",
        "label": param.label,
        "help": param.help_text,
        "value": str(value),
        "is_long": param.kind == LONG,
        "is_number": param.kind == NUMBER,
        "is_value": bool(param.value_of),
        "choices": [("", "Choose"), *param.offered] if param.kind in CHOSEN and param.choices else (),
        "groups": once("fields of workflows", field_groups)
        if param.kind in CHOSEN and not param.choices
        else (),
    }


def _read(data: Mapping[str, Any], prefix: str, do: str) -> dict[str, Any]:
    if do == BRANCH:
        return {"conditions": read_tree(data, f"{prefix}-{BRANCH}")}
    params = actions()[do].params if do in actions() else ()
    found = {each.name: _value(each, data.get(f"{prefix}-{do}-{each.name}")) for each in params}
    return {name: value for name, value in found.items() if value != ""}


def _value(param: Param, given: Any) -> Any:
    text = str(given or "").strip()
    return int(text) if param.kind == NUMBER and text.isascii() and text.isdecimal() else text


class StepsField(forms.Field):
    widget = StepsWidget

    def clean(self, value: Any) -> Any:
        try:
            return steps_of(value or [])
        except UnbalancedError as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        """Rows when a form comes back, the stored tree when it is opened."""
        return rows_of(value) if value and isinstance(value[0], dict) else value


class WorkflowFields(forms.Form):
    """What stands in a version."""

    event_name = forms.ChoiceField(
        label="When", choices=event_choices, help_text="What has to happen. Each time, the steps run once."
    )
    conditions = ConditionsField(
        label="Only where",
        required=False,
        help_text="Leave empty for every such event.",
    )
    steps = StepsField(
        label="Do",
        help_text="From top to bottom. “If” and “Ask for approval” reach to their “End”; between them may stand “Otherwise”.",
    )

    class Media:
        css = {"all": ("css/workflows.css",)}
        js = ("js/workflows.js", "js/known_values.js")
