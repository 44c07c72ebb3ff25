"""Facts of the records themselves: companies, contacts, deals and what is done to many of them."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events import Event
from gtmos.kernel.events.enums import Priority


@dataclass(frozen=True, slots=True)
class CompanyCreated(Event):
    name: ClassVar[str] = "crm.company_created"
    company_id: UUID


@dataclass(frozen=True, slots=True)
class CompanyChanged(Event):
    name: ClassVar[str] = "crm.company_changed"
    company_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompanyDeleted(Event):
    """Taken back, by itself or with the import that made it. Two that were merged are told as such."""

    name: ClassVar[str] = "crm.company_deleted"
    company_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerStateChanged(Event):
    name: ClassVar[str] = "crm.customer_state_changed"
    company_id: UUID
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ContactCreated(Event):
    name: ClassVar[str] = "crm.contact_created"
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class ContactChanged(Event):
    name: ClassVar[str] = "crm.contact_changed"
    contact_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactDeleted(Event):
    """Taken back, by itself or with the import that made it. Two that were merged are told as such."""

    name: ClassVar[str] = "crm.contact_deleted"
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class ContactOptedOut(Event):
    name: ClassVar[str] = "crm.contact_opted_out"
    priority: ClassVar[Priority] = Priority.HIGH
    contact_id: UUID
    email: str


@dataclass(frozen=True, slots=True)
class DealCreated(Event):
    name: ClassVar[str] = "crm.deal_created"
    deal_id: UUID


@dataclass(frozen=True, slots=True)
class DealChanged(Event):
    name: ClassVar[str] = "crm.deal_changed"
    deal_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DealDeleted(Event):
    name: ClassVar[str] = "crm.deal_deleted"
    deal_id: UUID


@dataclass(frozen=True, slots=True)
class DealStageChanged(Event):
    name: ClassVar[str] = "crm.deal_stage_changed"
    deal_id: UUID
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DealWon(Event):
    name: ClassVar[str] = "crm.deal_won"
    deal_id: UUID


@dataclass(frozen=True, slots=True)
class DealLost(Event):
    name: ClassVar[str] = "crm.deal_lost"
    deal_id: UUID


@dataclass(frozen=True, slots=True)
class DealHeld(Event):
    name: ClassVar[str] = "crm.deal_held"
    deal_id: UUID


@dataclass(frozen=True, slots=True)
class DealResumed(Event):
    """On hold before, open again."""

    name: ClassVar[str] = "crm.deal_resumed"
    deal_id: UUID


@dataclass(frozen=True, slots=True)
class DealReopened(Event):
    """Won or lost before, open again."""

    name: ClassVar[str] = "crm.deal_reopened"
    deal_id: UUID


@dataclass(frozen=True, slots=True)
class RatesRecorded(Event):
    """A batch of exchange rates came in."""

    name: ClassVar[str] = "crm.rates_recorded"
    priority: ClassVar[Priority] = Priority.LOW
    recorded: int


@dataclass(frozen=True, slots=True)
class ImportFinished(Event):
    name: ClassVar[str] = "crm.import_finished"
    batch_id: UUID
    created: int
    updated: int
    rejected: int


@dataclass(frozen=True, slots=True)
class BatchWritten(Event):
    """Many records at once by the API; the history of each names the batch as its cause."""

    name: ClassVar[str] = "crm.batch_written"
    priority: ClassVar[Priority] = Priority.LOW
    batch_id: UUID
    kind: str
    created: int
    updated: int
    rejected: int


@dataclass(frozen=True, slots=True)
class ImportUndone(Event):
    name: ClassVar[str] = "crm.import_undone"
    batch_id: UUID


@dataclass(frozen=True, slots=True)
class AccountTeamChanged(Event):
    name: ClassVar[str] = "crm.account_team_changed"
    company_id: UUID


@dataclass(frozen=True, slots=True)
class TerritoriesApplied(Event):
    """Companies were moved to other territories, all by one step."""

    name: ClassVar[str] = "crm.territories_applied"
    priority: ClassVar[Priority] = Priority.LOW
    moved: int


@dataclass(frozen=True, slots=True)
class TargetListChanged(Event):
    """Its words, its owners, or which companies are on it."""

    name: ClassVar[str] = "crm.target_list_changed"
    target_list_id: UUID


@dataclass(frozen=True, slots=True)
class RoutingActivated(Event):
    """From now on these rules say who gets what comes in; `before` is the number of the version until then, or 0."""

    name: ClassVar[str] = "crm.routing_activated"
    number: int
    before: int


@dataclass(frozen=True, slots=True)
class RecordsExported(Event):
    """Who it was is the actor of the event."""

    name: ClassVar[str] = "crm.records_exported"
    priority: ClassVar[Priority] = Priority.LOW
    kind: str
    text: str
    choice: str
    file_format: str
    rows: int


@dataclass(frozen=True, slots=True)
class RecordsMerged(Event):
    """`kind` is company, contact or deal. The absorbed record is gone; what was its is the kept one's."""

    name: ClassVar[str] = "crm.records_merged"
    merge_id: UUID
    kind: str
    kept_id: UUID
    absorbed_id: UUID


@dataclass(frozen=True, slots=True)
class MergeUndone(Event):
    name: ClassVar[str] = "crm.merge_undone"
    merge_id: UUID
    kind: str
    kept_id: UUID
    absorbed_id: UUID


@dataclass(frozen=True, slots=True)
class DuplicateDismissed(Event):
    name: ClassVar[str] = "crm.duplicate_dismissed"
    pair_id: UUID


@dataclass(frozen=True, slots=True)
class ForecastKept(Event):
    name: ClassVar[str] = "crm.forecast_kept"
    priority: ClassVar[Priority] = Priority.LOW
    taken_on: str
    rows: int


@dataclass(frozen=True, slots=True)
class DealHealthChanged(Event):
    name: ClassVar[str] = "crm.deal_health_changed"
    deal_id: UUID
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PersonExported(Event):
    """Somebody was told everything that is known of them."""

    name: ClassVar[str] = "crm.person_exported"
    contact_id: UUID
    request_id: int


@dataclass(frozen=True, slots=True)
class PersonErased(Event):
    """Nothing is known of them any more; the record stays, empty."""

    name: ClassVar[str] = "crm.person_erased"
    priority: ClassVar[Priority] = Priority.HIGH
    contact_id: UUID
    certificate_id: int


@dataclass(frozen=True, slots=True)
class TextRead(Event):
    name: ClassVar[str] = "crm.text_read"
    priority: ClassVar[Priority] = Priority.LOW
    reading_id: UUID
    decision: str
    waiting: int


@dataclass(frozen=True, slots=True)
class ProposalDecided(Event):
    """`state` is accepted or rejected, or what it was before, where that was taken back."""

    name: ClassVar[str] = "crm.proposal_decided"
    proposal_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class DocumentChanged(Event):
    name: ClassVar[str] = "crm.document_changed"
    document_id: UUID
    subject_type: str
    subject_id: UUID
    change: str


@dataclass(frozen=True, slots=True)
class AlertRaised(Event):
    name: ClassVar[str] = "crm.alert_raised"
    priority: ClassVar[Priority] = Priority.HIGH
    alert_id: UUID
    kind: str
    company_id: UUID
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class AlertDecided(Event):
    name: ClassVar[str] = "crm.alert_decided"
    alert_id: UUID
    state: str
