"""Facts of many companies and people at once, as far as the actor may see them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from crm.models import Contact
from crm.selectors.contacts import visible_contacts
from crm.selectors.visibility import visible_companies, visible_signals
from gtmos.kernel.actors import Actor
from outreach.scoring.criteria import Criteria
from outreach.scoring.facts import CompanyFacts, PersonFacts, SignalFact
from outreach.scoring.places import Spot, spot_of

COMPANY_COLUMNS = (
    "id", "name", "industry_vertical", "sub_industry", "tags", "technologies", "city", "region", "country_hq", "custom",
    "funding_stage", "dated_on", "employee_size", "revenue_amount", "revenue_currency",
)  # fmt: skip


def next_companies(*, after: str, limit: int, actor: Actor) -> list[dict[str, Any]]:
    """The next rows in the order of their keys, so that a search can go on exactly where it stopped."""
    rows = visible_companies(actor=actor).select_related(None).order_by("id")
    if after:
        rows = rows.filter(id__gt=UUID(after))
    return list(rows.values(*COMPANY_COLUMNS)[:limit])


def facts_of(row: Mapping[str, Any]) -> CompanyFacts:
    return CompanyFacts(
        name=row["name"],
        industry=row["industry_vertical"],
        sub_industry=row["sub_industry"],
        tags=tuple(row["tags"] or ()),
        technologies=tuple(row["technologies"] or ()),
        spots=_spots(row),
        funding_stage=row["funding_stage"],
        dated_on=row["dated_on"],
        employee_size=row["employee_size"],
        revenue_amount=row["revenue_amount"],
        revenue_currency=row["revenue_currency"],
    )


def _spots(row: Mapping[str, Any]) -> tuple[Spot, ...]:
    """The seat, and the other places that a list named."""
    seat = Spot(row["city"], row["region"], row["country_hq"])
    others = tuple(spot_of(str(text)) for text in (row["custom"] or {}).get("locations", ()))
    return (seat, *others) if any(seat) else others


def signals_of(companies: Iterable[UUID], *, actor: Actor) -> dict[UUID, list[SignalFact]]:
    """Newest first."""
    found: dict[UUID, list[SignalFact]] = defaultdict(list)
    rows = (
        visible_signals(actor=actor)
        .filter(company_id__in=list(companies))
        .order_by("-occurred_on", "type", "detail", "id")
        .values_list("company_id", "type", "detail", "source", "url", "occurred_on")
    )
    for company, kind, detail, source, url, occurred_on in rows:
        found[company].append(SignalFact(kind, detail, source, url, occurred_on))
    return found


def people_of(companies: Iterable[UUID], *, actor: Actor) -> list[Contact]:
    return list(
        visible_contacts(actor=actor)
        .select_related(None)
        .filter(company_id__in=list(companies))
        .order_by("id")
        .defer("search_text", "custom")
    )


def person_facts(contact: Contact) -> PersonFacts:
    return PersonFacts(
        title=contact.title,
        department=contact.department,
        seniority=contact.seniority,
        email_status=contact.email_status,
        influence_role=contact.influence_role,
    )


def model_company(criteria: Criteria, *, actor: Actor) -> CompanyFacts | None:
    """The company that results should resemble; None when there is none of that name to see."""
    name = criteria.get("similar_to")
    if not name:
        return None
    row = (
        visible_companies(actor=actor)
        .select_related(None)
        .filter(name__iexact=name)
        .order_by("id")
        .values(*COMPANY_COLUMNS)
        .first()
    )
    return facts_of(row) if row else None
