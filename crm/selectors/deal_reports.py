"""Won and lost: rates with their base and interval, money, and how long it took, by whatever the reader asks for."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import (
    Aggregate,
    Avg,
    Count,
    DurationField,
    Expression,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.fields import CharField, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import (
    Cast,
    Coalesce,
    Concat,
    ExtractQuarter,
    ExtractYear,
    NullIf,
    TruncDate,
)

from crm.enums import DealState
from crm.models import Company, Deal
from crm.scoring.velocity import Velocity, velocity
from crm.selectors.currencies import Amount, Total, organisation_currency, total
from crm.selectors.visibility import visible_deals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.rights import hidden_fields

SECONDS_A_DAY = 86_400
BY: dict[str, str] = {
    "nothing": "All deals",
    "product": "Product",
    "owner": "Owner",
    "team": "Team",
    "industry": "Industry",
    "country": "Country",
    "stage": "Stage",
    "channel": "Channel",
    "campaign": "Campaign",
    "loss_reason": "Reason of loss",
    "closed_quarter": "Quarter of closing",
}
PATHS = {
    "product": "product__name",
    "owner": "owner__name",
    "team": "team__name",
    "industry": "company__industry_vertical",
    "country": "company__country_hq",
    "stage": "stage__name",
    "channel": "acquisition_channel_source",
    "campaign": "acquisition_campaign_source",
    "loss_reason": "lost_reason",
}
CUSTOM = "custom."
Narrow = Callable[[QuerySet[Deal]], QuerySet[Deal]]


class Median(Aggregate):
    """The middle one; between two it is their mean (PostgreSQL's percentile_cont)."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, slots=True)
class Row:
    """One group. Days are from the start of the deal to its closing; None where no deal says both."""

    key: str
    deals: int
    open: int
    won: int
    lost: int
    win_rate: float | None
    won_amount: Total | None
    average_won: Decimal | None
    days_to_win: float | None
    median_days_to_win: float | None
    days_to_lose: float | None

    @property
    def closed(self) -> int:
        return self.won + self.lost


@dataclass(frozen=True, slots=True)
class StageDays:
    """How long deals stood in a stage before they left it, from their history."""

    stage: str
    passages: int
    mean_days: float
    median_days: float


def deal_report(
    by: str = "nothing",
    *,
    actor: Actor,
    since: date | None = None,
    until: date | None = None,
    narrow: Narrow | None = None,
) -> list[Row]:
    """Two statements, and one for rates; `since` and `until` are days of closing, open deals then do not count."""
    deals: Any = grouped_deals(by, actor=actor, since=since, until=until, narrow=narrow)
    grouped = deals.values("key")
    rows: list[Any] = list(grouped.annotate(**_COUNTS).order_by("key"))
    amounts = _won_amounts(grouped, actor)
    return [_row(row, amounts) for row in sorted(rows, key=lambda row: (-row["deals"], str(row["key"])))]


def grouped_deals(
    by: str,
    *,
    actor: Actor,
    since: date | None = None,
    until: date | None = None,
    narrow: Narrow | None = None,
) -> QuerySet[Deal]:
    """The deals that a report counts, each with the `key` of its group: the rows behind its numbers."""
    deals = _chosen(actor, since, until).annotate(key=group_key(by, actor))
    return narrow(deals) if narrow is not None else deals


def win_figures(*, actor: Actor, since: date) -> tuple[int, int, float | None]:
    """Won, closed, and the median days to win, of the deals closed since then; one statement."""
    deals: Any = _chosen(actor, since, None)
    row = deals.aggregate(won=Count("pk", filter=WON), closed=Count("pk"), middle=Median("took", filter=WON))
    return row["won"], row["closed"], _in_days(row["middle"])


def pipeline_velocity(
    *, actor: Actor, since: date | None = None, until: date | None = None, narrow: Narrow | None = None
) -> Velocity:
    """Over the deals closed in this time, or ever."""
    row = next(iter(deal_report(actor=actor, since=since, until=until, narrow=narrow)), None)
    deals = grouped_deals("nothing", actor=actor, narrow=narrow)
    open_deals = deals.filter(deal_state=DealState.OPEN).count()
    return velocity(
        open_deals=open_deals,
        won_deals=row.won if row else 0,
        lost_deals=row.lost if row else 0,
        won_amount=row.won_amount.amount if row and row.won_amount else Decimal(0),
        cycle_days=row.days_to_win if row else None,
    )


def days_per_stage(*, actor: Actor, narrow: Narrow | None = None) -> list[StageDays]:
    """From the history of the deals that the actor sees: the time between two moves.

    The first stage counts from when the deal was written down, or from the day it began where that was before.
    """
    deals = visible_deals(actor=actor).select_related(None).order_by()
    deals = narrow(deals) if narrow is not None else deals
    rows = deals.values_list("pk", "created_at", "deal_start_date")
    # Also for somebody who sees no deals.
    visible, values = rows.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(STAGE_DAYS.format(visible=visible), values)
        return [
            StageDays(name, count, float(mean), float(middle))
            for name, count, mean, middle in cursor.fetchall()
        ]


# A move keeps the stage that was left as {"id", "name"} or as its name. A deal starts on the day of who writes it,
# which may be the one before that of UTC: only what began earlier still was written down later than it began.
STAGE_DAYS = """
    WITH deals (id, created_at, started_on) AS ({visible}),
    moves AS (
        SELECT change.subject_id, change.timestamp AS left_at,
               coalesce(change.previous_values -> 'stage' ->> 'name', change.previous_values ->> 'stage') AS stage,
               lag(change.timestamp, 1, CASE WHEN deals.started_on < deals.created_at::date - 1
                   THEN deals.started_on::timestamptz ELSE deals.created_at END)
                   OVER (PARTITION BY change.subject_id ORDER BY change.timestamp, change.id) AS entered_at
        FROM kernel_change change JOIN deals ON deals.id = change.subject_id
        WHERE change.subject_type = 'crm.deal' AND change.changed_fields ? 'stage'
          AND change.previous_values ? 'stage'
    )
    SELECT stage, count(*), avg(extract(epoch FROM left_at - entered_at)) / 86400,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM left_at - entered_at)) / 86400
    FROM moves WHERE stage IS NOT NULL GROUP BY stage ORDER BY min(entered_at)
"""


def _chosen(actor: Actor, since: date | None, until: date | None) -> QuerySet[Deal]:
    deals = visible_deals(actor=actor).select_related(None).order_by()
    deals = deals.annotate(
        closed_on=Coalesce("deal_signing_date", "deal_end_date", TruncDate("stage_entered_at")),
        started_on=Coalesce("deal_start_date", TruncDate("created_at")),
    ).annotate(took=ExpressionWrapper(F("closed_on") - F("started_on"), output_field=DurationField()))
    if since is not None or until is not None:
        deals = deals.filter(CLOSED)
    if since is not None:
        deals = deals.filter(closed_on__gte=since)
    return deals.filter(closed_on__lte=until) if until is not None else deals


CLOSED = Q(deal_state__in=(DealState.WON, DealState.LOST))
WON, LOST = Q(deal_state=DealState.WON), Q(deal_state=DealState.LOST)
_COUNTS: dict[str, Any] = {
    "deals": Count("pk"),
    "open": Count("pk", filter=~CLOSED),
    "won": Count("pk", filter=WON),
    "lost": Count("pk", filter=LOST),
    "days_to_win": Avg("took", filter=WON),
    "median_days_to_win": Median("took", filter=WON),
    "days_to_lose": Avg("took", filter=LOST),
}


def group_key(by: str, actor: Actor) -> Expression:
    """Never empty, so that a group and the rows behind it are found by the same words."""
    words = Cast(_key(by, actor), TextField())
    return Coalesce(NullIf(words, Value("")), Value("Not known"), output_field=TextField())


def _key(by: str, actor: Actor) -> Expression | F:
    if by == "nothing":
        return Value("All", output_field=CharField())
    if by == "closed_quarter":
        year, quarter = (Cast(part("closed_on"), CharField()) for part in (ExtractYear, ExtractQuarter))
        return Concat(year, Value(" Q"), quarter, output_field=CharField())
    is_custom = by.startswith(CUSTOM) and len(by) > len(CUSTOM)
    if is_custom and "custom" not in hidden_fields(Deal, actor=actor):
        return KeyTextTransform(by.removeprefix(CUSTOM), "custom")
    if by not in PATHS:
        known = ", ".join([*BY, "custom.<field>"])
        raise InvalidInputError(f"Deals can be reported by {known}.", code="unknown_group")
    _refuse_hidden(by, actor)
    if by == "product" and "custom" not in hidden_fields(Deal, actor=actor):
        named = KeyTextTransform("product", "custom")  # of a file, with no product here
        return Coalesce(Cast(PATHS[by], TextField()), named, output_field=TextField())
    return F(PATHS[by])


def _refuse_hidden(by: str, actor: Actor) -> None:
    """Neither a column that the role hides nor one of the company behind it becomes the names of groups."""
    path = PATHS[by]
    first, _, joined = path.partition("__")
    if first == "company":
        hidden = joined in hidden_fields(Company, actor=actor)
    else:
        hidden = first in hidden_fields(Deal, actor=actor)
    if hidden:
        raise InvalidInputError(f"Your role may not see {BY[by].lower()}.", code="unknown_group")


def _won_amounts(grouped: Any, actor: Actor) -> dict[str, Total] | None:
    """Converted by today's rates; None where the role hides amounts."""
    if "deal_amount" in hidden_fields(Deal, actor=actor):
        return None
    sums: dict[str, list[Amount]] = defaultdict(list)
    rows = grouped.filter(WON).values_list("key", "deal_amount_currency").annotate(Sum("deal_amount"))
    for key, currency, amount in rows:
        sums[_name(key)].append(Amount(amount or Decimal(0), currency, clock.today()))
    return {key: total(found, currency=organisation_currency()) for key, found in sums.items()}


def _row(row: dict[str, Any], amounts: dict[str, Total] | None) -> Row:
    key, won, lost = _name(row["key"]), row["won"], row["lost"]
    nothing = Total(Decimal(0), organisation_currency())
    amount = None if amounts is None else amounts.get(key, nothing)
    return Row(
        key=key,
        deals=row["deals"],
        open=row["open"],
        won=won,
        lost=lost,
        win_rate=won / (won + lost) if won + lost else None,
        won_amount=amount,
        average_won=(amount.amount / won).quantize(Decimal("0.01")) if amount is not None and won else None,
        days_to_win=_in_days(row["days_to_win"]),
        median_days_to_win=_in_days(row["median_days_to_win"]),
        days_to_lose=_in_days(row["days_to_lose"]),
    )


def _name(key: object) -> str:
    return str(key) if key not in (None, "") else "Not known"


def _in_days(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds() / SECONDS_A_DAY, 2)
