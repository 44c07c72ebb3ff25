"""The rows behind each number of a report: the same conditions, so that they add up to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, ExpressionWrapper, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce

from crm.enums import DealState
from crm.models import Activity, Deal
from crm.selectors.activity_report import activity_rows
from crm.selectors.currencies import Amount, Total, organisation_currency, total
from crm.selectors.deal_health import CHECKS, failing
from crm.selectors.deal_reports import BY, Narrow, grouped_deals
from crm.selectors.forecast import MONEY, Period, after, forecast_rows, month_of, quarter_of
from crm.selectors.pipeline_report import pipeline_rows
from crm.selectors.report_scope import Scope, narrowed
from crm.selectors.visibility import visible_deals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.rights import hidden_fields

CLOSED = Q(deal_state__in=(DealState.WON, DealState.LOST))
FIGURES = {
    "all": ("Deals", Q()),
    "won": ("Won deals", Q(deal_state=DealState.WON)),
    "lost": ("Lost deals", Q(deal_state=DealState.LOST)),
    "closed": ("Closed deals", CLOSED),
    "open": ("Open deals", ~CLOSED),
}
OF_FORECAST = {
    "won": "Won",
    "commit": "Commit",
    "best_case": "Best case",
    "upside": "Upside",
    "weighted": "Weighted",
}
SPANS = ("month", "next_month", "quarter", "next_quarter")


@dataclass(frozen=True, slots=True)
class Behind:
    """One of the two holds rows. `is_weighted` says that amounts count by the probability of their stage."""

    title: str
    deals: QuerySet[Deal] | None = None
    activities: QuerySet[Activity] | None = None
    is_weighted: bool = False


def behind(report: str, given: Mapping[str, str], scope: Scope, *, is_timed: bool, actor: Actor) -> Behind:
    """`is_timed` is whether the report of deals asks for days of closing at all."""

    def narrow(deals: QuerySet[Deal]) -> QuerySet[Deal]:
        return narrowed(deals, scope, actor=actor)

    if report == "stages":
        by, key = given.get("by") or "stage", given.get("key", "")
        return Behind(
            f"Open deals: {key}" if key else "Open deals",
            deals=pipeline_rows(by, actor=actor, key=key, narrow=narrow),
        )
    if report == "deals":
        days = (scope.since, scope.until) if is_timed else (None, None)
        return _of_deals(given, days, narrow, actor)
    if report == "forecast":
        return _of_forecast(given, narrow, actor)
    if report == "activity":
        by, key = given.get("by") or "person", given.get("key", "")
        rows = activity_rows(by, scope, actor=actor, key=key, kind=given.get("kind", ""))
        return Behind(f"Activities: {key}" if key else "Activities", activities=rows)
    if report == "review":
        code = given.get("figure", "")
        if code in CHECKS:
            keys = [deal.pk for deal in failing(code, actor=actor, narrow=narrow)]
            return Behind(CHECKS[code], deals=visible_deals(actor=actor).filter(pk__in=keys))
    raise NotFoundError("There is no such report.", code="unknown_report")


def period_named(span: str) -> Period:
    period = month_of(clock.today()) if span.endswith("month") else quarter_of(clock.today())
    return after(period) if span.startswith("next_") else period


def count_and_sum(found: Behind, *, actor: Actor) -> tuple[int, Total | None]:
    """One statement over all rows, not over those of one page; no sum where the role hides amounts."""
    if found.activities is not None:
        return found.activities.count(), None
    assert found.deals is not None
    deals: Any = found.deals.select_related(None).order_by()
    amount: Any = Coalesce(Cast("deal_amount", MONEY), Decimal(0), output_field=DecimalField())
    if found.is_weighted:
        chance = Cast("stage__probability", MONEY)
        won = Q(deal_state=DealState.WON)
        open_sum = Sum(ExpressionWrapper(amount * chance, output_field=MONEY), filter=~won)
        summed: Any = Coalesce(open_sum, Decimal(0), output_field=MONEY) + Coalesce(
            Sum(amount, filter=won), Decimal(0), output_field=MONEY
        )
    else:
        summed = Sum(amount)
    rows = list(deals.values("deal_amount_currency").annotate(many=Count("pk"), whole=summed))
    if "deal_amount" in hidden_fields(Deal, actor=actor):
        return sum(row["many"] for row in rows), None
    amounts = [
        Amount(row["whole"], row["deal_amount_currency"], clock.today()) for row in rows if row["whole"]
    ]
    return sum(row["many"] for row in rows), total(amounts, currency=organisation_currency())


def _of_deals(
    given: Mapping[str, str], days: tuple[date | None, date | None], narrow: Narrow, actor: Actor
) -> Behind:
    by, key = given.get("by") or "nothing", given.get("key", "")
    title, condition = FIGURES.get(given.get("figure", ""), FIGURES["all"])
    deals: Any = grouped_deals(by, actor=actor, since=days[0], until=days[1], narrow=narrow)
    deals = visible_deals(actor=actor).filter(
        pk__in=(deals.filter(key=key) if key else deals).filter(condition).values("pk")
    )
    named = f"{title}: {BY.get(by, by.removeprefix('custom.'))} {key}" if key and by != "nothing" else title
    return Behind(named, deals=deals)


def _of_forecast(given: Mapping[str, str], narrow: Narrow, actor: Actor) -> Behind:
    figure = given.get("figure", "upside")
    figure = figure if figure in OF_FORECAST else "upside"
    span = given.get("span", "quarter")
    period = period_named(span if span in SPANS else "quarter")
    upto = "upside" if figure == "weighted" else figure
    return Behind(
        f"{OF_FORECAST[figure]} of {period.label}",
        deals=forecast_rows(period, actor=actor, upto=upto, narrow=narrow),
        is_weighted=figure == "weighted",
    )
