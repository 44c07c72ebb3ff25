"""Custom fields in the lists: their columns, the filters above and the order."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.columns import (
    PREFIX,
    Cell,
    cells_of,
    filtered,
    in_order,
    open_fields,
    order_of,
    with_columns,
)
from gtmos.kernel.fields.schema import Definition, Fields
from gtmos.kernel.paging import Page, newest_first

YES_OR_NO = [("true", "Yes"), ("false", "No")]
KNOWN_OR_NOT = [("false", "Known"), ("true", "Not known")]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of rows with what stands beside each; `fault` says which filter was not understood."""

    page: Page[Any]
    cells: list[list[Cell]]
    heads: list[dict[str, Any]]
    filters: list[dict[str, Any]] = field(default_factory=list)
    fault: str = ""
    given: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> dict[str, Any]:
        return {
            "page": self.page,
            "custom_heads": self.heads,
            "custom_fault": self.fault,
            "custom_query": urlencode(self.given),
        }


def listing(records: QuerySet[Any], request: HttpRequest, noun: str, *, actor: Actor) -> Listing:
    fields = open_fields(noun, actor=actor)
    given = filters_given(request)
    fault = ""
    try:
        records = filtered(records, given, fields)
    except DomainError as error:
        fault = f"{error.message} The list is shown without this filter."
    sort, after = request.GET.get("sort", ""), request.GET.get("after", "")
    order = order_of(sort, fields)
    rows = with_columns(records, fields)
    is_searched = bool(request.GET.get("q"))
    shown = (
        in_order(rows, order, after=after)
        if order
        else newest_first(rows, after=after, is_searched=is_searched)
    )
    filters = [_filter(each, given) for each in _shown(fields)]
    return Listing(
        shown, cells_of(shown.rows, fields, actor=actor), heads(fields, sort), filters, fault, given
    )


def filters_given(request: HttpRequest) -> dict[str, str]:
    return {name: str(text) for name, text in request.GET.items() if name.startswith(PREFIX) and text}


def heads(fields: Fields, sort: str) -> list[dict[str, Any]]:
    """The columns; a click orders by one, a second click the other way, a third not at all."""
    found = []
    for each in _shown(fields):
        up, down = each.column, f"-{each.column}"
        following = {up: down, down: ""}.get(sort, up)
        direction = {up: "ascending", down: "descending"}.get(sort, "none")
        found.append(
            {
                "label": each.label,
                "next": following,
                "direction": direction,
                "is_number": each.type.is_numeric,
            }
        )
    return found


def _shown(fields: Fields) -> list[Definition]:
    return [each for each in fields.values() if each.in_list]


def _filter(each: Definition, given: dict[str, str]) -> dict[str, Any]:
    choices = [(choice, choice) for choice in each.options.get("choices", ())]
    if each.type.key == "boolean":
        choices = YES_OR_NO
    name = each.column if choices else f"{each.column}__empty"
    return {
        "name": name,
        "label": each.label,
        "value": given.get(name, ""),
        "choices": choices or KNOWN_OR_NOT,
    }
