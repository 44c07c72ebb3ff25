"""Keyset pages of the API: newest first, the same cost at any depth, rows of one moment told apart."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from gtmos.kernel import api_queries
from gtmos.kernel.api import actor_of
from gtmos.kernel.fields.columns import in_order, open_fields, order_of
from gtmos.kernel.fields.schema import Definition
from gtmos.kernel.paging import newest_first

PAGE_SIZE = 50
LARGEST_PAGE = 200


class KeysetPagination(BasePagination):
    """`?cursor=` and `?limit=`; the cursor is opaque and comes from the page before."""

    moment = "created_at"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        cursor = request.query_params.get("cursor", "")
        by, order, size = request.query_params.get("ordering", ""), _order(request, view), size_of(request)
        if by and order is not None:
            raise ValidationError({"sort": ["Give `ordering` or `sort`, not both."]}, code="bad_parameter")
        if by:
            page = api_queries.in_order(queryset, by, after=cursor, size=size)
        elif order is None:
            page = newest_first(queryset, after=cursor, size=size, moment=self.moment)
        else:
            page = in_order(queryset, order, after=cursor, size=size)
        if cursor and not page.has_previous:
            raise ValidationError({"cursor": ["This is no cursor of a page."]}, code="bad_cursor")
        self.next_cursor = page.next_cursor
        self.url = request.build_absolute_uri()
        return page.rows

    def get_paginated_response(self, data: Any) -> Response:
        following = replace_query_param(self.url, "cursor", self.next_cursor) if self.next_cursor else None
        return Response({"results": data, "next": following, "next_cursor": self.next_cursor or None})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next", "next_cursor"],
            "properties": {
                "results": schema,
                "next": {"type": ["string", "null"], "format": "uri"},
                "next_cursor": {"type": ["string", "null"]},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        del view
        limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "From `next_cursor` of the page before.",
                "schema": {"type": "string"},
            },
            {"name": "limit", "in": "query", "description": "Rows on a page.", "schema": limit},
        ]


def _order(request: Request, view: Any) -> tuple[Definition, bool] | None:
    """`?sort=custom.seats`, where the kind of record has fields of its own."""
    asked = request.query_params.get("sort", "")
    if not asked:
        return None
    order = order_of(asked, open_fields(getattr(view, "custom_object", ""), actor=actor_of(request)))
    if order is None:
        raise ValidationError({"sort": [f"{asked[:60]!r} cannot be used here."]}, code="bad_parameter")
    return order


class NewestKeysFirst(KeysetPagination):
    """For rows whose key counts up."""

    moment = "id"


def size_of(request: Request) -> int:
    given = request.query_params.get("limit", "")
    if not given:
        return PAGE_SIZE
    if not given.isascii() or not given.isdecimal() or not 0 < int(given[:9]) <= LARGEST_PAGE:
        raise ValidationError({"limit": [f"Write a number from 1 to {LARGEST_PAGE}."]}, code="bad_limit")
    return int(given)
