"""Custom fields in the lists: the filters in the row above, and those that stand in the address."""

from typing import Any

from django.http import HttpRequest

from gtmos.kernel.fields.columns import PREFIX
from gtmos.kernel.fields.schema import Definition
from gtmos.kernel.lists.asking import Asked

YES_OR_NO = [("true", "Yes"), ("false", "No")]
KNOWN_OR_NOT = [("false", "Known"), ("true", "Not known")]


def filters_given(request: HttpRequest) -> dict[str, str]:
    return {name: str(text) for name, text in request.GET.items() if name.startswith(PREFIX) and text}


def toolbar_filters(asked: Asked) -> list[dict[str, Any]]:
    """Of the fields that lists show by themselves."""
    shown = (each.definition for each in asked.fields.values() if each.definition)
    return [_filter(each, asked) for each in shown if each.in_list]


def _filter(each: Definition, asked: Asked) -> dict[str, Any]:
    choices = [(choice, choice) for choice in each.options.get("choices", ())]
    if each.type.key == "boolean":
        choices = YES_OR_NO
    name = each.column if choices else f"{each.column}__empty"
    return {
        "name": name,
        "label": each.label,
        "value": asked.given.get(name, ""),
        "choices": choices or KNOWN_OR_NOT,
    }
