"""The one search, for programs."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from gtmos.kernel.api import actor_of
from gtmos.kernel.search.finding import Hit, find
from gtmos.kernel.search.kinds import kinds
from gtmos.workspace.selectors.finding import address

MOST_HITS = 50


class HitCompany(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class HitShape(serializers.Serializer[Any]):
    kind = serializers.CharField()
    id = serializers.CharField()
    name = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    company = HitCompany(allow_null=True)
    sentence = serializers.CharField(allow_blank=True, help_text="The passage that matched, as plain text.")
    why = serializers.ListField(child=serializers.CharField(), help_text="How it was found.")
    score = serializers.FloatField(help_text="Sum of 1 / (60 + rank) over the rankings it stands in.")
    url = serializers.CharField(allow_blank=True)


@extend_schema_serializer(many=False)
class FoundShape(serializers.Serializer[Any]):
    results = HitShape(many=True)
    by_meaning = serializers.BooleanField(help_text="Whether texts were compared by meaning.")
    notes = serializers.ListField(child=serializers.CharField())


class SearchView(GenericViewSet[Any]):
    """Everything the caller may see: by name, by words and by meaning."""

    serializer_class = FoundShape
    queryset: Any = None
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, required=True, description="What to look for."),
            OpenApiParameter("kind", OpenApiTypes.STR, description="Only this kind of record."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"Hits, at most {MOST_HITS}."),
        ],
        responses=FoundShape,
    )
    def list(self, request: Request) -> Response:
        text, kind = _text(request), request.query_params.get("kind", "")
        if kind and kind not in kinds():
            raise ValidationError({"kind": [f"Write one of: {', '.join(kinds())}."]}, code="bad_parameter")
        found = find(text, actor=actor_of(request), limit=_limit(request), only=[kind] if kind else [])
        body = {
            "results": [_row(hit) for hit in found.hits],
            "by_meaning": found.by_meaning,
            "notes": list(found.notes),
        }
        return Response(body)


def _text(request: Request) -> str:
    unknown = sorted(set(request.query_params) - {"q", "kind", "limit", "fields"})
    if unknown:
        words = ["There is no such parameter here."]
        raise ValidationError(dict.fromkeys(unknown, words), code="unknown_parameter")
    return request.query_params.get("q", "").strip()


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", "20")
    if not given.isascii() or not given.isdecimal() or not 0 < int(given[:9]) <= MOST_HITS:
        raise ValidationError({"limit": [f"Write a number from 1 to {MOST_HITS}."]}, code="bad_limit")
    return int(given)


def _row(hit: Hit) -> dict[str, Any]:
    company = hit.shown.company
    return {
        "kind": hit.kind.name,
        "id": str(hit.key),
        "name": hit.shown.name,
        "detail": hit.shown.detail,
        "company": {"id": company[0], "name": company[1]} if company else None,
        "sentence": hit.sentence,
        "why": list(hit.why),
        "score": round(hit.score, 6),
        "url": address(hit),
    }
