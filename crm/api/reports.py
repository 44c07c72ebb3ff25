"""Figures about deals, for programs: every rate with its count and base, every amount with its currency."""

from datetime import date
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.open_reports import WithOpenReports
from crm.api.report_shapes import TotalShape, only, total_of
from crm.selectors.deal_health import audit, judged_deals
from crm.selectors.deal_reports import BY, Row, deal_report
from crm.selectors.forecast import PeriodForecast, after, month_of, period_forecast, quarter_of
from gtmos.kernel import clock
from gtmos.kernel.api import actor_of
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.wording import wilson


class ReportRow(serializers.Serializer[Any]):
    key = serializers.CharField()
    deals = serializers.IntegerField()
    open = serializers.IntegerField()
    won = serializers.IntegerField()
    lost = serializers.IntegerField()
    closed = serializers.IntegerField(help_text="The base of the win rate.")
    win_rate = serializers.FloatField(allow_null=True)
    win_rate_low = serializers.FloatField(allow_null=True, help_text="95 % interval (Wilson).")
    win_rate_high = serializers.FloatField(allow_null=True)
    won_amount = TotalShape(allow_null=True, help_text="Null where the role may not see amounts.")
    average_won = serializers.DecimalField(max_digits=24, decimal_places=2, allow_null=True)
    days_to_win = serializers.FloatField(allow_null=True, help_text="Mean days from start to signing.")
    median_days_to_win = serializers.FloatField(allow_null=True)
    days_to_lose = serializers.FloatField(allow_null=True)


class DealReport(serializers.Serializer[Any]):
    by = serializers.CharField()
    rows = ReportRow(many=True)


class ForecastShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    currency = serializers.CharField()
    won = serializers.DecimalField(max_digits=24, decimal_places=2)
    commit = serializers.DecimalField(max_digits=24, decimal_places=2)
    best_case = serializers.DecimalField(max_digits=24, decimal_places=2)
    upside = serializers.DecimalField(max_digits=24, decimal_places=2)
    weighted = serializers.DecimalField(max_digits=24, decimal_places=2)
    deals = serializers.IntegerField()
    slipped = serializers.IntegerField(help_text="Open deals that were to be signed before the period.")
    undated = serializers.IntegerField(help_text="Open deals with no day of signing.")
    rates_from = serializers.DateField(allow_null=True)
    left_out = serializers.DictField(child=serializers.CharField())


class Forecasts(serializers.Serializer[Any]):
    periods = ForecastShape(many=True)


class CheckShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    failing = serializers.IntegerField()
    base = serializers.IntegerField(help_text="Open deals that were looked at.")
    deals = serializers.ListField(child=serializers.UUIDField(), help_text="The first of them.")


class PipelineReview(serializers.Serializer[Any]):
    checks = CheckShape(many=True)


class ReportView(WithOpenReports):
    """Reports over the deals that the caller may see."""

    queryset: Any = None
    serializer_class = DealReport
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("by", OpenApiTypes.STR, description=f"{', '.join(BY)} or custom.<field>."),
            OpenApiParameter("since", OpenApiTypes.DATE, description="Closed on or after this day."),
            OpenApiParameter("until", OpenApiTypes.DATE, description="Closed on or before this day."),
        ],
        responses=DealReport,
    )
    @action(detail=False, methods=["get"])
    def deals(self, request: Request) -> Response:
        """Win rates, won value and cycle times."""
        only(request, "by", "since", "until")
        by = request.query_params.get("by", "") or "nothing"
        try:
            rows = deal_report(
                by, actor=actor_of(request), since=_day(request, "since"), until=_day(request, "until")
            )
        except DomainError as error:
            if error.code != "unknown_group":
                raise
            raise ValidationError({"by": [error.message]}, code="bad_parameter") from error
        return Response({"by": by, "rows": [_row(row) for row in rows]})

    @extend_schema(parameters=[], responses=Forecasts)
    @action(detail=False, methods=["get"])
    def forecast(self, request: Request) -> Response:
        """Weighted, commit, best case and upside of this and the next month and quarter."""
        only(request)
        actor, today = actor_of(request), clock.today()
        periods = [each for first in (month_of(today), quarter_of(today)) for each in (first, after(first))]
        return Response({"periods": [_period(period_forecast(each, actor=actor)) for each in periods]})

    @extend_schema(parameters=[], responses=PipelineReview)
    @action(detail=False, methods=["get"], url_path="pipeline-review")
    def pipeline_review(self, request: Request) -> Response:
        """How many open deals fail each check."""
        only(request)
        checks = audit(judged_deals(actor=actor_of(request)))
        shown = [
            {
                "code": each.code,
                "name": each.label,
                "failing": each.failing,
                "base": each.base,
                "deals": [str(deal.pk) for deal in each.deals],
            }
            for each in checks
        ]
        return Response({"checks": shown})


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ValidationError({name: ["Write a day like 2026-01-31."]}, code="bad_parameter") from error


def _row(row: Row) -> dict[str, Any]:
    low, high = wilson(row.won, row.closed) if row.closed else (None, None)
    return {
        "key": row.key,
        "deals": row.deals,
        "open": row.open,
        "won": row.won,
        "lost": row.lost,
        "closed": row.closed,
        "win_rate": row.win_rate,
        "win_rate_low": low,
        "win_rate_high": high,
        "won_amount": total_of(row.won_amount),
        "average_won": None if row.average_won is None else str(row.average_won),
        "days_to_win": row.days_to_win,
        "median_days_to_win": row.median_days_to_win,
        "days_to_lose": row.days_to_lose,
    }


def _period(found: PeriodForecast) -> dict[str, Any]:
    figures = found.figures
    return {
        "name": found.period.label,
        "starts_on": found.period.starts_on,
        "ends_on": found.period.ends_on,
        "currency": found.currency,
        "won": str(figures.won),
        "commit": str(figures.commit),
        "best_case": str(figures.best_case),
        "upside": str(figures.upside),
        "weighted": str(figures.weighted),
        "deals": figures.deals,
        "slipped": found.slipped,
        "undated": found.undated,
        "rates_from": found.rates_from,
        "left_out": {currency: str(amount) for currency, amount in found.left_out},
    }
