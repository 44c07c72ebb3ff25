"""Taking what is said of a person out of rows, and leaving the rows where they are counted."""

from typing import Any

from django.db.models import CharField, F, Field, UniqueConstraint, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from gtmos.kernel.privacy.holdings import Holding, Person, emptied
from gtmos.kernel.privacy.words import GONE, says, without
from gtmos.kernel.records import Record


def empty(holding: Holding, keys: list[Any], person: Person) -> int:
    if holding.of is not None:
        return empty_rows(holding, keys)
    rows = holding.model._default_manager.filter(pk__in=keys).order_by("pk")
    return sum(_empty_spoken(holding, row, person) for row in rows.iterator(chunk_size=200))


def empty_rows(holding: Holding, keys: list[Any]) -> int:
    """One statement: every free text of these rows."""
    values = {column.name: _nothing(column) for column in emptied(holding) if column.name not in holding.puts}
    rows = holding.model._default_manager.filter(pk__in=keys)
    return rows.update(**values, **holding.puts, **_touched(holding))


def _touched(holding: Holding) -> dict[str, Any]:
    """A record's text is read again, and whoever has it open is told."""
    if not issubclass(holding.model, Record):
        return {}
    return {"version": F("version") + 1, "updated_at": timezone.now()}


def _nothing(column: Field[Any, Any]) -> Any:
    if _is_unique(column):
        return Concat(Value("erased-"), Cast("pk", CharField()))
    if column.null:
        return None
    if column.get_internal_type() == "JSONField":
        default = column.get_default()
        return {} if default is None else default
    return b"" if column.get_internal_type() == "BinaryField" else ""


def _is_unique(column: Field[Any, Any]) -> bool:
    rules = column.model._meta.constraints
    return column.unique or any(
        isinstance(rule, UniqueConstraint) and column.name in rule.fields and rule.condition is None
        for rule in rules
    )


def _empty_spoken(holding: Holding, row: Any, person: Person) -> int:
    """Of a row that only speaks of the person: its texts, and of its JSON the objects that name them."""
    words = {*person.words, str(person.key)}
    changed = {}
    for column in emptied(holding):
        old = getattr(row, column.name)
        new = _said(column, old, words)
        if new != old:
            changed[column.name] = new
    if changed:
        holding.model._default_manager.filter(pk=row.pk).update(**changed, **_touched(holding))
    return int(bool(changed))


def _said(column: Field[Any, Any], value: Any, words: set[str]) -> Any:
    if column.get_internal_type() == "JSONField":
        return without(value, words)
    if not isinstance(value, str):
        return value
    # What else stands in the line may be about them too.
    return "\n".join(GONE if says(line, words) else line for line in value.split("\n"))
