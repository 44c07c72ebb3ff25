"""Alerts about what somebody may see, and whom an alert is for."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from crm.enums import AccountRole, AlertState, CustomerState, DealState, InfluenceRole
from crm.models import AccountTeamMember, Alert, Company, Contact, Deal
from crm.selectors.visibility import one, visible_companies, visible_contacts, visible_deals
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User

WEIGHTY = (InfluenceRole.CHAMPION, InfluenceRole.DECISION_MAKER)


def visible_alerts(*, actor: Actor) -> QuerySet[Alert]:
    """Those whose company, person and deal the actor may all see: their words name them."""
    rows = Alert.objects.select_related("company", "contact", "deal", "owner", "decided_by")
    if actor.is_system:
        return rows
    return rows.filter(
        Q(company__in=_keys(visible_companies(actor=actor))),
        Q(contact__isnull=True) | Q(contact__in=_keys(visible_contacts(actor=actor))),
        Q(deal__isnull=True) | Q(deal__in=_keys(visible_deals(actor=actor))),
    )


def _keys(records: QuerySet[Any]) -> QuerySet[Any]:
    return records.select_related(None).order_by().values("pk")


def get_alert(key: UUID | str, *, actor: Actor) -> Alert:
    return one(visible_alerts(actor=actor), key)


def open_alerts(*, actor: Actor) -> QuerySet[Alert]:
    return visible_alerts(actor=actor).filter(state=AlertState.OPEN)


def my_alerts(*, actor: Actor) -> QuerySet[Alert]:
    """Open ones that are theirs to see to."""
    return open_alerts(actor=actor).filter(owner=actor.user)


def alerts_of(company: Company, *, actor: Actor) -> QuerySet[Alert]:
    return visible_alerts(actor=actor).filter(company=company).exclude(state=AlertState.DONE)


def is_weighty(contact: Contact) -> bool:
    return contact.influence_role in WEIGHTY


def matters(company: Company) -> bool:
    """A customer, or one that a deal is open with."""
    if company.customer_state == CustomerState.USING:
        return True
    return Deal.objects.filter(company=company, deal_state=DealState.OPEN).exists()


def owner_for(company: Company, deal: Deal | None = None) -> User | None:
    """The success manager of the account team, else its owner, else the owner of the deal."""
    member = (
        AccountTeamMember.objects.filter(role=AccountRole.SUCCESS, company=company, user__is_active=True)
        .select_related("user")
        .order_by("created_at", "pk")
        .first()
    )
    if member is not None:
        return member.user
    found = company.owner or (deal.owner if deal else None) or _owner_of_open_deal(company)
    return found if found is not None and found.is_active else None


def _owner_of_open_deal(company: Company) -> User | None:
    deals = Deal.objects.filter(company=company, deal_state=DealState.OPEN, owner__isnull=False)
    deal = deals.select_related("owner").order_by("-created_at", "-pk").first()
    return deal.owner if deal else None
