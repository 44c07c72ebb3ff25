"""What somebody asks of a list by its address: a saved view, a filter, columns and an order; and the rows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Lower

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.columns import PREFIX, alias, by_place, filtered, open_fields
from gtmos.kernel.fields.objects import objects
from gtmos.kernel.lists.conditions import condition_of
from gtmos.kernel.lists.fields import ListField, ListKind, kind_of, only_known, own_fields
from gtmos.kernel.lists.filters import NOTHING, Group, format_filter, parse_filter
from gtmos.kernel.lists.models import ListPreference, SavedView
from gtmos.kernel.lists.selectors import preferences_of, views_of
from gtmos.kernel.paging import PAGE_SIZE, Page, newest_first

READABLE = ":,();|"
SHOWN_WITHOUT = "The list is shown without this filter."
VIEW_GONE = "That view is deleted, or no longer shared with you."
SHOWN_WITHOUT_IT = "The list is shown without it."


@dataclass
class Asked:
    """One visit of one list. `fault` says what of the address was not understood, `instead` what a list then shows."""

    noun: str
    given: Mapping[str, str]
    actor: Actor
    fault: str = ""
    instead: str = ""
    extra: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def kind(self) -> ListKind:
        return kind_of(self.noun)

    @cached_property
    def fields(self) -> dict[str, ListField]:
        return own_fields(self.noun, actor=self.actor)

    @cached_property
    def views(self) -> list[SavedView]:
        return views_of(self.noun, actor=self.actor)

    @cached_property
    def preferences(self) -> dict[UUID | None, ListPreference]:
        return preferences_of(self.noun, actor=self.actor)

    @cached_property
    def view(self) -> SavedView | None:
        key = self.given.get("saved", "")
        return next((each for each in self.views if str(each.pk) == key), None) if key else None

    @property
    def preference(self) -> ListPreference | None:
        return self.preferences.get(self.view.pk if self.view else None)

    @cached_property
    def first_view(self) -> SavedView | None:
        """What this person wants to see when they open the list by its name."""
        first = next((each.view_id for each in self.preferences.values() if each.is_first), None)
        return next((each for each in self.views if each.pk == first), None)

    @property
    def board(self) -> str:
        """Which one of several boards: that of the address, or that of the view."""
        return self.given.get(self.kind.board_key, self.view.board if self.view else "")

    @property
    def where(self) -> str:
        return self.given.get("where", self.view.where if self.view else "")

    @property
    def text(self) -> str:
        return self.given.get("q", self.view.text if self.view else "")

    @cached_property
    def tree(self) -> Group:
        if self.given.get("saved") and self.view is None:  # never silently all records instead of some
            self.fault, self.instead = VIEW_GONE, SHOWN_WITHOUT_IT
        try:
            tree = parse_filter(self.where)
            self.condition = condition_of(tree, self.noun, actor=self.actor)
        except DomainError as error:
            self.fault, self.instead = error.message, SHOWN_WITHOUT
            return NOTHING
        return tree

    @cached_property
    def columns(self) -> tuple[str, ...]:
        asked = only_known(filter(None, self.given.get("columns", "").split(",")), self.fields)
        kept = self.preference.columns if self.preference else ()
        of_view = self.view.columns if self.view else ()
        first = self.kind.columns[0]
        for keys in (asked, only_known(kept, self.fields), only_known(of_view, self.fields)):
            if keys:
                return tuple(dict.fromkeys((first, *keys)))
        usual = [*self.kind.columns, *(key for key, each in self.fields.items() if _in_lists(each))]
        return only_known(usual, self.fields)

    @cached_property
    def order(self) -> str:
        """A field of which the list has an order, with a minus from high to low; empty is newest first."""
        kept = self.preference.order if self.preference else ""
        for order in (
            self.given.get("sort", ""),
            kept,
            self.view.order if self.view else "",
            self.kind.order,
        ):
            key = order.removeprefix("-")
            if key in self.fields and self.fields[key].is_ordered:
                return order
        return ""

    def narrowed(self, records: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that the filter leaves; also those of the older custom.key=value in the address."""
        if self.tree:
            records = records.filter(self.condition)
        custom = {name: str(text) for name, text in self.given.items() if name.startswith(PREFIX) and text}
        if custom and self.noun in objects():
            try:
                records = filtered(records, custom, open_fields(self.noun, actor=self.actor))
            except DomainError as error:
                self.fault, self.instead = error.message, SHOWN_WITHOUT
        return records

    def exactly(self, records: QuerySet[Any]) -> QuerySet[Any]:
        """The same for whoever changes them: refused where the address is not understood, never more than was asked."""
        rows = self.narrowed(records)
        self._refuse_fault()
        return rows

    def exact_tree(self) -> Group:
        """The same for whoever keeps the filter: an address that is not understood is not one without a filter."""
        tree = self.tree
        self._refuse_fault()
        return tree

    def _refuse_fault(self) -> None:
        if self.fault:
            raise DomainError(self.fault, code="bad_filter")

    @property
    def warning(self) -> str:
        """What stands over a list that is shown all the same."""
        return f"{self.fault} {self.instead}".strip()

    def page(self, records: QuerySet[Any], *, size: int = PAGE_SIZE) -> Page[Any]:
        rows, after = self.only_shown(self.narrowed(records)), self.given.get("after", "")
        if not self.order:
            return newest_first(rows, after=after, is_searched=bool(self.text), size=size)
        wanted = self.fields[self.order.removeprefix("-")]
        expression, may_be_empty = place_of(wanted, self.kind)
        try:
            return by_place(
                rows,
                expression,
                descending=self.order.startswith("-"),
                may_be_empty=may_be_empty,
                after=after,
                size=size,
            )
        except DomainError as error:
            self.fault, self.instead = error.message, ""
            return by_place(rows, expression, may_be_empty=may_be_empty, size=size)

    def only_shown(self, records: QuerySet[Any]) -> QuerySet[Any]:
        """Just the columns that the page needs, and the names of what they point to."""
        shown = [self.fields[key] for key in self.columns]
        names, joined = {"created_at", "version", *self.extra}, set()
        for each in shown:
            if each.definition is None:
                path = each.column or each.key
                if each.kind in {"person", "link"} or "__" in path:
                    head = path.rpartition("__")[0] or path
                    joined.add(head)
                    names |= {f"{head}__{name}" for name in name_columns(self.kind, head)}
                    names.add(path.partition("__")[0])
                else:
                    names |= {path, *BESIDE.get(each.key, ())}
        custom = {
            alias(each.definition.key): KeyTransform(each.definition.key, "custom")
            for each in shown
            if each.definition
        }
        plain: Any = records.select_related(None)
        plain = plain.select_related(*joined) if joined else plain
        return plain.only(*names).annotate(**custom)  # type: ignore[no-any-return]  # the stubs lose annotations

    @property
    def is_narrowed(self) -> bool:
        return bool(self.tree or self.text or any(name.startswith(PREFIX) for name in self.given))

    @property
    def is_changed(self) -> bool:
        """Whether the address says something else than the saved view it names."""
        if self.view is None:
            return bool(self.tree)
        order = self.given.get("sort", self.view.order)
        return (format_filter(self.tree), self.text, order, self.board) != (
            self.view.where,
            self.view.text,
            self.view.order,
            self.view.board,
        )

    def address(self, **changes: str | None) -> str:
        """The query of this page with some of it changed; None takes a part away."""
        values = {name: text for name, text in self.given.items() if name != "after" and text}
        for name, text in changes.items():
            values.pop(name, None)
            if text is not None:
                values[name] = text
        return f"?{address_of(values)}"


# Columns that a cell reads beside its own.
BESIDE = {
    "city": ("country_hq",),
    "revenue_amount": ("revenue_currency",),
    "deal_amount": ("deal_amount_currency",),
    "email_status": ("email", "do_not_email", "opted_out_at", "paused_until"),
}


def address_of(values: Mapping[str, str]) -> str:
    """An address that people can read: what a filter is made of stays as it is."""
    return urlencode(values, safe=READABLE, quote_via=quote)


def name_columns(kind: ListKind, head: str) -> tuple[str, ...]:
    """The columns of which a record that is pointed to makes its name."""
    model: Any = kind.model
    for name in head.split("__"):
        model = model._meta.get_field(name).related_model
    known = {each.name for each in model._meta.fields}
    return tuple(name for name in ("name", "title", "email", "key") if name in known)


def place_of(wanted: ListField, kind: ListKind) -> tuple[Any, bool]:
    if wanted.definition is not None:
        return wanted.definition.type.sort_expression(wanted.definition.key), True
    path = wanted.column or wanted.key
    column: Any = kind.model._meta.get_field(path)
    return (Lower(path) if wanted.order_by == "lower" else F(path)), bool(column.null)


def _in_lists(each: ListField) -> bool:
    return each.definition is not None and each.definition.in_list
