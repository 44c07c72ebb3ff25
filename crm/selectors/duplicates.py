"""Who may be whom: pairs for the queue, and records like the one that somebody is typing."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, QuerySet

from crm.enums import PairState
from crm.intake.faults import BadCellError
from crm.intake.keys import domain_key, email_key, linkedin_key, name_key
from crm.intake.places import city_key
from crm.models import Company, Contact, DuplicatePair
from crm.scoring.duplicates import SHOWN_FROM, Firm, Person, companies_alike, contacts_alike
from crm.selectors.visibility import one, visible_companies, visible_contacts
from gtmos.kernel.actors import Actor
from gtmos.kernel.rights import hidden_fields

SHOWN = 5
NEAREST = 20


@dataclass(frozen=True, slots=True)
class Like:
    """A record that is there already. `is_taken`: its key is exactly the one typed."""

    record: Any
    reasons: tuple[str, ...]
    score: float
    is_taken: bool


def visible_pairs(*, actor: Actor) -> QuerySet[DuplicatePair]:
    """Only pairs of which the actor sees both, decided inside the query."""
    companies = visible_companies(actor=actor).select_related(None).order_by().values("pk")
    contacts = visible_contacts(actor=actor).select_related(None).order_by().values("pk")
    seen = Q(company__in=companies, other_company__in=companies) | Q(
        contact__in=contacts, other_contact__in=contacts
    )
    related = ("company", "other_company", "contact__company", "other_contact__company")
    return DuplicatePair.objects.filter(seen).select_related(*related)


def open_pairs(kind: str, *, actor: Actor) -> QuerySet[DuplicatePair]:
    pairs = visible_pairs(actor=actor).filter(state=PairState.OPEN)
    return pairs.filter(**{f"{kind}__isnull": False}) if kind in {"company", "contact"} else pairs


def get_pair(key: UUID | str, *, actor: Actor) -> DuplicatePair:
    return one(visible_pairs(actor=actor), key)


def companies_like(*, name: str, website: str = "", city: str = "", actor: Actor) -> list[Like]:
    hidden = hidden_fields(Company, actor=actor)
    key = name_key(name)[:255]
    domain = "" if hidden & {"domain", "website_url"} else domain_key(website)
    if len(key) < 3 and not domain:
        return []
    seen = visible_companies(actor=actor).defer("search", "description", "custom")
    near = seen.filter(Q(domain=domain) if domain else Q(pk=None))[:1]
    named = seen.filter(name_key__trigram_similar=key).annotate(near=TrigramSimilarity("name_key", key))
    rows: dict[UUID, Company] = {each.pk: each for each in near}
    rows |= {each.pk: each for each in named.order_by("-near")[:NEAREST]} if len(key) > 2 else {}
    typed = Firm(key, city_key(city), domain)
    likes = [
        (each, companies_alike(typed, Firm(each.name_key, each.city_key, each.domain)))
        for each in rows.values()
    ]
    return _best(
        [Like(each, like.reasons, like.score, bool(domain) and each.domain == domain) for each, like in likes]
    )


def contacts_like(
    *, name: str, email: str = "", linkedin: str = "", company: str = "", actor: Actor
) -> list[Like]:
    hidden = hidden_fields(Contact, actor=actor)
    mail = "" if "email" in hidden else _mail(email)
    profile = linkedin_key(linkedin) if linkedin and "linkedin_url" not in hidden else ""
    seen = visible_contacts(actor=actor).defer("custom", "company__search", "company__description")
    wanted = Q(pk=None)
    if mail:
        wanted |= Q(email_key=mail)
    if profile:
        wanted |= Q(linkedin_key=profile)
    if company and len(name) > 2:
        wanted |= Q(company=company, name__trigram_similar=name)
    typed = Person(name, mail, profile, company)
    likes = [(each, contacts_alike(typed, _person(each))) for each in seen.filter(wanted)[:NEAREST]]
    return _best(
        [Like(each, like.reasons, like.score, bool(mail) and each.email_key == mail) for each, like in likes]
    )


def _person(each: Contact) -> Person:
    return Person(each.name, each.email_key, each.linkedin_key, str(each.company_id or ""), each.phone)


def _mail(email: str) -> str:
    try:
        return email_key(email) if email else ""
    except BadCellError:
        return ""


def _best(likes: list[Like]) -> list[Like]:
    return sorted((each for each in likes if each.score >= SHOWN_FROM), key=lambda each: -each.score)[:SHOWN]
