"""What kind of value each field of a record holds, for those who write conditions about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import models

from gtmos.kernel.fields.objects import CustomObject, names_of, objects
from gtmos.kernel.fields.schema import Definition, fields_of

Options = Callable[[], Mapping[str, str]]
NUMBER, DATE, FLAG, TEXT, LIST = "number", "date", "flag", "text", "list"
_COLUMNS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (models.BooleanField, FLAG),
    (models.DateField, DATE),
    (models.IntegerField, NUMBER),
    (models.DecimalField, NUMBER),
    (models.FloatField, NUMBER),
    (models.JSONField, LIST),
)
_TYPES = {"boolean": FLAG, "date": DATE, "number": NUMBER, "money": NUMBER, "multi_choice": LIST}


@dataclass(frozen=True, slots=True)
class Field:
    """One value that conditions and texts may name."""

    name: str
    label: str
    kind: str = TEXT
    options: Options = dict
    is_ranked: bool = False

    @property
    def choices(self) -> Mapping[str, str]:
        """The values it can have, with their names; nothing where it can have any."""
        return self.options()

    def said(self, value: str) -> str:
        return self.choices.get(value, value)


def fields_of_kind(noun: str) -> list[Field]:
    about = objects().get(noun)
    if about is None:
        return []
    named = [_column_field(about, name) for name in (*about.columns, "owner")]
    return named + [_custom_field(noun, each) for each in fields_of(noun).values()]


def fields_by_column(noun: str) -> dict[str, Field]:
    """As rules of this one kind of record name them."""
    return {each.name.partition(".")[2]: each for each in fields_of_kind(noun)}


def _column_field(about: CustomObject, name: str) -> Field:
    column = about.model._meta.get_field(name)
    kind = next((kind for type_, kind in _COLUMNS if isinstance(column, type_)), TEXT)
    words = name.removeprefix(f"{about.noun}_").replace("_", " ")
    label = f"{about.noun.capitalize()}: {words}"
    options = partial(names_of, about.noun, name)
    return Field(f"{about.noun}.{name}", label, kind, options, name in about.ranks)


def _custom_field(noun: str, each: Definition) -> Field:
    label, kind = f"{noun.capitalize()}: {each.label}", _TYPES.get(each.type.key, TEXT)
    return Field(f"{noun}.{each.column}", label, kind, partial(names_of, noun, each.column))
