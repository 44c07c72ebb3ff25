"""Deciding on what was read out of a text. Accepting ends in the record's own verbs, with their rights and checks."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Max

from crm.enums import ProposalKind, ProposalState
from crm.events import ProposalDecided
from crm.models import Company, Contact, Deal, Proposal, Reading
from crm.selectors.reading_matches import find_company, find_contact, find_deal
from crm.selectors.readings import MODELS, WAITING, record_of, waiting_company
from crm.services.changing import locked
from crm.services.companies import create_company
from crm.services.contacts import create_contact
from crm.services.deals import create_deal
from crm.services.reading_drafts import Draft, changes_for
from crm.services.restoring import UPDATES, value_of
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

Record = Company | Contact | Deal
DEAL_WORDS = {
    "deal_amount": "amount",
    "deal_amount_currency": "currency",
    "deal_expected_signing_date": "close_on",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of accepting several: those that were done, and why the others were not."""

    done: list[Proposal] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@transaction.atomic
def accept_proposal(proposal: Proposal, *, actor: Actor) -> Proposal:
    """Do it. Where the record says something else by now, it stays a contradiction and nothing is changed."""
    proposal = _waiting(proposal, actor)
    before, cause = proposal.state, uuid4()
    record = _accepted(proposal, actor, cause)
    if record is None:
        return proposal
    proposal.record_id, proposal.cause_id = record.pk, cause
    _link(proposal.reading, proposal.record_type, record)
    return _decide(proposal, ProposalState.ACCEPTED, before, actor)


def accept_all(reading: Reading, *, actor: Actor) -> Outcome:
    """Everything that contradicts nothing, one after another; what is refused does not stop the rest."""
    outcome = Outcome()
    for proposal in reading.proposals.filter(state=ProposalState.OPEN).order_by("place"):
        try:
            outcome.done.append(accept_proposal(proposal, actor=actor))
        except DomainError as error:
            outcome.refused.append(error.message)
    return outcome


@transaction.atomic
def reject_proposal(proposal: Proposal, *, actor: Actor) -> Proposal:
    """The record stays as it is; what was held back is put aside as well."""
    proposal = _waiting(proposal, actor, also=(ProposalState.HELD_BACK,))
    return _decide(proposal, ProposalState.REJECTED, proposal.state, actor)


def _waiting(proposal: Proposal, actor: Actor, *, also: tuple[str, ...] = ()) -> Proposal:
    require(actor, "crm.decide_proposals", proposal.reading)
    proposal = locked(proposal)
    if proposal.state not in {*WAITING, *also}:
        raise DomainError(
            f"This is {proposal.get_state_display()} and cannot be decided now.", code="decided"
        )
    return proposal


def _accepted(proposal: Proposal, actor: Actor, cause: UUID) -> Record | None:
    """The record that was made or changed; None where it is a contradiction by now."""
    if proposal.kind == ProposalKind.SET_FIELD:
        return _set(proposal, actor, cause)
    if not proposal.after.get("name"):
        raise DomainError("Nothing is left of what was read.", code="erased")
    _one_at_a_time()
    home = _home(proposal)
    known = None if proposal.state == ProposalState.CONFLICT else _known(proposal, home, actor)
    if known is None:
        return _made(proposal, home, actor, cause)
    _fill(known, proposal, actor, cause)
    return known


def _set(proposal: Proposal, actor: Actor, cause: UUID) -> Record | None:
    record = record_of(proposal, actor=actor)
    if record is None:
        raise DomainError("The record is no longer there.", code="gone")
    record = locked(record)
    present = {name: plain(getattr(record, name)) for name in proposal.after}
    if any(value_of(record, name, old) != getattr(record, name) for name, old in proposal.before.items()):
        proposal.before, proposal.state = present, ProposalState.CONFLICT
        proposal.reason = "It was changed since the text was read. Look at it again."
        save_changes(proposal, "before", "state", "reason")
        return None
    return _update(record, proposal.after, actor, cause)


def _update(record: Record, values: dict[str, Any], actor: Actor, cause: UUID) -> Record:
    changes = {name: value_of(record, name, value) for name, value in values.items()}
    updated: Record = UPDATES[type(record)](record, changes=changes, actor=actor, cause_id=cause)
    return updated


def _home(proposal: Proposal) -> Company | None:
    """The company of a person or a deal; one that is still to be decided on comes first."""
    if proposal.record_type == "company":
        return None
    waiting = waiting_company(proposal.reading)
    if waiting is not None:
        raise DomainError(
            f"Decide on the company {waiting.after.get('name', '')} first.", code="company_first"
        )
    return proposal.reading.company


def _known(proposal: Proposal, home: Company | None, actor: Actor) -> Record | None:
    """Somebody may have made it since: the same text twice never makes a second one."""
    values = {name: str(value) for name, value in proposal.after.items()}
    if proposal.record_type == "company":
        found = find_company(values["name"], [], actor=actor)
    elif proposal.record_type == "contact":
        found = find_contact(values, home, actor=actor)
    else:
        return find_deal(home, "", actor=actor).record if home else None
    if proposal.record_type == "company" and found.record is None and found.others:
        raise DomainError(f"{found.others[0]} was made since. Read the text again.", code="made_since")
    known: Record | None = found.record
    return known


def _made(proposal: Proposal, home: Company | None, actor: Actor, cause: UUID) -> Record:
    blank = MODELS[proposal.record_type]()
    values = {name: value_of(blank, name, value) for name, value in proposal.after.items()}
    if proposal.record_type == "company":
        return create_company(values.pop("name"), actor=actor, cause_id=cause, **values)
    if proposal.record_type == "contact":
        return create_contact(company=home, actor=actor, cause_id=cause, **values)
    said = {DEAL_WORDS.get(name, name): value for name, value in values.items()}
    contact = proposal.reading.contact
    return create_deal(company=home, contact=contact, actor=actor, cause_id=cause, **said)


def _fill(record: Record, proposal: Proposal, actor: Actor, cause: UUID) -> None:
    """What is empty is filled; what differs is put before a person, like everything that contradicts."""
    drafts = list(changes_for(record, proposal.after, actor=actor))
    drafts = [each for each in drafts if each.values.keys() != {"name"} or proposal.record_type == "contact"]
    values: dict[str, Any] = {}
    for draft in drafts:
        if draft.state == ProposalState.OPEN:
            values |= draft.values
    if values:
        _update(record, values, actor, cause)
    _append(proposal.reading, [each for each in drafts if each.state != ProposalState.OPEN])


def _append(reading: Reading, drafts: list[Draft]) -> None:
    last = reading.proposals.aggregate(last=Max("place"))["last"] or 0
    Proposal.objects.bulk_create(
        Proposal(
            reading=reading,
            place=last + number,
            kind=each.kind,
            record_type=each.noun,
            record_id=each.record.pk,
            field=next(iter(each.values)),
            before=each.before,
            after=each.values,
            state=each.state,
            reason=each.reason,
        )
        for number, each in enumerate(drafts, 1)
    )


def _link(reading: Reading, noun: str, record: Record) -> None:
    """The line of the log names what came of it; of several people none."""
    several = noun == "contact" and len(reading.extracted.get("people", ())) != 1
    if getattr(reading, f"{noun}_id") is None and not several:
        setattr(reading, noun, record)
        save_changes(reading, noun)


def _decide(proposal: Proposal, state: str, before: str, actor: Actor) -> Proposal:
    proposal.state, proposal.decided_by, proposal.decided_at = state, actor.user, clock.now()
    save_changes(proposal, "state", "decided_by", "decided_at", "record_id", "cause_id")
    note_decision(proposal, before, actor)
    return proposal


def note_decision(proposal: Proposal, before: str, actor: Actor) -> None:
    history.record(
        proposal,
        before={"state": before},
        after={"state": proposal.state},
        actor=actor,
        category="PROPOSAL",
        cause_id=proposal.cause_id,
    )
    decided = ProposalDecided(proposal_id=proposal.pk, state=proposal.state)
    events.publish(decided, subject=proposal, actor=actor)
    live.push(f"reading:{proposal.reading_id}")


def _one_at_a_time() -> None:
    """Two people who accept the same new company side by side make one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('crm.proposals'))")
