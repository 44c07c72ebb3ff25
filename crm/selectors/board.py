"""The pipeline as a board: every stage with its open deals, their sum and what of it is likely."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from crm.enums import StageKind
from crm.models import Deal, Pipeline, Stage
from crm.selectors.deals import default_pipeline
from crm.selectors.lists import deals_matching
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.lists.conditions import condition_of
from gtmos.kernel.lists.filters import Group
from gtmos.kernel.rights import hidden_fields

CARDS_PER_STAGE = 200
CARDS_OF_ONE_STAGE = 500
READ = (
    *("name", "deal_state", "deal_amount", "deal_amount_currency", "stage_entered_at", "next_step"),
    *("next_step_due_on", "company__name", "owner__name", "next_step_owner__name", "version"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """What a deal shows on the board; `tone` warns when it stands longer in the stage than the stage allows."""

    pk: UUID
    name: str
    company: str
    is_open: bool
    amount: Decimal | None
    currency: str
    shows_amount: bool
    age_days: int | None
    tone: str
    next_step: str
    due_on: date | None
    who: str


@dataclass(frozen=True, slots=True)
class Column:
    """`totals` are sums by currency, `weighted` the same by the stage's probability; `count` is of all its deals."""

    stage: Stage
    cards: list[Card]
    count: int
    totals: list[tuple[Decimal, str]]
    weighted: list[tuple[Decimal, str]]


def board(
    *,
    actor: Actor,
    pipeline: Pipeline | None = None,
    only_stage: str = "",
    where: Group | None = None,
    text: str = "",
) -> list[Column]:
    """Two statements, however many stages and cards; with `only_stage` one stage, with more of its cards."""
    pipeline = pipeline or default_pipeline()
    stages = [stage for stage in pipeline.stages.all() if only_stage in {"", stage.key}]
    deals = deals_matching(text, actor=actor).filter(stage__in=stages)
    if where:
        deals = deals.filter(condition_of(where, "deal", actor=actor))
    hidden, now = hidden_fields(Deal, actor=actor), clock.now()
    sums = _sums(deals, with_amounts="deal_amount" not in hidden)
    cards: dict[UUID, list[Card]] = {stage.pk: [] for stage in stages}
    rot_days = {stage.pk: stage.rot_days for stage in stages}
    for row in _newest(deals, CARDS_OF_ONE_STAGE if only_stage else CARDS_PER_STAGE, hidden):
        cards[row["stage_id"]].append(_card(row, rot_days[row["stage_id"]], now, hidden))
    return [_column(stage, cards[stage.pk], sums.get(stage.pk, [])) for stage in stages]


def _column(stage: Stage, cards: list[Card], sums: list[tuple[int, Decimal, str]]) -> Column:
    totals = [(total, currency) for _, total, currency in sums if total and currency]
    chance = Decimal(str(stage.probability)) if stage.kind == StageKind.OPEN else None
    weighted = [(total * chance, currency) for total, currency in totals] if chance is not None else []
    return Column(stage, cards, sum(count for count, *_ in sums), totals, weighted)


def _newest(deals: QuerySet[Deal], most: int, hidden: frozenset[str]) -> QuerySet[Any]:
    """Plain values, without those that are hidden from the reader: a board has hundreds of cards."""
    newest_first = (F("stage_entered_at").desc(nulls_last=True), F("id").desc())
    place = Window(RowNumber(), partition_by=F("stage_id"), order_by=newest_first)
    read = [name for name in READ if name not in hidden]
    narrow: Any = deals.defer(None).select_related(None).annotate(place=place).filter(place__lte=most)
    return narrow.order_by(*newest_first).values("pk", "stage_id", *read)  # type: ignore[no-any-return]  # the stubs lose annotations


def _sums(deals: QuerySet[Deal], *, with_amounts: bool) -> dict[UUID, list[tuple[int, Decimal, str]]]:
    rows = (
        deals.order_by()
        .values("stage_id", "deal_amount_currency")
        .annotate(count=Count("pk"), total=Sum("deal_amount"))
    )
    sums: dict[UUID, list[tuple[int, Decimal, str]]] = {}
    for row in rows:
        sums.setdefault(row["stage_id"], []).append(
            (row["count"], row["total"] or Decimal(0), row["deal_amount_currency"] if with_amounts else "")
        )
    return sums


def _card(row: dict[str, Any], rot_days: int, now: datetime, hidden: frozenset[str]) -> Card:
    entered = row.get("stage_entered_at")
    age = (now - entered).days if entered else None
    is_open = row.get("deal_state", "open") == "open"
    return Card(
        pk=row["pk"],
        name=row["name"],
        company=row["company__name"] or row["name"],
        is_open=is_open,
        amount=row.get("deal_amount"),
        currency=row.get("deal_amount_currency") or "USD",
        shows_amount="deal_amount" not in hidden,
        age_days=age,
        tone="warn" if age is not None and is_open and age > rot_days else "",
        next_step=row.get("next_step") or "",
        due_on=row.get("next_step_due_on"),
        who=row["next_step_owner__name"] or row["owner__name"] or "",
    )
