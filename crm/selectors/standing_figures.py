"""How sales stand today in few statements: what is open, this quarter's forecast, what was won, what slips or changed."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from crm.enums import DealHealth, DealState
from crm.models import Deal
from crm.scoring.forecast import WON, Forecast, forecast
from crm.selectors.currencies import organisation_currency
from crm.selectors.forecast import MONEY, Narrow, Period, converted, quarter_of, visible_snapshots
from crm.selectors.visibility import visible_deals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.rights import hidden_fields

LARGEST = F("deal_amount").desc(nulls_last=True)
OPEN = Q(deal_state=DealState.OPEN)


Amounts = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Amounts by currency for which there is no rate, and which are in no sum."""

    open: Amounts
    due: Amounts
    won: Amounts
    quarter: Amounts


@dataclass(frozen=True, slots=True)
class Standing:
    """Sums in the organisation's currency. `open` is everything open, `due` what of it is to be signed this quarter."""

    quarter: Period
    currency: str
    open_deals: int
    open: Decimal
    weighted: Decimal
    due_deals: int
    due: Decimal
    forecast: Forecast
    left_out: LeftOut

    @property
    def is_empty(self) -> bool:
        return not (self.open_deals or self.forecast.won_deals or self.left_out.won)


def standing(*, actor: Actor, narrow: Narrow | None = None) -> Standing | None:
    """One statement, and one for rates; nothing where the role may not see amounts."""
    if "deal_amount" in hidden_fields(Deal, actor=actor):
        return None
    quarter = quarter_of(clock.today())
    rows = list(_rows(quarter, actor, narrow))
    open_rows = [row for row in rows if row["deal_state"] == DealState.OPEN]
    due_rows = [row for row in open_rows if row["in_quarter"]]
    everything, told = converted(open_rows)
    due, told_due = converted(due_rows)
    counted, told_quarter = converted([row for row in rows if row["in_quarter"]])
    return Standing(
        quarter,
        organisation_currency(),
        sum(row["count"] for row in open_rows),
        sum((part.amount for part in everything), Decimal(0)),
        sum((part.weighted for part in everything), Decimal(0)),
        sum(row["count"] for row in due_rows),
        sum((part.amount for part in due), Decimal(0)),
        forecast(counted),
        LeftOut(
            told.left_out,
            told_due.left_out,
            _without(told_due.left_out, told_quarter.left_out),
            told_quarter.left_out,
        ),
    )


def _without(part: Amounts, whole: Amounts) -> Amounts:
    known = dict(part)
    rest = ((currency, amount - known.get(currency, Decimal(0))) for currency, amount in whole)
    return tuple((currency, amount) for currency, amount in rest if amount)


def won_by(until: date, period: Period, *, actor: Actor) -> tuple[Decimal, Decimal]:
    """What was signed in the period, and of it by this day; one statement."""
    deals = visible_deals(actor=actor).select_related(None).order_by()
    won: Any = deals.filter(
        deal_state=DealState.WON, deal_signing_date__range=(period.starts_on, period.ends_on)
    )
    is_early = Case(
        When(deal_signing_date__lte=until, then=Value(value=True)),
        default=Value(value=False),
        output_field=BooleanField(),
    )
    rows = (
        won.annotate(is_early=is_early)
        .values("deal_amount_currency", "is_early")
        .annotate(
            count=Count("pk"),
            amount=Coalesce(Sum(Cast("deal_amount", MONEY)), Decimal(0), output_field=MONEY),
        )
    )
    found = [{**row, **AS_WON} for row in rows]
    whole, _ = converted(found)
    early, _ = converted([row for row in found if row["is_early"]])
    return sum((part.amount for part in whole), Decimal(0)), sum((part.amount for part in early), Decimal(0))


AS_WON: dict[str, Any] = {
    "deal_state": DealState.WON,
    "weighted": Decimal(0),
    "forecast_category": WON,
    "stage__forecast_category": "",
    "stage__probability": 1.0,
}


def snapshot_of_last_week(*, actor: Actor, owner: Any = None) -> dict[str, Any] | None:
    """What was forecast for this quarter at the last Monday but this week's; the newest that is six days old or older."""
    quarter = quarter_of(clock.today())
    kept = visible_snapshots(actor=actor).filter(
        starts_on=quarter.starts_on, ends_on=quarter.ends_on, taken_on__lte=clock.today() - timedelta(days=6)
    )
    kept = kept.filter(owner=owner) if owner is not None else kept
    rows: Any = kept.select_related(None).order_by().values("taken_on", "currency")
    newest: dict[str, Any] | None = (
        rows.annotate(weighted_sum=Sum("weighted"), commit_sum=Sum("commit"), won_sum=Sum("won"))
        .order_by("-taken_on")
        .first()
    )
    return newest


def deals_that_need_a_step(*, actor: Actor, narrow: Narrow | None = None) -> QuerySet[Deal]:
    """Open, and with no next step, a late one, a signing day that has passed, or judged at risk; worst first."""
    day = clock.today()
    red, late = Q(deal_health=DealHealth.RED), Q(next_step_due_on__lt=day)
    slipped, stepless = Q(deal_expected_signing_date__lt=day), Q(next_step="")
    rows = visible_deals(actor=actor).filter(OPEN & (red | late | slipped | stepless))
    rows = narrow(rows) if narrow is not None else rows
    worst = Case(When(red, then=0), When(slipped, then=1), When(late, then=2), default=3)
    return rows.alias(worst=worst).order_by("worst", LARGEST, "id")


def slipping_deals(*, actor: Actor) -> QuerySet[Deal]:
    """Open deals whose day of signing has passed, the largest first."""
    return (
        visible_deals(actor=actor)
        .filter(OPEN, deal_expected_signing_date__lt=clock.today())
        .order_by(LARGEST, "id")
    )


def largest_moves(*, actor: Actor, days: int = 7) -> QuerySet[Deal]:
    """Deals that entered a stage in the last days, won and lost ones among them, the largest first."""
    since = clock.today() - timedelta(days=days)
    return visible_deals(actor=actor).filter(stage_entered_at__date__gte=since).order_by(LARGEST, "id")


def _rows(quarter: Period, actor: Actor, narrow: Narrow | None) -> Any:
    span = (quarter.starts_on, quarter.ends_on)
    won = Q(deal_state=DealState.WON, deal_signing_date__range=span)
    due = OPEN & Q(deal_expected_signing_date__range=span)
    deals = visible_deals(actor=actor).select_related(None).order_by()
    deals = narrow(deals) if narrow is not None else deals
    amount = Coalesce(Cast("deal_amount", MONEY), Decimal(0), output_field=MONEY)
    chance = ExpressionWrapper(amount * Cast("stage__probability", MONEY), output_field=MONEY)
    in_quarter = Case(
        When(won | due, then=Value(value=True)), default=Value(value=False), output_field=BooleanField()
    )
    marked: Any = deals.filter(OPEN | won).annotate(in_quarter=in_quarter)
    return marked.values(
        "deal_state",
        "in_quarter",
        "forecast_category",
        "stage__forecast_category",
        "stage__probability",
        "deal_amount_currency",
    ).annotate(count=Count("pk"), amount=Sum(amount), weighted=Sum(chance))
