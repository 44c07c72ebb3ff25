"""Keyset pages: newest first, the same cost at any depth."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """`next_cursor` is empty on the last page."""

    rows: list[M]
    next_cursor: str
    has_previous: bool


def newest_first(
    records: QuerySet[M],
    *,
    after: str = "",
    size: int = PAGE_SIZE,
    moment: str = "created_at",
    is_searched: bool = False,
) -> Page[M]:
    """One page of rows older than the cursor. A cursor that is none starts at the beginning.

    `moment` is the column that says how new a row is; `id` where the key itself counts up. Of a searched list the
    keys of the page are found first, in the same statement, so that other tables are joined to its rows only and not to all that matched.
    """
    place = _read(after, records.model)
    if place is not None:
        records = records.filter(_older(*place, moment))
    order = ["-id"] if moment == "id" else [f"-{moment}", "-id"]
    if is_searched:
        keys = records.select_related(None).order_by(*order).values_list("pk", flat=True)
        records = records.filter(pk__in=keys[: size + 1])
    rows = list(records.order_by(*order)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _write(rows[-1], moment) if more else "", place is not None)


def _older(when: datetime, key: UUID | int, moment: str) -> Q:
    if moment == "id":
        return Q(id__lt=key)
    return Q(**{f"{moment}__lte": when}) & (Q(**{f"{moment}__lt": when}) | Q(id__lt=key))


def _write(row: Any, moment: str) -> str:
    when = datetime.min.replace(tzinfo=UTC) if moment == "id" else getattr(row, moment)
    return base64.urlsafe_b64encode(f"{when.isoformat()}|{row.pk}".encode()).decode().rstrip("=")


def _read(cursor: str, model: type[Model]) -> tuple[datetime, UUID | int] | None:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, key = text.partition("|")
        when = datetime.fromisoformat(moment)
        return (when, model._meta.pk.to_python(key)) if when.tzinfo else None
    except (binascii.Error, ValueError, UnicodeDecodeError, ValidationError):
        return None
