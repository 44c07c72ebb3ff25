"""Lines that hit what somebody else looks after: nothing of them is taken, and nothing of the record is told."""

from typing import Any

from django.db.models import QuerySet

from crm.intake.rows import Record
from crm.models import Company, Contact
from crm.selectors.visibility import visible_companies, visible_contacts
from gtmos.kernel.actors import Actor

ELSEWHERE = "This {noun} is looked after by another team; ask them or an administrator."
COMPANY, PERSON, DEAL = (ELSEWHERE.format(noun=noun) for noun in ("company", "person", "deal"))


class Guard:
    """Asked for each part of a file, before any of it is merged."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.sees_everything = actor.is_system or (actor.user is not None and actor.user.sees_everything)

    def checked(self, chunk: list[Record]) -> list[Record]:
        """The same lines, those that hit a hidden record by a web domain or an address marked as rejected."""
        if self.sees_everything:
            return chunk
        hidden = _Hidden(chunk, self.actor)
        return [
            record
            if record.rejected or not (reason := hidden.reason(record))
            else record._replace(rejected=reason)
            for record in chunk
        ]  # fmt: skip -- a choice and its reason


class _Hidden:
    """What of the lines belongs to records that the importing person may not see."""

    def __init__(self, chunk: list[Record], actor: Actor) -> None:
        companies = (Company.objects.order_by(), visible_companies(actor=actor).order_by())
        people = (Contact.objects.order_by(), visible_contacts(actor=actor).order_by())
        self.domains = _unseen({_domain(record) for record in chunk}, "domain", *companies)
        self.addresses = _unseen({_address(record) for record in chunk}, "email_key", *people)
        self.profiles = _unseen({_profile(record) for record in chunk}, "linkedin_key", *people)

    def reason(self, record: Record) -> str:
        if _domain(record) in self.domains:
            return COMPANY
        hit = _address(record) in self.addresses or _profile(record) in self.profiles
        return PERSON if hit else ""


def _unseen(keys: set[str], column: str, everything: QuerySet[Any], visible: QuerySet[Any]) -> frozenset[str]:
    wanted = keys - {""}
    if not wanted:
        return frozenset()
    found = set(everything.filter(**{f"{column}__in": wanted}).values_list(column, flat=True))
    if not found:
        return frozenset()
    return frozenset(found - set(visible.filter(**{f"{column}__in": found}).values_list(column, flat=True)))


def _domain(record: Record) -> str:
    if record.company is not None:
        return record.company.domain
    return record.deal.company_domain if record.deal is not None else ""


def _address(record: Record) -> str:
    if record.contact is not None:
        return record.contact.email_key
    return record.deal.contact_email.lower() if record.deal is not None else ""


def _profile(record: Record) -> str:
    """A person with an address is known by it; only without one the profile decides."""
    person = record.contact
    return person.linkedin_key if person is not None and not person.email_key else ""
