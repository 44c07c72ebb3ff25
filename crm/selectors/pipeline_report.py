"""Open deals as sums, by stage, owner or segment, and how they stood at the end of each of the last weeks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    Count,
    DateField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from crm.enums import DealState
from crm.models import Deal
from crm.selectors.currencies import Amount, Total, organisation_currency, total
from crm.selectors.deal_reports import Narrow, grouped_deals
from crm.selectors.forecast import MONEY
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.rights import hidden_fields

OPEN = Q(deal_state=DealState.OPEN)
CLOSED = Q(deal_state__in=(DealState.WON, DealState.LOST))
WEEKS = 13
BY = {
    "stage": "Stage",
    "owner": "Owner",
    "team": "Team",
    "product": "Product",
    "industry": "Industry",
    "country": "Country",
    "channel": "Channel",
    "campaign": "Campaign",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Open deals of one group; amounts are None where the role hides them."""

    key: str
    deals: int
    amount: Total | None
    weighted: Total | None


@dataclass(frozen=True, slots=True)
class Point:
    """What was open at the end of a day, with the amounts that the deals have now."""

    day: date
    deals: int
    amount: Total | None


def pipeline_groups(by: str, *, actor: Actor, narrow: Narrow | None = None) -> list[Group]:
    """One statement, and one for rates; stages come in their order, everything else with the most deals first."""
    deals: Any = pipeline_rows(by, actor=actor, narrow=narrow)
    amount = Coalesce(Cast("deal_amount", MONEY), Decimal(0), output_field=MONEY)
    rows = list(
        deals.values("key", "deal_amount_currency").annotate(
            deals=Count("pk"),
            amount=Sum(amount),
            weighted=Sum(amount * Cast("stage__probability", MONEY), output_field=MONEY),
            place=Min("stage__position"),
        )
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["key"]].append(row)
    is_shown = "deal_amount" not in hidden_fields(Deal, actor=actor)
    groups = [(_place(by, each), _group(key, each, is_shown=is_shown)) for key, each in found.items()]
    return [group for _, group in sorted(groups, key=lambda pair: (pair[0], -pair[1].deals, pair[1].key))]


def whole(groups: Iterable[Group]) -> Group:
    """All groups together."""
    each = list(groups)
    return Group(
        "All",
        sum(one.deals for one in each),
        _added([one.amount for one in each]),
        _added([one.weighted for one in each]),
    )


def pipeline_rows(by: str, *, actor: Actor, key: str = "", narrow: Narrow | None = None) -> QuerySet[Deal]:
    """The open deals behind the numbers; of one group where its key is given."""
    if by not in BY and not by.startswith("custom."):
        raise InvalidInputError(f"Open deals can be grouped by {', '.join(BY)}.", code="unknown_group")
    deals: Any = grouped_deals(by, actor=actor, narrow=narrow).filter(OPEN)
    found: QuerySet[Deal] = deals.filter(key=key) if key else deals
    return found


def pipeline_trend(*, actor: Actor, narrow: Narrow | None = None, weeks: int = WEEKS) -> list[Point]:
    """One statement for all weeks, and one for rates. The last point is today."""
    days = [clock.today() - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    deals: Any = grouped_deals("nothing", actor=actor, narrow=narrow)
    spans = deals.annotate(
        first=_days_before(F("started_on"), days),
        end=Case(When(OPEN, then=len(days)), default=_days_before(F("closed_on"), days)),
    ).filter(first__lt=F("end"))
    rows = list(
        spans.values("deal_amount_currency", "first", "end").annotate(
            deals=Count("pk"), amount=Sum("deal_amount")
        )
    )
    is_shown = "deal_amount" not in hidden_fields(Deal, actor=actor)
    return [
        _point(day, [row for row in rows if row["first"] <= place < row["end"]], is_shown=is_shown)
        for place, day in enumerate(days)
    ]


def _days_before(day: F, days: list[date]) -> Func:
    """How many of the days lie before that one: the database's `width_bucket` counts those up to it."""
    eve = ExpressionWrapper(day - Value(1), output_field=DateField())
    thresholds = Value(days, output_field=ArrayField(DateField()))
    return Func(eve, thresholds, function="width_bucket", output_field=IntegerField())


def _point(day: date, rows: list[dict[str, Any]], *, is_shown: bool) -> Point:
    amounts = [(row["amount"], row["deal_amount_currency"]) for row in rows]
    return Point(day, sum(row["deals"] for row in rows), _total(amounts) if is_shown else None)


def _group(key: str, rows: list[dict[str, Any]], *, is_shown: bool) -> Group:
    count = sum(row["deals"] for row in rows)
    if not is_shown:
        return Group(key, count, None, None)
    amounts = [(row["amount"], row["deal_amount_currency"]) for row in rows]
    weighted = [(row["weighted"], row["deal_amount_currency"]) for row in rows]
    return Group(key, count, _total(amounts), _total(weighted))


def _total(amounts: Iterable[tuple[Decimal | None, str]]) -> Total:
    given = [Amount(amount, currency, clock.today()) for amount, currency in amounts if amount]
    return total(given, currency=organisation_currency())


def _added(totals: list[Total | None]) -> Total | None:
    """Totals of the same currency and the same day's rates."""
    known = [each for each in totals if each is not None]
    if len(known) < len(totals):
        return None
    left: dict[str, Decimal] = {}
    for currency, amount in (pair for each in known for pair in each.left_out):
        left[currency] = left.get(currency, Decimal(0)) + amount
    return Total(
        sum((each.amount for each in known), Decimal(0)),
        known[0].currency if known else organisation_currency(),
        min((each.rates_from for each in known if each.rates_from), default=None),
        max((each.rates_to for each in known if each.rates_to), default=None),
        tuple(sorted(left.items())),
    )


def _place(by: str, rows: list[dict[str, Any]]) -> int:
    return min(row["place"] for row in rows) if by == "stage" else 0
