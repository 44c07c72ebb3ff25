"""Facts about approvals."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events.enums import Priority
from gtmos.kernel.events.publishing import Event


@dataclass(frozen=True, slots=True)
class ApprovalRequested(Event):
    """Something waits for a decision."""

    name: ClassVar[str] = "kernel.approval_requested"
    priority: ClassVar[Priority] = Priority.HIGH
    approval_id: UUID
    action: str
    subject_type: str
    subject_id: UUID
    asked_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ApprovalGranted(Event):
    """The last step of the chain was granted and took effect."""

    name: ClassVar[str] = "kernel.approval_granted"
    priority: ClassVar[Priority] = Priority.HIGH
    approval_id: UUID
    action: str
    subject_type: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class ApprovalRejected(Event):
    """Somebody who was asked said no, and why."""

    name: ClassVar[str] = "kernel.approval_rejected"
    priority: ClassVar[Priority] = Priority.HIGH
    approval_id: UUID
    action: str
    subject_type: str
    subject_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalExpired(Event):
    """Nobody decided in time."""

    name: ClassVar[str] = "kernel.approval_expired"
    approval_id: UUID
    action: str
    subject_type: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class ApprovalWithdrawn(Event):
    """Whoever asked no longer asks."""

    name: ClassVar[str] = "kernel.approval_withdrawn"
    approval_id: UUID
    action: str
    subject_type: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class ApprovalEscalated(Event):
    """A step was not decided in its time, or whoever it asked has left, so somebody else is asked too."""

    name: ClassVar[str] = "kernel.approval_escalated"
    priority: ClassVar[Priority] = Priority.HIGH
    approval_id: UUID
    action: str
    subject_type: str
    subject_id: UUID
    asked_ids: tuple[UUID, ...]
