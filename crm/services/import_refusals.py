"""Lines that hit what somebody else looks after: nothing of them is taken, and nothing of the record is told."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from crm.intake.rows import Record
from crm.models import Company, Contact
from crm.services.contacts import opt_out
from crm.services.import_targets import Targets
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_condition

ELSEWHERE = "This {noun} is looked after by another team; ask them or an administrator."
COMPANY, PERSON, DEAL = (ELSEWHERE.format(noun=noun) for noun in ("company", "person", "deal"))


class Guard:
    """Asked for each part of a file, before any of it is merged."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.opt_outs: dict[str, datetime | None] = {}
        self.targets = Targets(actor)
        self.sees_everything = actor.is_system or (actor.user is not None and actor.user.sees_everything)

    def checked(self, chunk: list[Record]) -> list[Record]:
        """The same lines, marked as rejected where they hit a hidden record or lead to one that is not there."""
        chunk, given = self.targets.checked(chunk), chunk
        self.note_opt_outs(
            record for record, before in zip(chunk, given, strict=True) if record is not before
        )
        if self.sees_everything:
            return chunk
        hidden = _Hidden(chunk, self.actor)
        return [self._marked(record, hidden) for record in chunk]

    def _marked(self, record: Record, hidden: "_Hidden") -> Record:
        reason = "" if record.rejected else hidden.reason(record)
        if not reason:
            return record
        self.note_opt_outs([record])
        return record._replace(rejected=reason)

    def note_opt_outs(self, refused: Iterable[Record]) -> None:
        for record in refused:
            if record.contact is not None and (record.contact.do_not_email or record.contact.opted_out_at):
                self.opt_outs[record.contact.email_key] = record.contact.opted_out_at

    def keep_opt_outs(self) -> None:
        """Not to be written to is a person's own word: of a refused line it still counts, in whosever record."""
        refusing = Contact.objects.filter(email_key__in=self.opt_outs.keys() - {""}, opted_out_at=None)
        for person in refusing.order_by("pk"):
            at = self.opt_outs[person.email_key] or clock.now()
            opt_out(person, at=at, detail="import", actor=Actor.system("import", source="import"))


class _Hidden:
    """What of the lines belongs to records that the importing person may not see."""

    def __init__(self, chunk: list[Record], actor: Actor) -> None:
        self.domains = _hidden(Company, "domain", map(_domain, chunk), actor)
        self.addresses = _hidden(Contact, "email_key", map(_address, chunk), actor)
        self.profiles = _hidden(Contact, "linkedin_key", map(_profile, chunk), actor)

    def reason(self, record: Record) -> str:
        if _domain(record) in self.domains:
            return COMPANY
        hit = _address(record) in self.addresses or _profile(record) in self.profiles
        return PERSON if hit else ""


def _hidden(model: type[Company | Contact], column: str, keys: Iterable[str], actor: Actor) -> frozenset[str]:
    """The keys that only rows have which the actor may not see; thousands are asked in one array."""
    wanted = sorted(set(keys) - {""})
    if not wanted:
        return frozenset()
    seen, values = visible_condition(actor, "r", model)
    statement = (
        f"SELECT r.{column} FROM {model._meta.db_table} r WHERE r.{column} = ANY(%(wanted)s) AND r.{column} <> '' "  # noqa: S608 -- names from this module
        f"GROUP BY r.{column} HAVING NOT bool_or({seen})"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"wanted": wanted, **values})
        return frozenset(key for (key,) in cursor.fetchall())


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
