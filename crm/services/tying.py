"""A new record and the links that waited for it, each through the verb of what is tied."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction

from crm.enums import DealState
from crm.models import Company, PendingLink
from crm.selectors.companies import get_company
from crm.selectors.contacts import get_contact
from crm.selectors.deals import get_deal
from crm.services.companies import update_company
from crm.services.contacts import update_contact
from crm.services.deal_stages import company_is_buying
from crm.services.deals import update_deal
from crm.services.involving import involve
from crm.services.waiting import Found
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require

Tie = Callable[..., None]


def tie(found: Found, *, actor: Actor, cause_id: UUID | None) -> int:
    """What the acting person may not change, or a rule or a lock keeps as it is, goes on waiting."""
    told = replace(actor, source="import")  # the link is a file's word, so what a person locked stays
    return sum(_tied(link, record, told, cause_id) for link, record in found)


def _tied(link: PendingLink, record: Any, actor: Actor, cause_id: UUID | None) -> bool:
    try:
        with transaction.atomic():
            TIES[link.record_type](link, record, actor, cause_id)
    except DomainError:
        return False
    PendingLink.objects.filter(pk=link.pk).update(tied_by=cause_id or record.pk)
    return True


def _person(link: PendingLink, company: Company, actor: Actor, cause_id: UUID | None) -> None:
    """Who has a company by now keeps it."""
    person = get_contact(link.record_id, actor=actor)
    if person.company_id is None:
        update_contact(person, changes={"company": company}, actor=actor, cause_id=cause_id)


def _company(link: PendingLink, parent: Company, actor: Actor, cause_id: UUID | None) -> None:
    company = get_company(link.record_id, actor=actor)
    if company.parent_id is None:
        update_company(company, changes={"parent": parent}, actor=actor, cause_id=cause_id)


def _deal(link: PendingLink, record: Any, actor: Actor, cause_id: UUID | None) -> None:
    deal = get_deal(link.record_id, actor=actor)
    if link.place:
        require(actor, "crm.edit_deal", deal)
        involve([(deal, record)], actor=actor, cause_id=cause_id)
    elif getattr(deal, f"{link.target_type}_id") is None:
        update_deal(deal, changes={link.target_type: record}, actor=actor, cause_id=cause_id)
        if isinstance(record, Company) and deal.deal_state == DealState.OPEN:
            company_is_buying(record, cause_id)


TIES: Mapping[str, Tie] = {"contact": _person, "company": _company, "deal": _deal}
