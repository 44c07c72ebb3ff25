"""Which records a text speaks of, of those that the reader may see."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from crm.enums import DealState
from crm.intake.faults import BadCellError
from crm.intake.keys import domain_key, email_key, name_key
from crm.intake.notes.people import nearest
from crm.intake.notes.reading import LONGEST
from crm.models import Company, Contact
from crm.selectors.duplicates import companies_like
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals
from gtmos.kernel.actors import Actor
from gtmos.kernel.rights import hidden_fields

_WORD = re.compile(r"[\w'’&.-]+")
MOST_WORDS = 4
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Match:
    """The record that is meant; where that is not clear, those that may be."""

    record: Any = None
    others: tuple[Any, ...] = ()


def names_in(text: str, *, actor: Actor) -> list[str]:
    """Names of companies that are there and stand in the text."""
    words = [match[0] for match in _WORD.finditer(text[:LONGEST])]
    keys = {
        name_key(" ".join(words[start : start + size]).strip("."))
        for start, word in enumerate(words)
        if word[0].isupper() or word[0].isdigit()
        for size in range(1, MOST_WORDS + 1)
    }
    known = visible_companies(actor=actor).filter(name_key__in=[key for key in keys if len(key) > 2])
    return list(known.order_by().values_list("name", flat=True)[:50])


def find_company(name: str, emails: list[str], *, actor: Actor) -> Match:
    """By its name without the legal form, else by the domain of an address; what is only like it is named."""
    key, seen = name_key(name), visible_companies(actor=actor)
    exact = list(seen.filter(name_key=key)[:SHOWN])
    if exact:
        return Match(exact[0]) if len(exact) == 1 else Match(others=tuple(exact))
    may_know_domains = not hidden_fields(Company, actor=actor) & {"domain", "website_url"}
    hosts = [domain_key(each.rpartition("@")[2]) for each in emails] if may_know_domains else []
    homes = list(seen.filter(domain__in=[host for host in hosts if host])[:2])
    if len(homes) == 1:
        return Match(homes[0])
    return Match(others=tuple(_similar(name, key, actor)))


def _similar(name: str, key: str, actor: Actor) -> list[Company]:
    words = key.split()
    begins = [" ".join(words[:size]) for size in range(1, len(words))]
    longer = Q(name_key__startswith=f"{key} ") | Q(name_key__in=begins)
    found = {each.pk: each for each in visible_companies(actor=actor).filter(longer)[:SHOWN]}
    found |= {each.record.pk: each.record for each in companies_like(name=name, actor=actor)}
    return list(found.values())[:SHOWN]


def find_contact(person: dict[str, str], company: Company | None, *, actor: Actor) -> Match:
    """By the address, else by the name among the people of the company."""
    seen, key = visible_contacts(actor=actor).filter(erased_at__isnull=True), address_key(person)
    if key and "email" not in hidden_fields(Contact, actor=actor):
        known = seen.filter(email_key=key).first()
        if known is not None:
            return Match(known)
    if company is not None:
        first = person["name"].split()[0]
        there = [(each.name, each) for each in seen.filter(company=company, name__istartswith=first)[:50]]
        return _of(nearest(person["name"], there))
    if " " in person["name"]:
        return _of(list(seen.filter(name__iexact=person["name"])[:SHOWN]))
    return Match()


def find_deal(company: Company, subject: str, *, actor: Actor) -> Match:
    """The only open one, or the only one of that subject."""
    deals = list(visible_deals(actor=actor).filter(company=company, deal_state=DealState.OPEN)[:20])
    named = [each for each in deals if subject and subject in each.name.lower()]
    return _of(named if len(named) == 1 else deals)


def address_key(person: dict[str, str]) -> str:
    try:
        return email_key(person["email"]) if person.get("email") else ""
    except BadCellError:
        return ""


def _of(found: list[Any]) -> Match:
    return Match(found[0]) if len(found) == 1 else Match(others=tuple(found))
