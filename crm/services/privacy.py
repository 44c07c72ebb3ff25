"""What somebody may ask of us by law: everything we know of them, and to forget it."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from crm.enums import CustomerState
from crm.events import PersonErased, PersonExported
from crm.models import Contact, Merge
from crm.services.changing import locked
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.history.models import Change
from gtmos.kernel.models import Embedding, EmbeddingJob
from gtmos.kernel.permissions import require
from gtmos.kernel.privacy.emptying import empty
from gtmos.kernel.privacy.exporting import everything
from gtmos.kernel.privacy.finding import Found, rows_of
from gtmos.kernel.privacy.holdings import Person, preparations
from gtmos.kernel.privacy.models import PrivacyRequest, PrivacyRequestKind
from gtmos.kernel.privacy.words import says

IDENTIFYING = ("email", "email_key", "phone", "linkedin_url", "linkedin_key")
SHORTEST_WORD = 6


def person_of(contact: Contact) -> Person:
    """With every address, number and name they ever had here, also in records merged into theirs, and only theirs."""
    keys, known = _all_records(contact)
    for change in Change.objects.filter(subject_id__in=keys):
        known += [change.previous_values, change.new_values]
    words = {
        value.strip().casefold()
        for values in known
        for name in (*IDENTIFYING, "name")
        if isinstance(value := values.get(name), str)
        and _tells(name, value.strip())
        and not _is_shared(contact, name, value)
    }
    return Person(key=contact.pk, words=frozenset(words), keys=keys)


def _all_records(contact: Contact) -> tuple[set[UUID], list[dict[str, Any]]]:
    """Keys and values of this record and of those that it has absorbed, however often."""
    keys, known = {contact.pk}, [{name: getattr(contact, name) for name in (*IDENTIFYING, "name")}]
    waiting = [contact.pk]
    while waiting:
        for merge in Merge.objects.filter(kept_id=waiting.pop(), undone_at__isnull=True):
            if merge.absorbed_id not in keys:
                keys.add(merge.absorbed_id)
                waiting.append(merge.absorbed_id)
                known.append(merge.absorbed_values)
    return keys, known


def _tells(name: str, value: str) -> bool:
    return len(value) >= SHORTEST_WORD and (name != "name" or " " in value)


def _is_shared(contact: Contact, name: str, value: str) -> bool:
    """A switchboard or a namesake: taking it out everywhere would take it from somebody else."""
    return Contact.objects.exclude(pk=contact.pk).filter(**{f"{name}__iexact": value}).exists()


@transaction.atomic
def export_person(contact: Contact, *, actor: Actor) -> dict[str, Any]:
    """Everything known of this person, as JSON."""
    require(actor, "crm.export_person", contact)
    told = everything(person_of(contact))
    counts = {name: len(rows) for name, rows in told.items()}
    note = _note(PrivacyRequestKind.EXPORT, contact.pk, "", counts, actor)
    events.publish(PersonExported(contact_id=contact.pk, request_id=note.pk), subject=contact, actor=actor)
    return {"person": str(contact.pk), "made_at": note.made_at.isoformat(), "records": told}


def preview_erasure(contact: Contact, *, actor: Actor) -> dict[str, int]:
    """How many rows of which kind an erasure would empty."""
    require(actor, "crm.erase_person", contact)
    return _counted(rows_of(person_of(contact)))


@transaction.atomic
def erase_person(contact: Contact, *, reason: str, actor: Actor) -> PrivacyRequest:
    """Forget this person everywhere and for good; counts and the refusal of the address stay. Cannot be undone."""
    require(actor, "crm.erase_person", contact)
    contact = locked(contact)
    if contact.erased_at is not None:
        raise DomainError("This person was erased before.", code="erased")
    person = person_of(contact)
    reason = _checked(reason, person)
    for prepare in preparations():
        prepare(contact, person, actor=actor)
    found = rows_of(person)
    counts = _counted(found)
    for holding, keys in found:
        if holding.erase is not None:
            holding.erase(keys, person, reason=reason, actor=actor)
        else:
            empty(holding, keys, person)
    _forget_vectors(found)
    contact.refresh_from_db()
    return _certify(contact, reason, counts, actor)


def _checked(reason: str, person: Person) -> str:
    reason = reason.strip()[:300]
    if not reason:
        raise InvalidInputError("Say why this person is erased.", code="reason_missing")
    if says(reason, person.words):
        raise InvalidInputError(
            "The reason is kept. Do not name the person in it.", code="reason_names_person"
        )
    return reason


def _forget_vectors(found: Found) -> None:
    """Also of rows that only speak of the person: their text is read again without them."""
    keys = [key for _, pks in found for key in pks if isinstance(key, UUID)]
    Embedding.objects.filter(subject_id__in=keys).delete()
    EmbeddingJob.objects.filter(subject_id__in=keys).delete()


def _certify(contact: Contact, reason: str, counts: dict[str, int], actor: Actor) -> PrivacyRequest:
    note = _note(PrivacyRequestKind.ERASURE, contact.pk, reason, counts, actor)
    after = {"erased_at": contact.erased_at}
    history.record(
        contact, before={"erased_at": None}, after=after, actor=actor, category="ERASED", summary=reason
    )
    events.publish(PersonErased(contact_id=contact.pk, certificate_id=note.pk), subject=contact, actor=actor)
    live.push(f"contact:{contact.pk}")
    return note


def _counted(found: Found) -> dict[str, int]:
    counts: dict[str, int] = {}
    for holding, keys in found:
        counts[holding.title] = counts.get(holding.title, 0) + len(keys)
    return counts


def _note(kind: str, key: UUID, reason: str, counts: dict[str, int], actor: Actor) -> PrivacyRequest:
    return PrivacyRequest.objects.create(
        kind=kind,
        subject_id=key,
        reason=reason,
        counts=counts,
        made_by=actor.label[:150],
        made_at=clock.now(),
    )


def idle_contacts(before: Any) -> Any:
    """People nobody dealt with since: neither changed nor written to nor answered."""
    quiet = Q(last_contact_date__isnull=True) | Q(last_contact_date__lt=before)
    return Contact.objects.filter(
        quiet, updated_at__lt=before, erased_at__isnull=True, deals__isnull=True
    ).exclude(company__customer_state__in=(CustomerState.BUYING, CustomerState.USING))
