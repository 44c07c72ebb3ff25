"""What is open and what was done, for programs: the tables of the report pages with the same filters."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from crm.api.report_shapes import TotalShape, only, total_of
from crm.selectors.activity_report import BY as ACTIVITY_BY
from crm.selectors.activity_report import activity_report, activity_total
from crm.selectors.pipeline_report import BY as PIPELINE_BY
from crm.selectors.pipeline_report import Group, pipeline_groups, pipeline_trend, whole
from crm.selectors.report_scope import PERIODS, Scope, narrowed, scope_of
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.exceptions import InvalidInputError

WHOSE = ("owner", "team", "pipeline")
SEGMENT = ("field", "value", "currency")
TIME = ("period", "since", "until")
PARAMETERS = {
    "owner": OpenApiParameter("owner", OpenApiTypes.STR, description="The id of a colleague, or me."),
    "team": OpenApiParameter("team", OpenApiTypes.UUID),
    "pipeline": OpenApiParameter("pipeline", OpenApiTypes.UUID),
    "field": OpenApiParameter("field", OpenApiTypes.STR, description="A segment, such as country."),
    "value": OpenApiParameter("value", OpenApiTypes.STR, description="Of the segment."),
    "currency": OpenApiParameter("currency", OpenApiTypes.STR),
    "period": OpenApiParameter("period", OpenApiTypes.STR, description=f"{', '.join(PERIODS)}."),
    "since": OpenApiParameter("since", OpenApiTypes.DATE, description="With the period days."),
    "until": OpenApiParameter("until", OpenApiTypes.DATE),
}


class PipelineRow(serializers.Serializer[Any]):
    key = serializers.CharField()
    deals = serializers.IntegerField()
    amount = TotalShape(allow_null=True, help_text="Null where the role may not see amounts.")
    weighted = TotalShape(allow_null=True)


class PipelineDay(serializers.Serializer[Any]):
    day = serializers.DateField()
    deals = serializers.IntegerField()
    amount = TotalShape(allow_null=True, help_text="What was open at the end of the day, at today's amounts.")


class PipelineReport(serializers.Serializer[Any]):
    by = serializers.CharField()
    rows = PipelineRow(many=True)
    all = PipelineRow()
    trend = PipelineDay(many=True)


class ActivityRow(serializers.Serializer[Any]):
    key = serializers.CharField()
    count = serializers.IntegerField()
    before = serializers.IntegerField(
        allow_null=True, help_text="In as many days before; not by day or week."
    )
    kinds = serializers.DictField(child=serializers.IntegerField())


class ActivityReport(serializers.Serializer[Any]):
    by = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField()
    rows = ActivityRow(many=True)
    count = serializers.IntegerField()
    before = serializers.IntegerField()


class WithOpenReports(GenericViewSet[Any]):
    """Two more reports over what the caller may see."""

    @extend_schema(
        parameters=[
            OpenApiParameter("by", OpenApiTypes.STR, description=f"{', '.join(PIPELINE_BY)}."),
            *(PARAMETERS[name] for name in (*WHOSE, *SEGMENT)),
        ],
        responses=PipelineReport,
    )
    @action(detail=False, methods=["get"])
    def pipeline(self, request: Request) -> Response:
        """What is open by stage, owner or segment, and how it stood at the end of each of the last weeks."""
        actor, by, scope = _asked(request, "stage", *WHOSE, *SEGMENT)

        def narrow(deals: Any) -> Any:
            return narrowed(deals, scope, actor=actor)

        groups = _grouped(lambda: pipeline_groups(by, actor=actor, narrow=narrow))
        points = [
            {"day": each.day, "deals": each.deals, "amount": total_of(each.amount)}
            for each in pipeline_trend(actor=actor, narrow=narrow)
        ]
        rows = [_group(each) for each in groups]
        return Response({"by": by, "rows": rows, "all": _group(whole(groups)), "trend": points})

    @extend_schema(
        parameters=[
            OpenApiParameter("by", OpenApiTypes.STR, description=f"{', '.join(ACTIVITY_BY)}."),
            *(PARAMETERS[name] for name in (*TIME, *WHOSE)),
        ],
        responses=ActivityReport,
    )
    @action(detail=False, methods=["get"])
    def activity(self, request: Request) -> Response:
        """What was done in a period, against as many days before."""
        actor, by, scope = _asked(request, "person", *TIME, *WHOSE)
        lines = _grouped(lambda: activity_report(by, scope, actor=actor))
        count, before = activity_total(scope, actor=actor)
        rows = [
            {"key": each.key, "count": each.count, "before": each.before, "kinds": each.counts}
            for each in lines
        ]
        days = {"since": scope.since, "until": scope.until}
        return Response({"by": by, **days, "rows": rows, "count": count, "before": before})


def _asked(request: Request, usual: str, *known: str) -> tuple[Actor, str, Scope]:
    """Who asks, by what the rows are grouped, and of which records."""
    only(request, "by", *known)
    return actor_of(request), request.query_params.get("by", "") or usual, _scope(request)


def _scope(request: Request) -> Scope:
    try:
        return scope_of(request.query_params.dict(), today=clock.today())
    except InvalidInputError as error:
        raise ValidationError({"detail": [error.message]}, code="bad_parameter") from error


def _grouped(read: Any) -> Any:
    try:
        return read()
    except InvalidInputError as error:
        raise ValidationError({"by": [error.message]}, code="bad_parameter") from error


def _group(group: Group) -> dict[str, Any]:
    return {
        "key": group.key,
        "deals": group.deals,
        "amount": total_of(group.amount),
        "weighted": total_of(group.weighted),
    }
