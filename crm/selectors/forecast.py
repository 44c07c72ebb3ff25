"""What the open deals of a period will bring, and how right earlier forecasts were."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, NullIf

from crm.enums import DealState
from crm.models import Deal, ForecastSnapshot, Pipeline
from crm.scoring.forecast import (
    BEST_CASE,
    BEST_CASE_FROM,
    COMMIT,
    COMMIT_FROM,
    UPSIDE,
    WON,
    Forecast,
    Part,
    category_of,
    error_of,
    forecast,
    mean_absolute_error,
)
from crm.selectors.currencies import Amount, organisation_currency, total
from crm.selectors.visibility import visible_deals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.records import visible_to
from gtmos.kernel.rights import hidden_fields

MONEY = DecimalField(max_digits=24, decimal_places=6)
OPEN_STATES = (DealState.OPEN,)
Narrow = Callable[[QuerySet[Deal]], QuerySet[Deal]]
# The categories whose deals a figure is the sum of.
BUILT_OF = {
    WON: (WON,),
    COMMIT: (WON, COMMIT),
    BEST_CASE: (WON, COMMIT, BEST_CASE),
    UPSIDE: (WON, COMMIT, BEST_CASE, UPSIDE),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A quarter or a month, both days included."""

    starts_on: date
    ends_on: date

    @property
    def label(self) -> str:
        if self.ends_on - self.starts_on > timedelta(days=40):
            return f"{self.starts_on.year} Q{(self.starts_on.month + 2) // 3}"
        return self.starts_on.strftime("%B %Y")


@dataclass(frozen=True, slots=True)
class PeriodForecast:
    """`slipped` and `undated` are open deals outside the period's sums: signing day passed before it, or not known."""

    period: Period
    figures: Forecast
    currency: str
    rates_from: date | None
    rates_to: date | None
    left_out: tuple[tuple[str, Decimal], ...]
    slipped: int
    undated: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A Monday's forecast beside what came; errors are parts of what came, 0.2 is a fifth too high."""

    taken_on: date
    deals: int
    commit: Decimal
    weighted: Decimal
    commit_error: float | None
    weighted_error: float | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A period that is over: what was won, and what each Monday of it had said."""

    period: Period
    actual: Decimal
    won_deals: int
    currency: str
    weeks: tuple[Kept, ...]


def quarter_of(day: date) -> Period:
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return Period(first, _after_months(first, 3) - timedelta(days=1))


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    return Period(first, _after_months(first, 1) - timedelta(days=1))


def after(period: Period) -> Period:
    following = period.ends_on + timedelta(days=1)
    is_quarter = period.ends_on - period.starts_on > timedelta(days=40)
    return quarter_of(following) if is_quarter else month_of(following)


def refuse_hidden_amounts(actor: Actor) -> None:
    if "deal_amount" in hidden_fields(Deal, actor=actor):
        raise NotPermittedError(
            "A forecast is made of amounts, which your role may not see.", code="not_permitted"
        )


def period_forecast(
    period: Period, *, actor: Actor, pipeline: Pipeline | None = None, narrow: Narrow | None = None
) -> PeriodForecast:
    """Two statements, and one for the rates where there are several currencies."""
    refuse_hidden_amounts(actor)
    deals = _counted(visible_deals(actor=actor), pipeline)
    deals = narrow(deals) if narrow is not None else deals
    parts, sums = converted(_sums(deals, period))
    aside = deals.filter(deal_state__in=OPEN_STATES).aggregate(
        slipped=Count("pk", filter=Q(deal_expected_signing_date__lt=period.starts_on)),
        undated=Count("pk", filter=Q(deal_expected_signing_date=None)),
    )
    return PeriodForecast(
        period,
        forecast(parts),
        organisation_currency(),
        sums.rates_from,
        sums.rates_to,
        sums.left_out,
        aside["slipped"],
        aside["undated"],
    )


def forecast_rows(
    period: Period, *, actor: Actor, upto: str = UPSIDE, narrow: Narrow | None = None
) -> QuerySet[Deal]:
    """The deals behind one figure of the period: won, commit, best case, upside or weighted."""
    refuse_hidden_amounts(actor)
    deals = visible_deals(actor=actor).filter(_won_in(period) | _due_in(period))
    deals = narrow(deals) if narrow is not None else deals
    by_chance = Case(
        When(stage__probability__gte=COMMIT_FROM, then=Value(COMMIT)),
        When(stage__probability__gte=BEST_CASE_FROM, then=Value(BEST_CASE)),
        default=Value(UPSIDE),
        output_field=TextField(),
    )
    said = (
        NullIf(Cast(name, TextField()), Value(""))
        for name in ("forecast_category", "stage__forecast_category")
    )
    category = Case(
        When(deal_state=DealState.WON, then=Value(WON)),
        default=Coalesce(*said, by_chance, output_field=TextField()),
        output_field=TextField(),
    )
    return deals.annotate(category=category).filter(category__in=BUILT_OF.get(upto, BUILT_OF[UPSIDE]))


def parts_by_owner(period: Period, pipeline: Pipeline, *, actor: Actor) -> dict[tuple[Any, Any], list[Part]]:
    """For the snapshots: the same parts, apart for each owner and team."""
    rows = defaultdict(list)
    for row in _sums(_counted(visible_deals(actor=actor), pipeline), period, "owner_id", "team_id"):
        rows[row["owner_id"], row["team_id"]].append(row)
    return {key: converted(found)[0] for key, found in rows.items()}


def visible_snapshots(*, actor: Actor) -> QuerySet[ForecastSnapshot]:
    return visible_to(actor, ForecastSnapshot.objects.select_related("pipeline"))


def accuracy(*, actor: Actor, whose: Mapping[str, Any] | None = None, most: int = 8) -> list[Accuracy]:
    """Of the last periods that are over and were forecast, the newest first.

    `whose` names a pipeline, an owner or a team: what a kept forecast says of itself. What was kept while the
    organisation counted in another currency is no forecast of these sums.
    """
    refuse_hidden_amounts(actor)
    whose = whose or {}
    snapshots = visible_snapshots(actor=actor).filter(
        ends_on__lt=clock.today(), currency=organisation_currency(), **whose
    )
    weeks: Iterable[Any] = (
        snapshots.order_by()
        .values("starts_on", "ends_on", "taken_on")
        .filter(taken_on__gte=F("starts_on"))
        .annotate(commits=Sum("commit"), weights=Sum("weighted"), count=Sum("deals"))
        .order_by("-starts_on", "taken_on")
    )
    by_period: dict[Period, list[dict[str, Any]]] = {}
    for row in weeks:
        by_period.setdefault(Period(row["starts_on"], row["ends_on"]), []).append(row)
    return [_accuracy(period, rows, whose, actor) for period, rows in list(by_period.items())[:most]]


def overall_error(periods: Sequence[Accuracy]) -> tuple[float | None, int]:
    """Mean absolute error of the first Monday's weighted forecast, and over how many periods."""
    return mean_absolute_error(each.weeks[0].weighted_error for each in periods if each.weeks)


def _accuracy(period: Period, rows: list[dict[str, Any]], whose: Mapping[str, Any], actor: Actor) -> Accuracy:
    of_deals = {"stage__pipeline" if name == "pipeline" else name: value for name, value in whose.items()}
    won = _counted(visible_deals(actor=actor), None).filter(_won_in(period), **of_deals)
    amounts = won.order_by().values_list("deal_amount_currency").annotate(Sum("deal_amount"), Count("pk"))
    found = list(amounts)
    actual = total(
        (Amount(amount or Decimal(0), currency, period.ends_on) for currency, amount, _ in found),
        currency=organisation_currency(),
    ).amount
    weeks = tuple(
        Kept(
            row["taken_on"],
            row["count"],
            row["commits"],
            row["weights"],
            error_of(row["commits"], actual),
            error_of(row["weights"], actual),
        )
        for row in rows
    )
    return Accuracy(period, actual, sum(count for *_, count in found), organisation_currency(), weeks)


def _counted(deals: QuerySet[Deal], pipeline: Pipeline | None) -> QuerySet[Deal]:
    deals = deals.select_related(None).order_by()
    return deals.filter(stage__pipeline=pipeline) if pipeline is not None else deals


def _won_in(period: Period) -> Q:
    return Q(deal_state=DealState.WON, deal_signing_date__range=(period.starts_on, period.ends_on))


def _due_in(period: Period) -> Q:
    return Q(deal_state__in=OPEN_STATES, deal_expected_signing_date__range=(period.starts_on, period.ends_on))


def _sums(deals: QuerySet[Deal], period: Period, *by: str) -> Iterable[dict[str, Any]]:
    due = _due_in(period)
    amount = Coalesce(Cast("deal_amount", MONEY), Decimal(0), output_field=MONEY)
    chance = ExpressionWrapper(amount * Cast("stage__probability", MONEY), output_field=MONEY)
    rows: Iterable[Any] = (
        deals.filter(_won_in(period) | due)
        .values(
            *by,
            "deal_state",
            "forecast_category",
            "stage__forecast_category",
            "stage__probability",
            "deal_amount_currency",
        )
        .annotate(count=Count("pk"), amount=Sum(amount), weighted=Sum(chance))
    )
    return rows


@dataclass(frozen=True, slots=True)
class Converted:
    rates_from: date | None
    rates_to: date | None
    left_out: tuple[tuple[str, Decimal], ...]


def converted(rows: Iterable[dict[str, Any]]) -> tuple[list[Part], Converted]:
    """In the organisation's currency by today's rate; a currency without a rate is told of, never counted as nothing."""
    home, day = organisation_currency(), clock.today()
    found = list(rows)
    whole = total((Amount(row["amount"], row["deal_amount_currency"], day) for row in found), currency=home)
    missing = {currency for currency, _ in whole.left_out}
    rates = {
        currency: total([Amount(Decimal(1_000_000), currency, day)], currency=home).amount / 1_000_000
        for currency in {row["deal_amount_currency"] for row in found} - {home} - missing
    }
    parts = [
        Part(
            _category(row),
            row["count"],
            row["amount"] * rates.get(row["deal_amount_currency"], Decimal(1)),
            row["weighted"] * rates.get(row["deal_amount_currency"], Decimal(1)),
        )
        for row in found
        if row["deal_amount_currency"] not in missing
    ]
    return parts, Converted(whole.rates_from, whole.rates_to, whole.left_out)


def _category(row: dict[str, Any]) -> str:
    if row["deal_state"] == DealState.WON:
        return WON
    return category_of(row["forecast_category"], row["stage__forecast_category"], row["stage__probability"])


def _after_months(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
