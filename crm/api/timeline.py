"""What happened around a record, of every kind, for programs."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from crm.selectors.timeline import KINDS, is_cursor, timeline
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_paging import LARGEST_PAGE, PAGE_SIZE, size_of
from gtmos.kernel.api_records import RecordView

KNOWN = frozenset({"kind", "cursor", "limit"})
NAMES = [name for name, _ in KINDS]


class HappeningShape(serializers.Serializer[Any]):
    """`record_type` and `record_id` name the row it was made of."""

    record_type = serializers.CharField(source="source")
    record_id = serializers.CharField(source="key")
    kind = serializers.ChoiceField(choices=KINDS)
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    is_untrusted = serializers.BooleanField(help_text="The text came from outside the house.")


class TimelineShape(serializers.Serializer[Any]):
    results = HappeningShape(many=True)
    next = serializers.URLField(allow_null=True)
    next_cursor = serializers.CharField(allow_null=True)


PARAMETERS = [
    OpenApiParameter("kind", str, enum=NAMES, description="Only this kind."),
    OpenApiParameter("cursor", str, description="From `next_cursor` of the page before."),
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
    ),
]


class WithTimeline(RecordView):
    """Adds `/{id}/timeline/`."""

    @extend_schema(responses=TimelineShape, parameters=PARAMETERS, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filters={}, searches=False, compares=False)
    def timeline(self, request: Request, pk: str) -> Response:
        """Notes, calls, meetings, mails, tasks, stage changes, signals and changes, the newest first."""
        del pk
        given = request.query_params
        _check(given)
        shown = timeline(
            self.get_object(),
            actor=actor_of(request),
            kind=given.get("kind", ""),
            after=given.get("cursor", ""),
            size=size_of(request),
        )
        cursor = shown.next_cursor or None
        following = replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None
        results = HappeningShape(shown.items, many=True).data
        return Response({"results": results, "next": following, "next_cursor": cursor})


def _check(given: Any) -> None:
    unknown = sorted(set(given) - KNOWN)
    if unknown:
        words = ["There is no such parameter here."]
        raise ValidationError(dict.fromkeys(unknown, words), code="unknown_parameter")
    if "kind" in given and given["kind"] not in NAMES:
        raise ValidationError({"kind": [f"One of {', '.join(NAMES)}."]}, code="bad_parameter")
    if given.get("cursor") and not is_cursor(given["cursor"]):
        raise ValidationError({"cursor": ["This is no cursor of a page."]}, code="bad_cursor")
