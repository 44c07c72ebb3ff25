"""A day."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from gtmos.kernel.fields.types.field_type import BadValueError, FieldType, Options, a_text, shortened

WRITTEN = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d.%m.%Y", "%Y/%m/%d")


class DateType(FieldType):
    """Kept as 2026-03-01, which sorts as text."""

    key = "date"
    label = "Date"

    def parse(self, raw: Any, options: Options) -> str:
        del options
        if isinstance(raw, dt.date):
            return f"{raw:%Y-%m-%d}".rjust(10, "0")
        day = _day(a_text(raw))
        if day is None:
            raise BadValueError(f"“{shortened(str(raw))}” is not a date. Write it as 2026-03-01.")
        return day.isoformat()

    def render(self, value: Any, options: Options) -> str:
        del options
        day = dt.date.fromisoformat(value)
        return f"{day.day} {day:%b} {day.year}"

    def write(self, value: Any, options: Options) -> str:
        del options
        return value or ""

    def schema(self, options: Options) -> dict[str, Any]:
        del options
        return {"type": "string", "format": "date"}

    def widget(self, options: Options) -> forms.Widget:
        del options
        return forms.DateInput(attrs={"type": "date"})

    def operators(self) -> Any:
        return {**super().operators(), "gte": self.from_day, "lte": self.to_day}

    def from_day(self, key: str, text: str, options: Options) -> Any:
        return GreaterThanOrEqual(KeyTextTransform(key, "custom"), self._needed(text, options))

    def to_day(self, key: str, text: str, options: Options) -> Any:
        return LessThanOrEqual(KeyTextTransform(key, "custom"), self._needed(text, options))


def _day(text: str) -> dt.date | None:
    """03/04/2026 is two different days to two people, so it is none."""
    if re.match(r"\d{4}-\d{2}-\d{2}([T ]|$)", text, re.ASCII):
        text = text[:10]
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return None
    for shape in WRITTEN:
        try:
            return dt.datetime.strptime(text, shape).date()  # noqa: DTZ007 -- a day has no time zone
        except ValueError:
            continue
    return None
