"""What can be done to a contact."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.enums import EmailStatus
from crm.events import ContactChanged, ContactCreated, ContactOptedOut
from crm.intake.titles import department_of, seniority_of
from crm.models import Company, Contact
from crm.services.assigning import assign, says_whose
from crm.services.changing import apply_changes, check, locked, refuse_unknown, stated, with_custom
from crm.services.companies import ownership
from crm.services.identity import fill_contact_keys
from crm.services.notifying import tell_new_owner
from crm.services.waiting import tie_what_waited
from gtmos.kernel import events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.rights import refuse_fixed
from gtmos.kernel.rules.checking import refuse_broken
from gtmos.kernel.sets import insert_many

EDITABLE = frozenset(
    {
        "company",
        "name",
        "first_name",
        "last_name",
        "external_id",
        "email",
        "email_status",
        "phone",
        "title",
        "department",
        "seniority",
        "influence_role",
        "authority_override",
        "is_primary",
        "lifecycle",
        "engagement_score",
        "last_contact_date",
        "linkedin_url",
        "city",
        "country",
        "time_zone",
        "language",
        "do_not_email",
        "do_not_call",
        "opted_out_at",
        "consent_basis",
        "consent_source",
        "consent_on",
        "paused_until",
        "source",
        "dated_on",
        "custom",
        "owner",
        "team",
    }
)  # fmt: skip -- a table of names reads better in lines

CALLED_BY = frozenset({"email", "external_id"})  # by these files name them


@transaction.atomic
def create_contact(
    *,
    actor: Actor,
    name: str = "",
    company: Company | None = None,
    email: str = "",
    cause_id: UUID | None = None,
    **fields: Any,
) -> Contact:
    """Add a person; refused when the address already belongs to one."""
    require(actor, "crm.create_contact")
    fields = with_custom(Contact(), _with_consequence(fields), actor=actor)
    _check_authority(fields)
    contact = Contact(
        name=name.strip(), company=company, email=email.strip(), **{**ownership(actor), **fields}
    )
    refuse_unknown(contact, fields, EDITABLE)
    refuse_fixed(Contact, stated({**fields, "email": email}), actor=actor)
    derived = prepare(contact)
    check(contact, ["name", "email", *fields, *derived])
    refuse_broken(contact)
    if contact.is_primary:
        _free_the_place(contact, contact.company, actor=actor, cause_id=cause_id)
    handed = [] if says_whose(fields) else assign([contact], actor=actor, cause_id=cause_id)
    try:
        contact.save(force_insert=True)  # a refusal ends the verb, so it needs no savepoint of its own
    except IntegrityError as error:
        raise _taken(contact) from error
    history.record_creation(contact, actor=actor, cause_id=cause_id)
    insert_many([change for _, change in handed if change])
    events.publish(ContactCreated(contact_id=contact.pk), subject=contact, actor=actor)
    live.push(f"contact:{contact.pk}")
    tie_what_waited([contact], actor=actor, cause_id=cause_id)
    if contact.opted_out_at is not None:
        _tell_of_opt_out(contact, actor)
    return contact


@transaction.atomic
def update_contact(
    contact: Contact, *, changes: dict[str, Any], actor: Actor, cause_id: UUID | None = None
) -> Contact:
    require(actor, "crm.edit_contact", contact)
    contact = locked(contact)
    _refuse_reviving(contact)
    _refuse_opting_in(contact, changes)
    changes = _with_consequence(changes)
    _check_authority(changes)
    if changes.get("is_primary", contact.is_primary):
        _free_the_place(contact, changes.get("company", contact.company), actor=actor, cause_id=cause_id)
    try:
        with transaction.atomic():
            changed = apply_changes(
                contact,
                changes,
                allowed=EDITABLE,
                actor=actor,
                category="CONTACT_INFO",
                derive=prepare,
                cause_id=cause_id,
            )
    except IntegrityError as error:
        raise _taken(contact) from error
    if changed:
        events.publish(ContactChanged(contact_id=contact.pk, fields=changed), subject=contact, actor=actor)
        live.push(f"contact:{contact.pk}")
    if "owner" in changed:
        tell_new_owner(contact, actor=actor)
    if CALLED_BY & set(changed):
        tie_what_waited([contact], actor=actor, cause_id=cause_id)
    if "opted_out_at" in changed:
        _tell_of_opt_out(contact, actor)
    return contact


def set_primary_contact(contact: Contact, *, actor: Actor) -> Contact:
    """The one to turn to first at the company; whoever was it before is it no longer."""
    if contact.company_id is None:
        raise DomainError(f"{contact} belongs to no company.", code="no_company")
    return update_contact(contact, changes={"is_primary": True}, actor=actor)


@transaction.atomic
def opt_out(contact: Contact, *, at: datetime, detail: str, actor: Actor) -> Contact:
    """The person wants no more mail. Final: no later edit or import takes it back."""
    require(actor, "crm.edit_contact", contact)
    contact = locked(contact)
    changes: dict[str, Any] = {"do_not_email": True, "opted_out_at": contact.opted_out_at or at}
    if apply_changes(contact, changes, allowed=EDITABLE, actor=actor, category="CONSENT"):
        _tell_of_opt_out(contact, actor)
        live.push(f"contact:{contact.pk}")
    del detail
    return contact


@transaction.atomic
def mark_bounced(contact: Contact, *, actor: Actor) -> Contact:
    """The address does not exist; nobody writes to it until somebody enters another."""
    return update_contact(contact, changes={"email_status": EmailStatus.BOUNCED}, actor=actor)


@transaction.atomic
def pause_contact(contact: Contact, *, until: datetime, actor: Actor) -> Contact:
    """No campaign writes to this person before the given moment; a later pause is never shortened."""
    longest = max(filter(None, [contact.paused_until, until]))
    return update_contact(contact, changes={"paused_until": longest}, actor=actor)


def prepare(contact: Contact) -> list[str]:
    """Derived columns; department and seniority follow the title where nobody set them."""
    derived = fill_contact_keys(contact)
    if not contact.name and not contact.email:
        raise InvalidInputError("A contact needs a name or an e-mail address.", code="name_missing")
    if contact.title and not contact.department:
        contact.department = department_of(contact.title)
        derived.append("department")
    if contact.title and not contact.seniority:
        contact.seniority = seniority_of(contact.title)
        derived.append("seniority")
    return derived


def _free_the_place(
    contact: Contact, company: Company | None, *, actor: Actor, cause_id: UUID | None
) -> None:
    """One primary contact for each company: the company is locked, so that two changes at once wait for each other."""
    if company is None:
        return
    Company.objects.select_for_update(of=("self",)).only("pk").get(pk=company.pk)
    former = Contact.objects.select_for_update(of=("self",)).filter(company=company, is_primary=True)
    for other in former.exclude(pk=contact.pk):
        changes = {"is_primary": False}
        apply_changes(
            other, changes, allowed=EDITABLE, actor=actor, category="CONTACT_INFO", cause_id=cause_id
        )
        events.publish(
            ContactChanged(contact_id=other.pk, fields=("is_primary",)), subject=other, actor=actor
        )


def _check_authority(changes: dict[str, Any]) -> None:
    value = changes.get("authority_override")
    if value is not None and not 0 <= value <= 1:
        raise InvalidInputError("Authority is a number from 0 to 1.", code="bad_authority")


def _refuse_reviving(contact: Contact) -> None:
    if contact.erased_at is not None:
        raise DomainError("This person was erased. That is final.", code="erased")


def _refuse_opting_in(contact: Contact, changes: dict[str, Any]) -> None:
    revived = contact.opted_out_at is not None and (
        changes.get("do_not_email") is False or changes.get("opted_out_at", contact.opted_out_at) is None
    )
    if revived:
        raise DomainError(
            f"{contact} opted out on {timezone.localtime(contact.opted_out_at):%-d %b %Y}. Only they can take that back.",
            code="opt_out_is_final",
        )


def _with_consequence(changes: dict[str, Any]) -> dict[str, Any]:
    """Whoever opted out is not e-mailed, by whatever door the date came in."""
    return {**changes, "do_not_email": True} if changes.get("opted_out_at") else changes


def _tell_of_opt_out(contact: Contact, actor: Actor) -> None:
    events.publish(ContactOptedOut(contact_id=contact.pk, email=contact.email), subject=contact, actor=actor)


def _taken(contact: Contact) -> DomainError:
    return DomainError(
        f"{contact.email} already belongs to a contact, or the company has another primary contact.",
        code="contact_exists",
    )
