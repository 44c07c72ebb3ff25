"""Reading target lists: who is on them, and how far we are with each company."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from crm.enums import DealState
from crm.models import Company, TargetAccount, TargetList
from crm.selectors.visibility import (
    one,
    visible_activities,
    visible_companies,
    visible_contacts,
    visible_deals,
)
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import allows

SHOWN = 200
LATELY = timedelta(days=30)


def visible_target_lists(*, actor: Actor) -> QuerySet[TargetList]:
    """For everybody who may see companies; which companies of it they see is decided for each."""
    lists = TargetList.objects.select_related("marketing_owner", "sales_owner")
    return lists if actor.is_system or allows(actor, "crm.view_target_list") else lists.none()


def get_target_list(key: UUID | str, *, actor: Actor) -> TargetList:
    return one(visible_target_lists(actor=actor), key)


def list_rows(*, actor: Actor) -> QuerySet[TargetList]:
    """Each with how many companies of it the reader sees, as `companies`."""
    seen = Q(accounts__company__in=visible_companies(actor=actor).order_by().values("pk"))
    counted = visible_target_lists(actor=actor).annotate(companies=Count("accounts", filter=seen))
    return counted.order_by("name")


def lists_of(company: Company, *, actor: Actor) -> QuerySet[TargetList]:
    return visible_target_lists(actor=actor).filter(accounts__company=company).order_by("name")


def companies_on(target: TargetList, *, actor: Actor) -> QuerySet[Company]:
    on_list = TargetAccount.objects.filter(target_list=target, company=OuterRef("pk"))
    return visible_companies(actor=actor).filter(Exists(on_list))


def visible_target_accounts(*, actor: Actor) -> QuerySet[TargetAccount]:
    seen = visible_companies(actor=actor).order_by().values("pk")
    lists = visible_target_lists(actor=actor).order_by().values("pk")
    return TargetAccount.objects.filter(company__in=seen, target_list__in=lists)


@dataclass(frozen=True, slots=True)
class Covered:
    """One company of a list: how many people are known there, when something last happened, what is open."""

    company: Company
    people: int
    last_activity_at: datetime | None
    open_deals: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of all companies of the list that the reader sees."""

    companies: int
    with_people: int
    active_lately: int
    with_open_deals: int
    rows: tuple[Covered, ...]


def coverage(target: TargetList, *, actor: Actor) -> Coverage:
    """In five statements, however many companies there are; the rows are the first of them by name."""
    now, companies = clock.now(), companies_on(target, actor=actor)
    rows = list(
        companies.defer("search", "search_text", "description", "custom").order_by("name", "pk")[:SHOWN]
    )
    counts = companies.order_by().aggregate(**_counts(actor, now))
    return Coverage(**counts, rows=tuple(_covered(rows, actor, now)))


def _counts(actor: Actor, now: datetime) -> dict[str, Any]:
    happened = visible_activities(actor=actor).filter(happened_at__gte=now - LATELY, happened_at__lte=now)
    return {
        "companies": Count("pk"),
        "with_people": Count("pk", filter=_has(_known(actor))),
        "active_lately": Count("pk", filter=_has(happened)),
        "with_open_deals": Count("pk", filter=_has(_open(actor))),
    }


def _has(records: QuerySet[Any]) -> Q:
    return Q(Exists(records.filter(company=OuterRef("pk")).order_by()))


def _known(actor: Actor) -> QuerySet[Any]:
    return visible_contacts(actor=actor).filter(erased_at=None)


def _open(actor: Actor) -> QuerySet[Any]:
    return visible_deals(actor=actor).filter(deal_state=DealState.OPEN)


def _covered(companies: list[Company], actor: Actor, now: datetime) -> Iterable[Covered]:
    keys = [each.pk for each in companies]
    people = _by_company(_known(actor), keys, Count("pk"))
    happened = visible_activities(actor=actor).filter(happened_at__lte=now)
    last = _by_company(happened, keys, Max("happened_at"))
    deals = _by_company(_open(actor), keys, Count("pk"))
    return (
        Covered(each, people.get(each.pk, 0), last.get(each.pk), deals.get(each.pk, 0)) for each in companies
    )


def _by_company(records: QuerySet[Any], keys: list[UUID], what: Any) -> dict[UUID, Any]:
    grouped = records.filter(company__in=keys).order_by().values("company_id").annotate(found=what)
    return dict(grouped.values_list("company_id", "found"))


def adding(target: TargetList, companies: QuerySet[Company]) -> tuple[int, int]:
    """Of companies that somebody may see: how many are not on the list yet, and how many are."""
    on_it = TargetAccount.objects.filter(target_list=target).values("company")
    return (
        companies.order_by().exclude(pk__in=on_it).count(),
        companies.order_by().filter(pk__in=on_it).count(),
    )
