"""What the schema says about every address: its headers, its paging and filters, its refusals."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from gtmos.kernel.api_access import SAFE

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details. `code` is stable; `request_id` stands in the server's log.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "merged_into": {"type": "string", "description": "Where it goes on, of a record that was merged."},
        "errors": {"description": "Which fields were not accepted, and why."},
    },
}
REFUSALS = {
    "301": "It was merged into another record, which `Location` names; only while the merge stands.",
    "400": "A value or parameter was not accepted.",
    "401": "No token, or one that is unknown, expired or revoked.",
    "403": "The token's scopes or the person's role do not allow it.",
    "404": "There is no such record, or it is not yours to see.",
    "409": "The record does not allow it now, or the same request is still running.",
    "410": "It was merged into the record that `merged_into` names.",
    "412": "The record has changed since it was read.",
    "422": "The values cannot be understood together.",
    "428": "`If-Match` is missing.",
    "429": "Too many requests this minute; `Retry-After` says how long to wait.",
}
REFUSALS_OF = {
    "get": ("400", "401", "403", "404", "422", "429"),
    "post": ("400", "401", "403", "404", "409", "422", "429"),
    "patch": ("400", "401", "403", "404", "409", "412", "422", "428", "429"),
    "delete": ("401", "403", "404", "409", "412", "428", "429"),
}
KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="With the same key the request has its effect once and gets the same answer for 24 hours.",
)
MATCH = OpenApiParameter(
    "If-Match",
    location=OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the version that was read.",
)
FIELDS = OpenApiParameter(
    "fields", description="Only these fields, separated by commas; the answer then lacks the others."
)
CUSTOM = OpenApiParameter(
    "custom.KEY",
    description="The value of a custom field; `/api/v1/fields/` names them with their types. `custom.KEY__gte`, `__lte`, `__contains` and `__empty` where its type has them.",
)
SORT = OpenApiParameter(
    "sort", description="`custom.KEY` or `-custom.KEY`; without it the newest come first."
)
ORDER = "By this column; with a minus the greatest first. Rows without a value come last."
WORDS = OpenApiParameter("q", description="Words to search for.")


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library has no types
    target_class = "gtmos.kernel.api_access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        del auto_schema
        return {"type": "http", "scheme": "bearer", "description": "`manage.py token EMAIL` makes one."}


class DoorSchema(AutoSchema):
    """Adds what no view has to say by itself."""

    def get_override_parameters(self) -> list[Any]:
        if self.method in SAFE:
            return [FIELDS, *(self._filters() if self._is_list_view() else [])]
        return {"POST": [KEY]}.get(self.method, [MATCH])

    def _filters(self) -> list[OpenApiParameter]:
        view: Any = self.view
        is_list = view.action == "list" and hasattr(view, "all_filters")
        filters = view.all_filters() if is_list else getattr(view, "filters", {})
        named = [OpenApiParameter(name, description=each.says) for name, each in filters.items()]
        if getattr(view, "custom_object", ""):
            named += [CUSTOM, SORT]
        orders = view.all_orders() if is_list else ()
        if orders:
            choices = [each for name in orders for each in (name, f"-{name}")]
            named.append(OpenApiParameter("ordering", description=ORDER, enum=choices))
        return [WORDS, *named] if getattr(view, "searches", False) else named


def _refusals(method: str, operation: dict[str, Any]) -> set[str]:
    """A verb that asks for the version it is about can miss it."""
    names = {each["name"] for each in operation.get("parameters", ())}
    return {*REFUSALS_OF.get(method, ()), *(("412", "428") if "If-Match" in names else ())}


def _moves(path: str, method: str, paths: Mapping[str, Any]) -> set[str]:
    """What can be merged can be merged away."""
    record, key, _ = path.partition("{id}/")
    if not key or f"{record}{key}merge/" not in paths:
        return set()
    return {"301"} if method == "get" else {"410"}


def describe_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation can be refused, always in one shape."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in sorted(_refusals(method, operation) | _moves(path, method, result["paths"])):
                answer = {"description": REFUSALS[status], "content": {"application/problem+json": reference}}
                operation["responses"].setdefault(status, answer)
    return result
