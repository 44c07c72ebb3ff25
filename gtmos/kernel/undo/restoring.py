"""Which records can be put back to what they were. Each app registers its own, with the verb that does it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from gtmos.kernel.history.models import Change

Restore = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Way:
    """`restore(record, change, actor=…)` goes through the record's own verb and refuses what was changed since."""

    model: type[Model]
    fields: frozenset[str]
    restore: Restore


_ways: dict[str, Way] = {}


def restores(model: type[Model], *, fields: Collection[str], by: Restore) -> None:
    _ways[model._meta.label_lower] = Way(model, frozenset(fields), by)


def way_of(change: Change) -> Way | None:
    """None where the change cannot be turned round, such as a creation."""
    way = _ways.get(change.subject_type)
    return way if way is not None and set(change.changed_fields) <= way.fields else None


def words_of(changes: Collection[Any]) -> str:
    first = next(iter(changes))
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return f"{first.vector_searchable_text[:250]}{more}"
