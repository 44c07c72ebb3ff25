"""Taking back what was accepted from a text, as far as nobody has worked on it since."""

from typing import Any

from django.db import transaction

from crm.enums import ProposalKind, ProposalState
from crm.events import CompanyDeleted, ContactDeleted
from crm.models import Company, Contact, Deal, Proposal, Reading
from crm.selectors.readings import record_of
from crm.services.changing import locked
from crm.services.proposals import Outcome, note_decision
from crm.services.restoring import restore_values
from crm.services.taking_back import put_state_back, refuse_changed, refuse_used, take_back_deal
from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

STATE = "CUSTOMER_STATE"


@transaction.atomic
def undo_proposal(proposal: Proposal, *, actor: Actor) -> Proposal:
    """The values that were there before; what was made goes, while nothing refers to it. Then it can be decided again."""
    require(actor, "crm.decide_proposals", proposal.reading)
    proposal = locked(proposal)
    before = proposal.state
    if before == ProposalState.ACCEPTED:
        _take_back(proposal, actor)
    elif before != ProposalState.REJECTED:
        raise DomainError("Nothing was decided here that could be taken back.", code="not_decided")
    proposal.state, proposal.decided_by, proposal.decided_at = _as_it_was(proposal), None, None
    save_changes(proposal, "state", "decided_by", "decided_at", "record_id")
    note_decision(proposal, before, actor)
    return proposal


def undo_all(reading: Reading, *, actor: Actor) -> Outcome:
    """Everything that was accepted, the last first."""
    outcome = Outcome()
    for proposal in reading.proposals.filter(state=ProposalState.ACCEPTED).order_by("-decided_at", "-place"):
        try:
            outcome.done.append(undo_proposal(proposal, actor=actor))
        except DomainError as error:
            outcome.refused.append(error.message)
    return outcome


def _as_it_was(proposal: Proposal) -> str:
    """Before the decision, which its history tells; what a later reading replaced was decided by nobody."""
    decided = history.of_record(proposal).filter(change_category="PROPOSAL").first()
    if decided is None:
        raise DomainError("The text was read again. Decide on what was found then.", code="not_decided")
    return str(decided.previous_values["state"])


def _take_back(proposal: Proposal, actor: Actor) -> None:
    record = record_of(proposal, actor=actor)
    changes = Change.objects.filter(cause_id=proposal.cause_id).order_by("-timestamp", "-id")
    if record is None or proposal.cause_id is None:
        raise DomainError("The record is no longer there.", code="gone")
    made = changes.filter(subject_id=record.pk, change_category="CREATED").first()
    if made is None:
        _restore(record, list(changes.filter(subject_id=record.pk)), actor)
        return
    _unlink(proposal, record)
    _remove(record, list(changes), actor)
    if proposal.kind != ProposalKind.SET_FIELD:
        proposal.record_id = None


def _restore(record: Any, changes: list[Change], actor: Actor) -> None:
    for change in changes:
        if change.change_category != "PROPOSAL":
            restore_values(record, change, actor=actor)


def _unlink(proposal: Proposal, record: Company | Contact | Deal) -> None:
    """The log names it, which is no use that somebody made of it."""
    noun = proposal.record_type
    reading = proposal.reading
    if getattr(reading, f"{noun}_id") == record.pk:
        setattr(reading, noun, None)
        save_changes(reading, noun)


def _remove(record: Company | Contact | Deal, changes: list[Change], actor: Actor) -> None:
    version = max(each.version for each in changes if each.subject_id == record.pk)
    if isinstance(record, Deal):
        take_back_deal(record, version=version, actor=actor)
        _put_states_back(changes, actor)
        return
    require(actor, "crm.edit_company" if isinstance(record, Company) else "crm.edit_contact", record)
    record = locked(record)
    refuse_changed(record, version=version)
    refuse_used(record)
    history.record(
        record,
        before={"created": str(record)},
        after={"created": None},
        actor=actor,
        category="DELETED",
        summary=f"Took back {record._meta.verbose_name} {record}",
    )
    is_company = isinstance(record, Company)
    gone = CompanyDeleted(company_id=record.pk) if is_company else ContactDeleted(contact_id=record.pk)
    events.publish(gone, subject=record, actor=actor)
    record.delete()


def _put_states_back(changes: list[Change], actor: Actor) -> None:
    """The company began to buy because of this deal."""
    for change in changes:
        if change.change_category == STATE and change.subject_type == "crm.company":
            company = Company.objects.filter(pk=change.subject_id).first()
            was, became = change.previous_values["customer_state"], change.new_values["customer_state"]
            if company is not None:
                put_state_back(company, was=was, became=became, actor=actor)
