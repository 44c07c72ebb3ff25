"""Which kinds of records take custom fields, and what the kernel may ask of each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import QuerySet

from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.schema import fields_of


@dataclass(frozen=True, slots=True)
class CustomObject:
    """One kind. Registered by its app in `custom_objects.py`, which every process reads at start.

    `own_keys` are names in `custom` that the product itself writes. `ranks` tells for a column, whose values
    stand in an order (the stage of a deal), the keys in that order for one record. `named` tells what people call
    the keys of a column that holds keys.
    """

    noun: str
    model: type[models.Model]
    visible: Callable[..., QuerySet[Any]]
    edit_right: str
    derive: Callable[[Any], list[str]]
    url_name: str
    columns: tuple[str, ...]
    own_keys: frozenset[str] = frozenset()
    ranks: Mapping[str, Callable[[Any], tuple[str, ...]]] = field(default_factory=dict)
    plain: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    named: Mapping[str, Callable[[], Mapping[str, str]]] = field(default_factory=dict)

    @property
    def plural(self) -> str:
        return str(self.model._meta.verbose_name_plural)


_objects: dict[str, CustomObject] = {}


def register(each: CustomObject) -> None:
    _objects[each.noun] = each


def objects() -> Mapping[str, CustomObject]:
    return _objects


def object_of(noun: str) -> CustomObject:
    if noun not in _objects:
        raise InvalidInputError(
            f"{noun or 'Nothing'} is no kind of record with fields.", code="unknown_object"
        )
    return _objects[noun]


def names_of(noun: str, column: str) -> Mapping[str, str]:
    """The values that a column can have, with their names; nothing where it can have any."""
    about = object_of(noun)
    if column in about.named:
        return about.named[column]()
    if column.startswith("custom."):
        field = fields_of(noun).get(column.removeprefix("custom."))
        return {str(value): str(value) for value in field.options.get("choices", ())} if field else {}
    stored = about.model._meta.get_field(column)
    return {str(value): str(words) for value, words in getattr(stored, "flatchoices", ()) if value}


def values_for_browser(known: Mapping[str, Mapping[str, str]]) -> str:
    """For `known_values.js`: what can be chosen as the value of each field."""
    return json.dumps({name: list(values.items()) for name, values in known.items() if values})


def noun_of(record: models.Model) -> str:
    """The noun of a record, or "" where its kind takes no custom fields."""
    name = str(record._meta.model_name)
    return name if name in _objects and isinstance(record, _objects[name].model) else ""
