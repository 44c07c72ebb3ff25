"""Facts of finding people and writing to them. The names are a contract with subscribers, rules and webhooks."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events import Event


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
    touch_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TouchesFailed(Event):
    name: ClassVar[str] = "outreach.touches_failed"
    touch_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TouchesInDoubt(Event):
    """Nobody knows yet whether these mails arrived."""

    name: ClassVar[str] = "outreach.touches_in_doubt"
    touch_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TouchBounced(Event):
    """The receiving server refused the recipient for good."""

    name: ClassVar[str] = "outreach.touch_bounced"
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
    campaign_id: UUID


@dataclass(frozen=True, slots=True)
class CampaignPaused(Event):
    name: ClassVar[str] = "outreach.campaign_paused"
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
