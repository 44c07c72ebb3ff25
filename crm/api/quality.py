"""Merging two records, taking a merge back, pairs that may be one, and how clean the records are."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from crm.models import DuplicatePair, Merge
from crm.selectors.duplicates import open_pairs
from crm.selectors.hygiene import findings
from crm.selectors.merges import VISIBLE, led_on, visible_merges
from crm.services.duplicates import dismiss_pair
from crm.services.merging import MERGE, kind_of
from crm.services.unmerging import undo_merge
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Filter, RecordView, one_of


class MergeOrder(serializers.Serializer[Any]):
    """`choices`: field → `keep` or `other`. A field that is left out gets the value that the merge page proposes."""

    other_id = serializers.UUIDField()
    choices = serializers.DictField(child=serializers.ChoiceField(choices=("keep", "other")), required=False)


class MergeShape(serializers.ModelSerializer[Merge]):
    class Meta:
        model = Merge
        fields = (
            "id",
            "subject_type",
            "kept_id",
            "absorbed_id",
            "absorbed_name",
            "changed",
            "moved",
            "user_name",
            "created_at",
            "undone_at",
            "undone_notes",
        )
        read_only_fields = fields


class PairShape(serializers.ModelSerializer[DuplicatePair]):
    class Meta:
        model = DuplicatePair
        fields = (
            "id",
            "company_id",
            "other_company_id",
            "contact_id",
            "other_contact_id",
            "reasons",
            "score",
            "state",
            "created_at",
        )
        read_only_fields = fields


class HygieneFinding(serializers.Serializer[Any]):
    key = serializers.CharField(source="check.key")
    kind = serializers.CharField(source="check.kind")
    group = serializers.CharField(source="check.group")
    title = serializers.CharField(source="check.title")
    count = serializers.IntegerField()
    base = serializers.IntegerField()


class WithMerge(RecordView):
    """Adds `/{id}/merge/`: the record of the address is kept. One that was merged away leads to where it goes on."""

    def get_object(self) -> Any:
        try:
            return super().get_object()
        except Http404:
            kind = self.custom_object
            moved = led_on(kind, self.kwargs["pk"], actor=actor_of(self.request))
            if moved is None:
                raise
            raise moved from None

    @extend_schema(request=MergeOrder, responses={201: MergeShape})
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        del pk
        keep, actor = self.get_object(), actor_of(request)
        given = MergeOrder(data=request.data)
        given.is_valid(raise_exception=True)
        kind = kind_of(keep)
        other = VISIBLE[kind](actor=actor).filter(pk=given.validated_data["other_id"]).first()
        if other is None:
            raise ValidationError({"other_id": ["There is no such record, or you may not see it."]})
        done = MERGE[kind](keep, other, choices=given.validated_data.get("choices", {}), actor=actor)
        return Response(MergeShape(done).data, status=status.HTTP_201_CREATED)


@extend_schema_serializer(many=False)
class HygieneReport(serializers.Serializer[Any]):
    results = HygieneFinding(many=True)


class MergeView(RecordView):
    """Merges that were done, and the way back."""

    serializer_class = MergeShape
    filters: ClassVar[dict[str, Filter]] = {"subject_type": one_of("subject_type", tuple(MERGE))}

    def records(self, text: str, *, actor: Actor) -> QuerySet[Merge]:
        del text
        return visible_merges(actor=actor)

    @extend_schema(request=None, responses=MergeShape)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        del pk
        return Response(MergeShape(undo_merge(self.get_object(), actor=actor_of(request))).data)


class DuplicateView(RecordView):
    """Pairs that look like one record."""

    serializer_class = PairShape

    def records(self, text: str, *, actor: Actor) -> QuerySet[DuplicatePair]:
        del text
        return open_pairs("", actor=actor)

    @extend_schema(request=None, responses=PairShape)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        del pk
        return Response(PairShape(dismiss_pair(self.get_object(), actor=actor_of(request))).data)


class HygieneView(GenericViewSet[Any]):
    """What is missing, stale or contradictory, counted over the records that the caller sees."""

    serializer_class = HygieneFinding
    pagination_class = None

    @extend_schema(responses=HygieneReport, filters=False)
    def list(self, request: Request) -> Response:
        return Response({"results": HygieneFinding(findings(actor=actor_of(request)), many=True).data})
