"""What the deals of a part of a file may be or point to, read in a few statements for all its lines."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower

from crm.intake.rows import DealRow
from crm.models import Company, Contact, Deal, SourceKey
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals
from crm.services.import_refusals import DEAL
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.people.models import User
from gtmos.kernel.people.selectors import active_users

M = TypeVar("M", bound=Model)
DealKey = tuple[str, str, UUID | None]


def key_of(row: DealRow, company: Company | None) -> DealKey:
    """By its key in the source, else by name and company."""
    if row.external_id:
        return ("key", row.external_id, None)
    return ("name", row.name, company.pk if company else None)


def addresses_in(row: DealRow) -> tuple[str, ...]:
    """The contact's, which may be blank, and those of further people."""
    return (row.contact_email.lower(), *row.further_contact_emails)


def owner_in(row: DealRow) -> str:
    """An address, else a name; blank where the line leaves the deal to whoever brings it."""
    return row.owner_email or row.owner_name


def keys_in(row: DealRow) -> tuple[str, ...]:
    return (row.contact_external_id, *row.further_contact_keys)


class Found(NamedTuple):
    """One kind of record by what lines call it."""

    by_word: dict[str, Any]  # a web domain or an address
    by_key: dict[str, Any]
    by_name: dict[str, Any]


class Lookups:
    """What the actor sees. A record that a line makes is added, so that the next line finds it."""

    def __init__(self, rows: Iterable[DealRow], *, source: str, actor: Actor) -> None:
        self.source = source
        self.actor = actor
        rows = list(rows)
        companies = visible_companies(actor=actor).order_by("created_at")
        contacts = visible_contacts(actor=actor).order_by("created_at")
        self.companies = Found(
            _first(companies, "domain", (row.company_domain for row in rows)),
            self._by_key(companies, {row.company_external_id for row in rows}),
            _first(companies, "name_key", (row.company_name_key for row in rows)),
        )
        self.contacts = Found(
            _first(contacts, "email_key", chain.from_iterable(map(addresses_in, rows))),
            self._by_key(contacts, set(chain.from_iterable(map(keys_in, rows)))),
            {},
        )
        self.people = _people({owner_in(row).lower() for row in rows}, actor=actor)
        self.deals: dict[DealKey, Deal] = {}
        self.hidden: frozenset[str] = frozenset()
        self.given_away: frozenset[tuple[str, UUID | None, UUID]] = frozenset()
        self._read_deals(rows)

    def company(self, row: DealRow) -> Company | None:
        found = self.companies
        known: Company | None = (
            found.by_word.get(row.company_domain)
            or found.by_key.get(row.company_external_id)
            or found.by_name.get(row.company_name_key)
        )
        return known

    def contact(self, row: DealRow) -> Contact | None:
        known: Contact | None = (
            self.contacts.by_word.get(row.contact_email.lower())
            if row.contact_email
            else self.contacts.by_key.get(row.contact_external_id)
        )
        return known

    def owner(self, row: DealRow) -> User | None:
        return self.people.get(owner_in(row).lower())

    def further_contacts(self, row: DealRow) -> list[tuple[str, Contact | None]]:
        """Everybody else whom the line names, by address or key, in its order."""
        by_address, by_key = self.contacts.by_word, self.contacts.by_key
        return [
            *((word, by_address.get(word)) for word in addresses_in(row)[1:]),
            *((word, by_key.get(word)) for word in keys_in(row)[1:]),
        ]

    def deal(self, row: DealRow, company: Company | None) -> Deal | None:
        """By its key, or as what its owner has already, even among hidden ones: there is no second one of it."""
        known, owner = self.deals.get(key_of(row, company)), self.owner(row)
        is_given_away = owner and (row.name, company and company.pk, owner.pk) in self.given_away
        if row.external_id in self.hidden or (known is None and not row.external_id and is_given_away):
            raise NotPermittedError(DEAL, code="not_permitted")
        return known

    def add_company(self, row: DealRow, company: Company) -> None:
        for found, word in (
            (self.companies.by_word, row.company_domain),
            (self.companies.by_key, row.company_external_id),
            (self.companies.by_name, row.company_name_key),
        ):
            if word:
                found.setdefault(word, company)

    def forget_company(self, row: DealRow) -> None:
        """It went with its line."""
        self.companies.by_word.pop(row.company_domain, None)
        self.companies.by_key.pop(row.company_external_id, None)
        self.companies.by_name.pop(row.company_name_key, None)

    def _read_deals(self, rows: list[DealRow]) -> None:
        visible = visible_deals(actor=self.actor)
        keys = {row.external_id for row in rows if row.external_id}
        if keys:
            of_source = Deal.objects.filter(source=self.source, external_id__in=keys)
            for deal in visible.filter(source=self.source, external_id__in=keys):
                self.deals.setdefault(("key", deal.external_id, None), deal)
            there = set(of_source.order_by().values_list("external_id", flat=True))
            self.hidden = frozenset(there - {key for _, key, _ in self.deals})
        names = {row.name for row in rows if not row.external_id}
        if names:
            for deal in visible.filter(name__in=names):
                self.deals.setdefault(("name", deal.name, deal.company_id), deal)
        if names and self.people:
            theirs = Deal.objects.filter(name__in=names, owner__in=self.people.values()).order_by()
            self.given_away = frozenset(theirs.values_list("name", "company_id", "owner_id"))

    def _by_key(self, records: QuerySet[M], keys: set[str]) -> dict[str, M]:
        """A key of another system says nothing; one of no system belongs to plain lists, and comes second."""
        keys.discard("")
        systems = [self.source, ""] if self.source == "plain" else [self.source]
        known = records.filter(external_source__in=systems).order_by("-external_source", "created_at")
        found = _first(known, "external_id", keys)
        left = keys - found.keys()
        if left and self.source != "plain":
            kind = str(records.model._meta.model_name)
            further = SourceKey.objects.filter(record_type=kind, system=self.source, key__in=left)
            named = list(further.values_list("key", "record_id"))  # a record may have several of them
            there = records.in_bulk([record for _, record in named])
            found |= {key: there[record] for key, record in named if record in there}
        return found


def _people(words: set[str], *, actor: Actor) -> dict[str, User]:
    """Who works here by address and by name; a name that two people share says nobody."""
    words.discard("")
    if not words:
        return {}
    known = active_users(actor=actor).annotate(address=Lower("email"), called=Lower("name"))
    users = list(known.filter(Q(address__in=words) | Q(called__in=words)))
    times = Counter(user.called for user in users)
    by_name = {user.called: user for user in users if times[user.called] == 1}
    return by_name | {user.address: user for user in users}


def _first(records: QuerySet[M], column: str, words: Iterable[str]) -> dict[str, M]:
    """The first record of each word."""
    wanted = {word for word in words if word}
    found: dict[str, M] = {}
    for record in records.filter(**{f"{column}__in": wanted}) if wanted else ():
        found.setdefault(getattr(record, column), record)
    return found
