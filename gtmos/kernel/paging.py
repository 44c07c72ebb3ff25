"""Keyset pages: newest first, the same cost at any depth."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

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
    records: QuerySet[M], *, after: str = "", size: int = PAGE_SIZE, moment: str = "created_at"
) -> Page[M]:
    """One page of rows older than the cursor. A cursor that is none starts at the beginning."""
    place = _read(after)
    if place is not None:
        when, key = place
        older = Q(**{f"{moment}__lt": when}) | Q(id__lt=key)
        records = records.filter(Q(**{f"{moment}__lte": when}) & older)
    rows = list(records.order_by(f"-{moment}", "-id")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _write(rows[-1], moment) if more else "", place is not None)


def _write(row: Any, moment: str) -> str:
    return (
        base64.urlsafe_b64encode(f"{getattr(row, moment).isoformat()}|{row.pk}".encode()).decode().rstrip("=")
    )


def _read(cursor: str) -> tuple[datetime, UUID | int] | None:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        when, _, key = text.partition("|")
        return datetime.fromisoformat(when), int(key) if key.isdecimal() else UUID(key)
    except (binascii.Error, ValueError, UnicodeDecodeError):
        return None
