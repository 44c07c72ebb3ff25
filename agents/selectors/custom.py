"""Questions by fields that RevOps added, compared as lists and the API compare them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.columns import PREFIX, filtered, open_fields
from gtmos.kernel.fields.objects import objects
from gtmos.kernel.fields.schema import NO_FIELDS, fields_of

# "More than" is "at least" without those that are equal.
SUFFIXES = {"=": "", ">=": "__gte", "<=": "__lte", ">": "__gte", "<": "__lte", "empty": "__empty"}


def is_custom(condition: Mapping[str, Any]) -> bool:
    return str(condition["field"]).startswith(PREFIX)


def narrowed(rows: QuerySet[Any], noun: str, condition: Mapping[str, Any], *, actor: Actor) -> QuerySet[Any]:
    fields = open_fields(noun, actor=actor) if noun in objects() else NO_FIELDS
    name, op = str(condition["field"]), str(condition.get("op") or "=")
    if op not in SUFFIXES:
        raise InvalidInputError(f"I cannot compare with {op}.", code="unknown_comparison")
    value = str(condition.get("value"))
    found = filtered(rows, {f"{name}{SUFFIXES[op]}": value}, fields)
    if op in {">", "<"}:
        found = found.exclude(pk__in=filtered(rows, {name: value}, fields).order_by().values("pk"))
    return found


def custom_key(noun: str, name: str) -> str:
    """The key of the field that is meant by `custom.arr_band`, by its key or by its label; "" for none."""
    said = name.removeprefix(PREFIX).strip().casefold()
    for key, each in fields_of(noun).items():
        if said in {key, each.label.casefold(), each.label.casefold().replace(" ", "_")}:
            return key
    return ""
