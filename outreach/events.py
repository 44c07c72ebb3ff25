"""Facts of finding people and writing to them. The names are a contract with subscribers, rules and webhooks."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events import Event
from gtmos.kernel.events.enums import Priority


@dataclass(frozen=True, slots=True)
class AddressSuppressed(Event):
    name: ClassVar[str] = "outreach.address_suppressed"
    channel: str
    address_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class TouchesSent(Event):
    """A batch: mails go out by the hundred each second."""

    name: ClassVar[str] = "outreach.touches_sent"
    priority: ClassVar[Priority] = Priority.LOW
    touch_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TouchesFailed(Event):
    name: ClassVar[str] = "outreach.touches_failed"
    touch_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TouchesInDoubt(Event):
    """Nobody knows yet whether these mails arrived."""

    name: ClassVar[str] = "outreach.touches_in_doubt"
    priority: ClassVar[Priority] = Priority.HIGH
    touch_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TouchBounced(Event):
    """The receiving server refused the recipient for good."""

    name: ClassVar[str] = "outreach.touch_bounced"
    priority: ClassVar[Priority] = Priority.HIGH
    touch_id: int
    contact_id: UUID
    detail: str


@dataclass(frozen=True, slots=True)
class CampaignStartedRunning(Event):
    name: ClassVar[str] = "outreach.campaign_started_running"
    campaign_id: UUID


@dataclass(frozen=True, slots=True)
class CampaignDrafted(Event):
    name: ClassVar[str] = "outreach.campaign_drafted"
    campaign_id: UUID
    recipients: int


@dataclass(frozen=True, slots=True)
class CampaignContentChanged(Event):
    """An approval given before no longer holds."""

    name: ClassVar[str] = "outreach.campaign_content_changed"
    campaign_id: UUID
    what: str


@dataclass(frozen=True, slots=True)
class CampaignApproved(Event):
    name: ClassVar[str] = "outreach.campaign_approved"
    campaign_id: UUID
    recipients: int
    approved_hash: str


@dataclass(frozen=True, slots=True)
class CampaignActivated(Event):
    name: ClassVar[str] = "outreach.campaign_activated"
    campaign_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignStartCancelled(Event):
    name: ClassVar[str] = "outreach.campaign_start_cancelled"
    priority: ClassVar[Priority] = Priority.HIGH
    campaign_id: UUID


@dataclass(frozen=True, slots=True)
class CampaignPaused(Event):
    name: ClassVar[str] = "outreach.campaign_paused"
    priority: ClassVar[Priority] = Priority.HIGH
    campaign_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class CampaignResumed(Event):
    name: ClassVar[str] = "outreach.campaign_resumed"
    campaign_id: UUID


@dataclass(frozen=True, slots=True)
class CampaignCompleted(Event):
    name: ClassVar[str] = "outreach.campaign_completed"
    campaign_id: UUID


@dataclass(frozen=True, slots=True)
class CampaignArchived(Event):
    name: ClassVar[str] = "outreach.campaign_archived"
    campaign_id: UUID


@dataclass(frozen=True, slots=True)
class EnrollmentsFinished(Event):
    """A batch: nobody of these answered in time."""

    name: ClassVar[str] = "outreach.enrollments_finished"
    priority: ClassVar[Priority] = Priority.LOW
    campaign_id: UUID
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class VariantAdded(Event):
    name: ClassVar[str] = "outreach.variant_added"
    experiment_id: UUID
    campaign_id: UUID
    letter: str


@dataclass(frozen=True, slots=True)
class VariantUnpromoted(Event):
    name: ClassVar[str] = "outreach.variant_unpromoted"
    experiment_id: UUID
    campaign_id: UUID
    letter: str


@dataclass(frozen=True, slots=True)
class ExperimentProven(Event):
    """The rule has decided, and a person is to say whether it is promoted."""

    name: ClassVar[str] = "outreach.experiment_proven"
    experiment_id: UUID
    campaign_id: UUID
    letter: str


@dataclass(frozen=True, slots=True)
class ExperimentDecided(Event):
    """`by` is "rule", "person", or "end" when it ended without a decision; then `letter` is empty."""

    name: ClassVar[str] = "outreach.experiment_decided"
    experiment_id: UUID
    campaign_id: UUID
    by: str
    is_proven: bool
    verdict: str
    letter: str
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReplyReceived(Event):
    """A person answered. `touch_id` is none when the answer names no mail of ours."""

    name: ClassVar[str] = "outreach.reply_received"
    priority: ClassVar[Priority] = Priority.HIGH
    mail_id: int
    category: str
    contact_id: UUID | None
    touch_id: int | None
    campaign_id: UUID | None


@dataclass(frozen=True, slots=True)
class AutoReplyReceived(Event):
    """A machine answered for a person: away, or gone."""

    name: ClassVar[str] = "outreach.auto_reply_received"
    mail_id: int
    contact_id: UUID
    touch_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class MailBounced(Event):
    name: ClassVar[str] = "outreach.mail_bounced"
    priority: ClassVar[Priority] = Priority.HIGH
    touch_id: int
    contact_id: UUID
    is_hard: bool
    detail: str


@dataclass(frozen=True, slots=True)
class ComplaintReceived(Event):
    """Somebody pressed the spam button; each of these costs the reputation of the sender."""

    name: ClassVar[str] = "outreach.complaint_received"
    priority: ClassVar[Priority] = Priority.HIGH
    touch_id: int
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class PersonUnsubscribed(Event):
    """`how` is "one click", "page", "mail" or "words"."""

    name: ClassVar[str] = "outreach.person_unsubscribed"
    priority: ClassVar[Priority] = Priority.HIGH
    contact_id: UUID
    touch_id: int | None
    how: str


@dataclass(frozen=True, slots=True)
class EnrollmentPaused(Event):
    name: ClassVar[str] = "outreach.enrollment_paused"
    enrollment_id: UUID
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class EnrollmentResumed(Event):
    name: ClassVar[str] = "outreach.enrollment_resumed"
    enrollment_id: UUID


@dataclass(frozen=True, slots=True)
class EnrollmentFinished(Event):
    name: ClassVar[str] = "outreach.enrollment_finished"
    enrollment_id: UUID
    campaign_id: UUID
    contact_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True)
class ResearchStarted(Event):
    name: ClassVar[str] = "outreach.research_started"
    job_id: UUID


@dataclass(frozen=True, slots=True)
class ResearchFinished(Event):
    """`state` is done, partial or failed."""

    name: ClassVar[str] = "outreach.research_finished"
    job_id: UUID
    state: str
    companies_examined: int
    companies_found: int
    contacts_found: int


@dataclass(frozen=True, slots=True)
class ResearchCancelled(Event):
    name: ClassVar[str] = "outreach.research_cancelled"
    job_id: UUID


@dataclass(frozen=True, slots=True)
class ProspectsDecided(Event):
    """A batch. `to` is selected, dismissed, or new when a decision was taken back."""

    name: ClassVar[str] = "outreach.prospects_decided"
    job_id: UUID
    to: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchSaved(Event):
    name: ClassVar[str] = "outreach.search_saved"
    priority: ClassVar[Priority] = Priority.LOW
    search_id: UUID


@dataclass(frozen=True, slots=True)
class ScoringWeightsActivated(Event):
    """Research that begins from now on scores by these weights."""

    name: ClassVar[str] = "outreach.scoring_weights_activated"
    weights_id: UUID


@dataclass(frozen=True, slots=True)
class SendingDomainChecked(Event):
    """The checks of a domain we send from turned out otherwise than before; `failing` names those that fail."""

    name: ClassVar[str] = "outreach.sending_domain_checked"
    priority: ClassVar[Priority] = Priority.LOW
    domain_id: UUID
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailboxPaused(Event):
    """Too much of what it sent came back; `kind` is bounced or complained."""

    name: ClassVar[str] = "outreach.mailbox_paused"
    priority: ClassVar[Priority] = Priority.HIGH
    mailbox_id: UUID
    kind: str
    reason: str
