"""Cells of a list, made here and not in a template: a page has hundreds of them."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from gtmos.kernel import wording
from gtmos.kernel.fields.columns import alias, linked_names
from gtmos.kernel.fields.columns import cell as custom_cell
from gtmos.kernel.lists.asking import Asked
from gtmos.kernel.lists.fields import ListField
from gtmos.kernel.templatetags.gtmos import avatar, pill, record_url
from gtmos.kernel.wording import NOT_KNOWN

UNKNOWN = format_html('<span class="muted">{}</span>', NOT_KNOWN)
CURRENCY = {"deal_amount": "deal_amount_currency", "revenue_amount": "revenue_currency"}
MAJOR = 3  # so many columns are shown on a phone
Special = Mapping[str, Callable[[Any], SafeString]]
NO_SPECIAL: Special = {}


def rows_of(
    asked: Asked, rows: Iterable[Any], *, now: dt.datetime, special: Special = NO_SPECIAL
) -> list[dict[str, Any]]:
    """Each record with its address and its cells as they stand in the row."""
    shown = [asked.fields[key] for key in asked.columns]
    found = list(rows)
    custom = [each.definition for each in shown if each.definition]
    values = [{each.key: getattr(row, alias(each.key), None) for each in custom} for row in found]
    names = linked_names(values, custom, actor=asked.actor)
    page = Cells(asked, shown, names, now, special)
    return [page.row(row) for row in found]


class Cells:
    """What all rows of one page have in common."""

    def __init__(
        self,
        asked: Asked,
        shown: list[ListField],
        names: Mapping[str, tuple[str, str]],
        now: Any,
        special: Special,
    ) -> None:
        self.kind, self.actor, self.names, self.now, self.special = (
            asked.kind,
            asked.actor,
            names,
            now,
            special,
        )
        self.shown = [(each, self._classes(place, each)) for place, each in enumerate(shown)]

    def _classes(self, place: int, each: ListField) -> str:
        if place == 0:
            return "yield"
        width = "r num" if each.is_number else "fit" if each.kind in {"date", "moment"} else "yield-2 soft"
        if each.kind == "choice":
            width = "fit soft"
        return f"{width} minor" if place > MAJOR and each.kind != "choice" else width

    def row(self, record: Any) -> dict[str, Any]:
        url = record_url(self.kind.record_url, record.pk) if self.kind.record_url else ""
        cells = [self._cell(each, classes, record, url) for each, classes in self.shown]
        return {"record": record, "url": url, "cells": cells}

    def _cell(self, each: ListField, classes: str, record: Any, url: str) -> SafeString:
        inside = self._first(each, record, url) if classes == "yield" else self.inside(each, record)
        title = self._title(each, record) if "yield-2" in classes else ""
        edit = format_html(' data-cell="{}"', each.key) if each.is_edited and classes != "yield" else ""
        return format_html('<td class="{}"{}{}>{}</td>', classes, title, edit, inside)

    def _title(self, each: ListField, record: Any) -> SafeString | str:
        text = getattr(record, each.key, "") if each.kind == "text" and each.definition is None else ""
        return format_html(' title="{}"', text) if text else ""

    def _first(self, each: ListField, record: Any, url: str) -> SafeString:
        if each.key in self.special:
            return self.special[each.key](record)
        name = getattr(record, each.key) or str(record)
        mark = avatar(name, kind=self.kind.noun) if self.kind.noun in {"company", "contact"} else ""
        return format_html(
            '<span class="row">{}<a class="medium clip" href="{}" title="{}">{}</a></span>',
            mark,
            url,
            name,
            name,
        )

    def inside(self, each: ListField, record: Any) -> SafeString | str:
        if each.key in self.special:
            return self.special[each.key](record)
        if each.definition is not None:
            return self._custom(each, record)
        value = getattr(record, each.key, None) if not each.column else _at(record, each.column)
        if each.key == "city":
            value = value or record.country_hq
        if value is None or value in ("", []):
            return UNKNOWN
        return self._said(each, value, record)

    def _said(self, each: ListField, value: Any, record: Any) -> SafeString | str:
        if each.kind == "number":
            return conditional_escape(self._number(each, value, record))
        if each.kind in {"date", "moment"}:
            return self._when(value)
        if each.kind == "choice":
            return pill(_label(each, record, value))
        if each.kind == "boolean":
            return "Yes" if value else "No"
        if each.kind == "words":
            return conditional_escape(", ".join(map(str, value)))
        return conditional_escape(str(value))

    def _number(self, each: ListField, value: Any, record: Any) -> str:
        if each.key in CURRENCY:
            return wording.money(value, getattr(record, CURRENCY[each.key]) or "USD")
        return wording.counted(value) if each.is_whole else f"{value:g}"

    def _when(self, value: dt.date) -> SafeString:
        if isinstance(value, dt.datetime):
            text, exact = wording.when(value, self.now), wording.exact(value)
        else:
            text, exact = wording.day(value, timezone.localdate(self.now)), f"{value:%A %d %B %Y}"
        return format_html(
            '<time class="num" datetime="{}" title="{}">{}</time>', value.isoformat(), exact, text
        )

    def _custom(self, each: ListField, record: Any) -> SafeString | str:
        assert each.definition is not None
        cell = custom_cell(each.definition, getattr(record, alias(each.definition.key), None), self.names)
        if not cell.text:
            return UNKNOWN
        if not cell.url:
            return conditional_escape(cell.text)
        away = "" if cell.url.startswith("/") else mark_safe(' rel="noopener noreferrer" target="_blank"')
        return format_html('<a class="link clip" href="{}"{}>{}</a>', cell.url, away, cell.text)


def _at(record: Any, path: str) -> Any:
    """Of a column of another record its name where it has one: the stage by its name, not by its key."""
    *heads, last = path.split("__")
    for head in heads:
        record = getattr(record, head)
    return record.name if last == "key" else getattr(record, last)


def _label(each: ListField, record: Any, value: Any) -> str:
    if each.column:
        return str(value)
    said = getattr(record, f"get_{each.key}_display", None)
    text = str(said()) if said else str(value)
    return text[:1].upper() + text[1:]


def heads_of(asked: Asked) -> list[dict[str, Any]]:
    """The columns; a click orders by one, a second click the other way, a third not at all."""
    return [_head(asked.fields[key], asked) for key in asked.columns]


def _head(each: ListField, asked: Asked) -> dict[str, Any]:
    up, down = each.key, f"-{each.key}"
    following = {up: down, down: None}.get(asked.order, up)
    direction = {up: "ascending", down: "descending"}.get(asked.order, "none")
    return {
        "key": each.key,
        "label": each.label,
        "url": asked.address(sort=following) if each.is_ordered else "",
        "direction": direction if each.is_ordered else "",
        "is_number": each.is_number,
    }
