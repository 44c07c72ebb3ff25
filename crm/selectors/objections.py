"""Reading objections, and how many there are of each kind."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from crm.enums import DealState, ObjectionCategory, ObjectionOutcome
from crm.models import Objection
from crm.selectors.visibility import get_objection, visible_objections
from gtmos.kernel.actors import Actor

__all__ = ["Row", "get_objection", "objection_report", "objections", "visible_objections"]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind: `count` objections, of them `answered` and `resolved`; on `deals`, of them `won` and `lost`."""

    category: str
    label: str
    count: int
    answered: int
    resolved: int
    deals: int
    won: int
    lost: int


def objections(
    *, actor: Actor, category: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[Objection]:
    rows = visible_objections(actor=actor)
    if category in ObjectionCategory.values:
        rows = rows.filter(category=category)
    if since is not None:
        rows = rows.filter(raised_at__gte=_start(since))
    if until is not None:
        rows = rows.filter(raised_at__lt=_start(until))
    return rows


def objection_report(*, actor: Actor, since: date | None = None, until: date | None = None) -> list[Row]:
    """One statement; the commonest kind first, kinds that nobody named are left out."""
    known = dict(ObjectionCategory.choices)
    rows = (
        objections(actor=actor, since=since, until=until)
        .select_related(None)
        .order_by()
        .values("category")
        .annotate(
            count=Count("pk"),
            answered=Count("pk", filter=~Q(response="")),
            resolved=Count("pk", filter=Q(outcome=ObjectionOutcome.RESOLVED)),
            deals=Count("deal", distinct=True),
            won=Count("deal", distinct=True, filter=Q(deal__deal_state=DealState.WON)),
            lost=Count("deal", distinct=True, filter=Q(deal__deal_state=DealState.LOST)),
        )
        .order_by(F("count").desc(), "category")
    )
    return [Row(label=str(known[row["category"]]), **row) for row in rows]


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
