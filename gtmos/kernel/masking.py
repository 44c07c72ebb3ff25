"""Fields that a role hides come out of the query empty, so that no page, list, file or tool can show them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.models.query import ModelIterable, QuerySet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gtmos.kernel.people.roles import Standing

M = TypeVar("M", bound=models.Model)


class MaskedIterable(ModelIterable[Any]):
    """Rows with empty values where the role may not look, in the row itself and in those joined to it."""

    def __iter__(self) -> Iterator[Any]:
        rules = self.queryset._hints["row_rules"]  # type: ignore[attr-defined]  # kept by every copy
        for record in super().__iter__():
            for rule in rules:
                rule(record)
            yield record


def masked(records: QuerySet[M], standing: Standing) -> QuerySet[M]:
    """The same rows; nothing changes for a role that hides nothing."""
    if standing.is_superuser or not standing.fields:
        return records
    return with_rule(records, partial(mask, standing=standing))


def with_rule(records: QuerySet[M], rule: Callable[[Any], None]) -> QuerySet[M]:
    """Every row that comes out of this query, or of any made from it, has passed the rule."""
    records = records.all()
    records._hints = {**records._hints, "row_rules": (*records._hints.get("row_rules", ()), rule)}  # type: ignore[attr-defined]
    if issubclass(records._iterable_class, ModelIterable):
        records._iterable_class = MaskedIterable
    return records


def has_rules(records: QuerySet[Any]) -> bool:
    return bool(records._hints.get("row_rules"))  # type: ignore[attr-defined]


def mask(record: models.Model, standing: Standing) -> None:
    hidden = standing.hidden(str(record._meta.model_name))
    for name in hidden:
        field = record._meta.get_field(name)
        assert isinstance(field, models.Field)
        record.__dict__[field.attname] = None if field.null else field.get_default()
    record.__dict__["hidden_fields"] = hidden
    for joined in record._state.fields_cache.values():
        if isinstance(joined, models.Model):
            mask(joined, standing)


def hidden_on(record: object) -> frozenset[str]:
    """The names that came empty because they are not this reader's to see."""
    return getattr(record, "hidden_fields", frozenset())
