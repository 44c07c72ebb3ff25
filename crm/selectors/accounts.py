"""Customers at a glance, each with the facts that its health stands on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm.enums import AlertState, CustomerState, DealState
from crm.models import AccountTeamMember, Activity, Alert, Company, Deal, UsageEvent
from crm.scoring.accounts import AccountFacts, AccountHealth, account_health
from crm.selectors.visibility import visible_companies, visible_deals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor

SHOWN = 80
SPAN = timedelta(days=30)
WORST = {"bad": 0, "warn": 1, "good": 2}


@dataclass(frozen=True, slots=True)
class Account:
    company: Company
    is_mine: bool
    facts: AccountFacts
    health: AccountHealth


def accounts_at_a_glance(*, actor: Actor, most: int = SHOWN) -> list[Account]:
    """Customers, one's own first; one statement. Of those shown the worst come first."""
    now = clock.now()
    member = AccountTeamMember.objects.filter(company=OuterRef("pk"), user=actor.user)
    mine = Case(
        When(Q(owner=actor.user) | Q(Exists(member)), then=Value(value=True)),
        default=Value(value=False),
        output_field=BooleanField(),
    )
    customers = visible_companies(actor=actor).filter(customer_state=CustomerState.USING)
    rows = _with_facts(customers.annotate(is_mine=mine), actor, now).only("id", "name", "owner__name")
    found = [_account(row, now) for row in rows.order_by("-is_mine", "name", "id")[:most]]
    return sorted(found, key=lambda each: (not each.is_mine, WORST[each.health.tone], each.company.name))


def renewals_ahead(*, actor: Actor, days: int = 90) -> QuerySet[Deal]:
    """Won deals whose contract ends in the next days, the next first."""
    day = clock.today()
    won = visible_deals(actor=actor).filter(
        deal_state=DealState.WON, deal_end_date__range=(day, day + timedelta(days=days))
    )
    return won.order_by("deal_end_date", "id")


def _with_facts(companies: QuerySet[Company], actor: Actor, now: datetime) -> QuerySet[Any]:
    last = Activity.objects.filter(company=OuterRef("pk")).order_by("-happened_at").values("happened_at")[:1]
    won = visible_deals(actor=actor).select_related(None).order_by()
    renews = won.filter(
        company=OuterRef("pk"), deal_state=DealState.WON, deal_end_date__gte=timezone.localdate(now)
    ).values("company")
    alerts = Alert.objects.filter(company=OuterRef("pk"), state=AlertState.OPEN).order_by().values("company")
    return companies.annotate(
        last_at=Subquery(last),
        renews_on=Subquery(renews.annotate(first=Min("deal_end_date")).values("first")),
        alert_count=_count(alerts),
        usage=_count(_usage(now - SPAN, now)),
        usage_before=_count(_usage(now - 2 * SPAN, now - SPAN)),
    )


def _usage(since: datetime, until: datetime) -> QuerySet[Any, Any]:
    events = UsageEvent.objects.filter(company=OuterRef("pk"), occurred_at__gte=since, occurred_at__lt=until)
    return events.order_by().values("company")


def _count(rows: QuerySet[Any, Any]) -> Any:
    counted = Subquery(rows.annotate(many=Count("pk")).values("many"), output_field=IntegerField())
    return Coalesce(counted, 0)


def _account(row: Any, now: datetime) -> Account:
    facts = AccountFacts(
        row.alert_count,
        None if row.last_at is None else max((now - row.last_at).days, 0),
        row.usage,
        row.usage_before,
        _days_until(row.renews_on, timezone.localdate(now)),
    )
    return Account(row, row.is_mine, facts, account_health(facts))


def _days_until(day: date | None, today: date) -> int | None:
    return None if day is None else (day - today).days
