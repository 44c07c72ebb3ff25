"""What other systems are told of records that came in sets: by the bulk API and by imports."""

from collections.abc import Iterable
from uuid import UUID

from crm.events import (
    CompanyChanged,
    CompanyCreated,
    CompanyDeleted,
    ContactChanged,
    ContactCreated,
    ContactDeleted,
    DealChanged,
    DealCreated,
)
from gtmos.kernel.actors import Actor
from gtmos.kernel.webhooks.set_services import SetFact, tell_of_each, tell_of_set

FACTS = (
    SetFact("crm.company", CompanyCreated, CompanyChanged, "company_id"),
    SetFact("crm.contact", ContactCreated, ContactChanged, "contact_id"),
    SetFact("crm.deal", DealCreated, DealChanged, "deal_id"),
)


def tell_of_rows(cause_id: UUID, *, actor: Actor) -> int:
    """As if each had been written for itself. Inside, one fact stands for the whole set."""
    return tell_of_set(FACTS, cause_id=cause_id, actor=actor)


def tell_of_deleted(subject_type: str, keys: Iterable[UUID], *, actor: Actor) -> int:
    """Companies or contacts that go together."""
    if subject_type == "crm.company":
        companies = ((key, CompanyDeleted(company_id=key)) for key in keys)
        return tell_of_each(CompanyDeleted, companies, subject_type=subject_type, actor=actor)
    contacts = ((key, ContactDeleted(contact_id=key)) for key in keys)
    return tell_of_each(ContactDeleted, contacts, subject_type=subject_type, actor=actor)
