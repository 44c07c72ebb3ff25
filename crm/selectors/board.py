"""The pipeline as a board: every stage with its open deals and their sum."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from crm.models import Deal, Pipeline, Stage
from crm.selectors.deals import default_pipeline
from crm.selectors.lists import deals_matching
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.rights import hidden_fields

CARDS_PER_STAGE = 25
CARDS_OF_ONE_STAGE = 300


@dataclass(frozen=True, slots=True)
class Card:
    """`tone` warns when the deal stands longer in the stage than the stage allows."""

    deal: Deal
    age_days: int | None
    tone: str


@dataclass(frozen=True, slots=True)
class Column:
    """`total` sums each currency; `count` is of all deals, also those below the cards shown."""

    stage: Stage
    cards: list[Card]
    count: int
    totals: list[tuple[Decimal, str]]


def board(
    *, actor: Actor, pipeline: Pipeline | None = None, only_stage: str = "", without_step: bool = False
) -> list[Column]:
    """Four statements, however many stages. Each shows its newest deals; `only_stage` shows one, with many more."""
    pipeline = pipeline or default_pipeline()
    stages = [stage for stage in pipeline.stages.all() if only_stage in {"", stage.key}]
    deals = deals_matching("", actor=actor).filter(stage__in=stages)
    if without_step:
        deals = deals.filter(next_step="", deal_state="open")
    sums = _sums(deals, with_amounts="deal_amount" not in hidden_fields(Deal, actor=actor))
    now = clock.now()
    cards: dict[object, list[Card]] = {stage.pk: [] for stage in stages}
    for deal in _newest(deals, CARDS_OF_ONE_STAGE if only_stage else CARDS_PER_STAGE):
        cards[deal.stage_id].append(_card(deal, now))
    return [
        Column(
            stage,
            cards[stage.pk],
            sum(row[0] for row in sums.get(stage.pk, [])),
            [row[1:] for row in sums.get(stage.pk, []) if row[1] and row[2]],
        )
        for stage in stages
    ]


def _newest(deals: QuerySet[Deal], most: int) -> QuerySet[Deal]:
    newest_first = (F("stage_entered_at").desc(nulls_last=True), F("id").desc())
    place = Window(RowNumber(), partition_by=F("stage_id"), order_by=newest_first)
    return deals.annotate(place=place).filter(place__lte=most).order_by(*newest_first)


def _sums(deals: QuerySet[Deal], *, with_amounts: bool) -> dict[object, list[tuple[int, Decimal, str]]]:
    rows = (
        deals.order_by()
        .values("stage_id", "deal_amount_currency")
        .annotate(count=Count("pk"), total=Sum("deal_amount"))
    )
    sums: dict[object, list[tuple[int, Decimal, str]]] = {}
    for row in rows:
        sums.setdefault(row["stage_id"], []).append(
            (row["count"], row["total"] or Decimal(0), row["deal_amount_currency"] if with_amounts else "")
        )
    return sums


def _card(deal: Deal, now: datetime) -> Card:
    age = (now - deal.stage_entered_at).days if deal.stage_entered_at else None
    rotten = age is not None and deal.deal_state == "open" and age > deal.stage.rot_days
    return Card(deal, age, "warn" if rotten else "")
