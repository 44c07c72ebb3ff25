"""What every list understands because of its columns: comparisons, an order, and only the columns asked for."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError as ColumnError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.exceptions import ValidationError

from gtmos.kernel.paging import Page

MOST_CHOICES = 100
Read = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """`?name=value` → `lookup`; `read` refuses what is no such value by raising ValueError."""

    lookup: str
    read: Read = str
    says: str = ""


def a_moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise ValueError
    return moment


def a_flag(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.lower()]


def a_day(text: str) -> date:
    day = parse_date(text)
    if day is None:
        raise ValueError
    return day


def a_number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError from error
    if not number.is_finite() or abs(number) >= 10**18:
        raise ValueError
    return number


def a_whole_number(text: str) -> int:
    number = int(text[:20])
    if abs(number) >= 2**31:
        raise ValueError
    return number


def several(text: str) -> list[str]:
    values = text.split(",")
    if len(values) > MOST_CHOICES:
        raise ValueError
    return values


READERS: tuple[tuple[type[models.Field[Any, Any]], Read, str], ...] = (
    (models.DateTimeField, a_moment, "a moment with its time zone"),
    (models.DateField, a_day, "a day"),
    (models.IntegerField, a_whole_number, "a whole number"),
    (models.DecimalField, a_number, "a number"),
    (models.FloatField, a_number, "a number"),
)
COMPARED = {"gte": "at or above", "lte": "at or below", "gt": "above", "lt": "below"}


def comparisons(model: type[models.Model], names: Iterable[str]) -> dict[str, Filter]:
    """`amount__gte`, `name__icontains`, `country__in`, `owner_id__isnull` for each column that is shown."""
    found: dict[str, Filter] = {}
    for name, field in columns_of(model, names).items():
        found |= _of_column(name, field)
    return found


def columns_of(model: type[models.Model], names: Iterable[str]) -> dict[str, models.Field[Any, Any]]:
    columns = {each.attname: each for each in model._meta.concrete_fields}
    return {name: columns[name] for name in names if name in columns}


def _of_column(name: str, field: models.Field[Any, Any]) -> dict[str, Filter]:
    empty = {f"{name}__isnull": Filter(f"{name}__isnull", a_flag, "true or false")} if field.null else {}
    for kind, read, says in READERS:
        if isinstance(field, kind):
            return empty | {
                f"{name}__{sign}": Filter(f"{name}__{sign}", read, f"{words.capitalize()} {says}.")
                for sign, words in COMPARED.items()
            }
    if isinstance(field, models.BooleanField):
        return empty | {name: Filter(name, a_flag, "true or false")}
    if isinstance(field, models.CharField | models.TextField):
        return empty | _of_text(name)
    return empty


def _of_text(name: str) -> dict[str, Filter]:
    return {
        name: Filter(name),
        f"{name}__icontains": Filter(f"{name}__icontains", str, "Holds this text, in any case."),
        f"{name}__in": Filter(f"{name}__in", several, f"One of up to {MOST_CHOICES}, separated by commas."),
    }


SORTABLE = (
    *(models.CharField, models.IntegerField, models.DecimalField, models.FloatField),
    *(models.DateField, models.DateTimeField),
)


def orders(model: type[models.Model], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, each in columns_of(model, names).items() if isinstance(each, SORTABLE))


def in_order(records: QuerySet[Any], order: str, *, after: str, size: int) -> Page[Any]:
    """A page by any column, the same cost at any depth; rows without a value come last."""
    name, falls = order.removeprefix("-"), order.startswith("-")
    field = columns_of(records.model, [name])[name]
    if after:
        records = records.filter(_beyond(field, falls, *_read(after, order, records.model)))
    key = F(name).desc(nulls_last=True) if falls else F(name).asc(nulls_last=True)
    rows = list(records.order_by(key, "-pk" if falls else "pk")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, _write(rows[-1], order, name) if more else "", bool(after))


def _beyond(field: models.Field[Any, Any], falls: bool, value: Any, key: Any) -> Q:  # noqa: FBT001 -- one of two directions
    name, sign = field.attname, "lt" if falls else "gt"
    further = Q(**{f"pk__{sign}": key})
    if value is None:
        return Q(**{f"{name}__isnull": True}) & further
    found = Q(**{f"{name}__{sign}": value}) | (Q(**{name: value}) & further)
    return found | Q(**{f"{name}__isnull": True}) if field.null else found


def _write(row: Any, order: str, name: str) -> str:
    value = getattr(row, name)
    text = value.isoformat() if isinstance(value, date) else None if value is None else str(value)
    return base64.urlsafe_b64encode(json.dumps([order, text, str(row.pk)]).encode()).decode().rstrip("=")


def _read(cursor: str, order: str, model: type[models.Model]) -> tuple[Any, Any]:
    """Only a cursor of the same order means a place in it."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        written, value, key = json.loads(text)
        field = columns_of(model, [order.removeprefix("-")])[order.removeprefix("-")]
        _check_cursor(written == order, value, key, field)
        return field.to_python(value), model._meta.pk.to_python(key)
    except (binascii.Error, ValueError, TypeError, RecursionError, ColumnError) as error:
        raise ValidationError({"cursor": ["This is no cursor of a page."]}, code="bad_cursor") from error


def _check_cursor(is_same_order: bool, value: object, key: object, field: models.Field[Any, Any]) -> None:  # noqa: FBT001 -- read beside its call
    """What a person wrote by hand must not reach a statement."""
    texts = [key] if value is None else [key, value]
    if not is_same_order or (value is None and not field.null):
        raise ValueError
    if not all(isinstance(text, str) and "\x00" not in text for text in texts):
        raise ValueError


def only_columns(records: QuerySet[Any], sources: Iterable[str], keep: Iterable[str]) -> QuerySet[Any]:
    """Reads only what these serializer sources need; a source that is no column needs the whole row."""
    paths = [source.replace(".", "__") for source in sources]
    model: Any = records.model
    named = {each.name for each in model._meta.concrete_fields} | {
        each.attname for each in model._meta.concrete_fields
    }
    if any(path.partition("__")[0] not in named for path in paths):
        return records
    joined = {path.partition("__")[0] for path in paths if "__" in path}
    plain = records.defer(None).select_related(None)
    return (plain.select_related(*joined) if joined else plain).only("pk", *paths, *joined, *keep)
