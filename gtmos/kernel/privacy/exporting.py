"""Everything that is known of a person, as plain data."""

from typing import Any

from django.db.models import Model

from gtmos.kernel.privacy.finding import rows_of
from gtmos.kernel.privacy.holdings import Holding, Person


def everything(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Table by table, every column of every row about them, and every row that speaks of them."""
    told: dict[str, list[dict[str, Any]]] = {}
    for holding, keys in rows_of(person):
        rows = [_row(holding, row, person) for row in _rows(holding.model, keys)]
        told.setdefault(holding.name, []).extend(rows)
    return told


def _rows(model: type[Model], keys: list[Any]) -> Any:
    return model._default_manager.filter(pk__in=keys).order_by("pk").iterator(chunk_size=200)


def _row(holding: Holding, row: Model, person: Person) -> dict[str, Any]:
    told = {column.attname: _plain(getattr(row, column.attname)) for column in row._meta.concrete_fields}
    if holding.lines is not None:
        told["lines"] = holding.lines(row, person)
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", errors="replace")
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    if hasattr(value, "to_list"):
        return "vector"
    return str(value)
