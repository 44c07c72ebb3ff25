"""Many rows of one table in one statement: what the verbs do row by row, for batches."""

import json
from collections.abc import Collection, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, cast

from django.db import connection, models
from django.utils import timezone

from gtmos.kernel.events.publishing import plain


def insert_many(records: Sequence[models.Model]) -> None:
    """Like `save(force_insert=True)` of each; no column is left to the database's own default."""
    if not records:
        return
    fields = _columns(type(records[0]), has_key=records[0].pk is not None)
    _stamp(records, fields)
    table, columns = _table(records[0]), ", ".join(_quoted(each) for each in fields)
    _execute(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)",  # noqa: S608 -- names of our own models
        _rows(records, fields),
    )


def change_many(records: Sequence[models.Model], names: Collection[str]) -> None:
    """Save the named columns of each; the caller sets times itself."""
    if not records:
        return
    meta = records[0]._meta
    key = meta.pk
    fields = [cast("models.Field[Any, Any]", meta.get_field(name)) for name in dict.fromkeys(names)]
    table = _table(records[0])
    changes = ", ".join(f"{_quoted(each)} = new.{_quoted(each)}" for each in fields)
    _execute(
        f"UPDATE {table} SET {changes} FROM json_populate_recordset(NULL::{table}, %s) new "  # noqa: S608 -- as above
        f"WHERE {table}.{_quoted(key)} = new.{_quoted(key)}",
        _rows(records, (key, *fields)),
    )


def _stamp(records: Sequence[models.Model], fields: Sequence[models.Field[Any, Any]]) -> None:
    now = timezone.now()
    for each in fields:
        if getattr(each, "auto_now", False) or getattr(each, "auto_now_add", False):
            for record in records:
                setattr(record, each.attname, now)


@cache
def _columns(model: type[models.Model], *, has_key: bool) -> tuple[models.Field[Any, Any], ...]:
    fields = [each for each in model._meta.concrete_fields if not each.generated]
    return tuple(each for each in fields if has_key or not each.primary_key)


def _rows(
    records: Sequence[models.Model], fields: Sequence[models.Field[Any, Any]]
) -> list[dict[str | None, Any]]:
    columns, values = [each.column for each in fields], attrgetter(*(each.attname for each in fields))
    return [dict(zip(columns, values(record), strict=True)) for record in records]


def _table(record: models.Model) -> str:
    return str(connection.ops.quote_name(record._meta.db_table))


def _quoted(field: models.Field[Any, Any]) -> str:
    return str(connection.ops.quote_name(str(field.column)))


def _execute(statement: str, rows: list[dict[str | None, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, default=plain)])
