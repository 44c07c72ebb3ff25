"""Who decides at a company: its people by their authority."""

from dataclasses import dataclass

from crm.intake.titles import seniority_of
from crm.models import Company, Contact
from crm.scoring.authority import authority, reason
from crm.selectors.visibility import visible_contacts
from gtmos.kernel.actors import Actor

MOST_RANKED = 500


@dataclass(frozen=True, slots=True)
class Member:
    """`authority_score` is from 0 to 1, `why` says how it came about."""

    contact: Contact
    authority_score: float
    why: str


def member(contact: Contact) -> Member:
    seniority = contact.seniority or (seniority_of(contact.title) if contact.title else "")
    role, override = contact.influence_role, contact.authority_override
    score = authority(role=role, seniority=seniority, title=contact.title, override=override)
    why = reason(role=role, seniority=seniority, title=contact.title, override=override)
    return Member(contact, score, why)


def committee(company: Company, *, actor: Actor) -> list[Member]:
    """Whoever decides most comes first; one statement. Of thousands the primary contact and the first by name."""
    people = visible_contacts(actor=actor).select_related(None).filter(company=company).defer("custom")
    people = people.order_by("-is_primary", "name")
    return sorted((member(each) for each in people[:MOST_RANKED]), key=lambda each: -each.authority_score)
