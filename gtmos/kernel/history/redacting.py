"""The history of a record without the fields that its reader may not see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.db.models.query import ModelIterable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from gtmos.kernel.history.models import Change


class RedactedIterable(ModelIterable[Any]):
    """Changes of what may be seen, in words made of that alone."""

    def __iter__(self) -> Iterator[Any]:
        hidden = self.queryset._hints["hidden"]  # type: ignore[attr-defined]  # kept by every copy
        for change in super().__iter__():
            yield _redacted(change, hidden) if hidden & set(change.changed_fields) else change


def without(changes: QuerySet[Change], hidden: frozenset[str]) -> QuerySet[Change]:
    if not hidden:
        return changes
    changes = changes.filter(~Q(changed_fields__contained_by=sorted(hidden)))
    changes._hints = {**changes._hints, "hidden": hidden}  # type: ignore[attr-defined]  # kept by every copy
    changes._iterable_class = RedactedIterable
    return changes


def _redacted(change: Change, hidden: frozenset[str]) -> Change:
    # Imported here because recording reads through this module.
    from gtmos.kernel.history.recording import in_words  # noqa: PLC0415

    kept = [name for name in change.changed_fields if name not in hidden]
    change.changed_fields = kept
    change.previous_values = {name: change.previous_values.get(name) for name in kept}
    change.new_values = {name: change.new_values.get(name) for name in kept}
    change.summary = "; ".join(
        in_words(name, change.previous_values[name], change.new_values[name]) for name in kept
    )[:500]
    change.vector_searchable_text = change.summary
    return change
