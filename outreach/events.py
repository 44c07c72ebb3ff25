"""Facts of finding people and writing to them. The names are a contract with subscribers, rules and webhooks."""

from dataclasses import dataclass
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
