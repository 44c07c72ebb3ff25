"""Custom fields in lists: columns, filters and orders, all decided inside the query."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import F, Model, Q, QuerySet
from django.db.models.fields.json import KeyTransform

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.objects import object_of
from gtmos.kernel.fields.schema import NO_FIELDS, Definition, Fields, fields_of
from gtmos.kernel.fields.types import BadValueError
from gtmos.kernel.fields.types.link import LinkType
from gtmos.kernel.paging import PAGE_SIZE, Page
from gtmos.kernel.rights import hidden_fields

M = TypeVar("M", bound=Model)
PREFIX = "custom."


@dataclass(frozen=True, slots=True)
class Cell:
    """One value on a page: how it is called, what it says, and where a click leads."""

    label: str
    text: str
    url: str = ""
    is_number: bool = False
    key: str = ""


def open_fields(noun: str, *, actor: Actor) -> Fields:
    """The fields that this reader may see; a role that hides custom values hides them all."""
    fields = fields_of(noun)
    return NO_FIELDS if fields and "custom" in hidden_fields(object_of(noun).model, actor=actor) else fields


def with_columns(records: QuerySet[M], fields: Fields) -> QuerySet[M]:
    """The values of the fields that lists show, without the rest of `custom`."""
    named = {alias(each.key): KeyTransform(each.key, "custom") for each in fields.values() if each.in_list}
    shown: Any = records.annotate(**named) if named else records
    return shown  # type: ignore[no-any-return]  # the stubs lose the model of an annotated queryset


def alias(key: str) -> str:
    return f"custom_{key}"


def cells_of(rows: Iterable[Any], fields: Fields, *, actor: Actor) -> list[list[Cell]]:
    """For each row the cells of the fields that lists show; names of linked records are read once for all."""
    shown = [each for each in fields.values() if each.in_list]
    values = [{each.key: getattr(row, alias(each.key), None) for each in shown} for row in rows]
    names = linked_names(values, shown, actor=actor)
    return [[cell(each, line[each.key], names) for each in shown] for line in values]


def facts_of(noun: str, custom: Mapping[str, Any], *, actor: Actor) -> list[Cell]:
    """All fields of one record, with or without a value."""
    shown = list(open_fields(noun, actor=actor).values())
    names = linked_names([custom], shown, actor=actor)
    return [cell(each, custom.get(each.key), names) for each in shown]


def cell(definition: Definition, value: Any, names: Mapping[str, tuple[str, str]]) -> Cell:
    number = definition.type.is_numeric
    if isinstance(definition.type, LinkType) and value is not None:
        text, url = names.get(str(value), ("", ""))
        return Cell(definition.label, text, url, number, definition.key)
    text = "" if value is None else definition.render(value)
    url = definition.type.address(value) if value is not None else ""
    return Cell(definition.label, text, url, number, definition.key)


def linked_names(
    lines: Iterable[Mapping[str, Any]], shown: Iterable[Definition], *, actor: Actor
) -> dict[str, tuple[str, str]]:
    """Name and address of linked records that the actor may see; one query for each kind."""
    wanted: dict[str, set[str]] = {}
    for each in shown:
        if isinstance(each.type, LinkType):
            keys = {str(line[each.key]) for line in lines if line.get(each.key)}
            wanted.setdefault(each.options["to"], set()).update(keys)
    found: dict[str, tuple[str, str]] = {}
    for noun, keys in wanted.items():
        about = object_of(noun)
        for record in about.visible(actor=actor).filter(pk__in=keys) if keys else ():
            found[str(record.pk)] = (str(record), address_of(noun, record.pk))
    return found


def address_of(noun: str, key: Any) -> str:
    from django.urls import reverse  # noqa: PLC0415 -- the routes are read after the models

    return reverse(object_of(noun).url_name, args=[key])


def filtered(records: QuerySet[M], given: Mapping[str, str], fields: Fields) -> QuerySet[M]:
    """`custom.arr_band=1-5M`, `custom.seats__gte=10`. What is misspelt is refused in words."""
    for name, text in given.items():
        if name.startswith(PREFIX):
            records = records.filter(_condition(name, text, fields))
    return records


def _condition(name: str, text: str, fields: Fields) -> Any:
    key, _, operator = name.removeprefix(PREFIX).partition("__")
    definition = fields.get(key)
    if definition is None:
        raise InvalidInputError(f"There is no field {key} here.", code="unknown_parameter")
    known = definition.type.operators()
    if operator not in known:
        usual = ", ".join(each for each in known if each)
        raise InvalidInputError(f"{definition.label} is compared by {usual}.", code="unknown_parameter")
    try:
        return known[operator](key, text, definition.options)
    except BadValueError as error:
        raise InvalidInputError(f"{definition.label}: {error}", code="bad_parameter") from error


def order_of(text: str, fields: Fields) -> tuple[Definition, bool] | None:
    """`custom.seats` or `-custom.seats` as field and direction; None for anything else."""
    name = text.removeprefix("-")
    definition = fields.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
    return (definition, text.startswith("-")) if definition else None


def in_order(
    records: QuerySet[M], order: tuple[Definition, bool], *, after: str = "", size: int = PAGE_SIZE
) -> Page[M]:
    """A keyset page in the order of a field; records without a value come last either way."""
    definition, descending = order
    place = definition.type.sort_expression(definition.key)
    return by_place(records, place, descending=descending, after=after, size=size)


def by_place(
    records: QuerySet[M],
    expression: Any,
    *,
    descending: bool = False,
    may_be_empty: bool = True,
    after: str = "",
    size: int = PAGE_SIZE,
) -> Page[M]:
    """A keyset page in the order of an expression. Where it always has a value an index can be read either way."""
    rows: Any = records.annotate(place=expression)
    place = _read_cursor(after)
    behind = _behind if may_be_empty else _further
    by = (F("place").desc(nulls_last=may_be_empty or None), F("place").asc(nulls_last=may_be_empty or None))
    key = "-id" if descending and not may_be_empty else "id"
    try:
        if place is not None:
            rows = rows.filter(behind(*place, descending=descending))
        found = list(rows.order_by(by[0] if descending else by[1], key)[: size + 1])
    except (DataError, ValueError, TypeError, ValidationError) as error:
        raise InvalidInputError("This is no cursor of a page.", code="bad_cursor") from error
    more = len(found) > size
    found = found[:size]
    return Page(found, _write_cursor(found[-1]) if more else "", place is not None)


def _behind(value: Any, key: UUID, *, descending: bool) -> Q:
    if value is None:
        return Q(place__isnull=True, id__gt=key)
    past = Q(place__lt=value) if descending else Q(place__gt=value)
    return past | Q(place=value, id__gt=key) | Q(place__isnull=True)


def _further(value: Any, key: UUID, *, descending: bool) -> Q:
    """The first part is where an index begins."""
    if descending:
        return Q(place__lte=value) & (Q(place__lt=value) | Q(id__lt=key))
    return Q(place__gte=value) & (Q(place__gt=value) | Q(id__gt=key))


def _write_cursor(row: Any) -> str:
    value = None if row.place is None else str(row.place)
    return base64.urlsafe_b64encode(json.dumps([value, str(row.pk)]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[Any, UUID] | None:
    try:
        value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return (value, UUID(key)) if value is None or isinstance(value, str) else None
    except (binascii.Error, ValueError, TypeError, AttributeError, ValidationError):
        return None
