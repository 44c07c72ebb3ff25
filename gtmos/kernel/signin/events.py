"""Facts of signing in and of who works here. The names are a contract with subscribers, rules and webhooks."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events import Event


@dataclass(frozen=True, slots=True)
class SecondFactorAdded(Event):
    name: ClassVar[str] = "kernel.second_factor_added"
    user_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class SecondFactorRemoved(Event):
    name: ClassVar[str] = "kernel.second_factor_removed"
    user_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class PersonInvited(Event):
    name: ClassVar[str] = "kernel.person_invited"
    invitation_id: UUID
    role: str


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Event):
    name: ClassVar[str] = "kernel.invitation_accepted"
    invitation_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class PersonDeactivated(Event):
    """Their records went to others in the same moment; the counts are of each kind."""

    name: ClassVar[str] = "kernel.person_deactivated"
    user_id: UUID
    moved: dict[str, int]


@dataclass(frozen=True, slots=True)
class PersonReactivated(Event):
    name: ClassVar[str] = "kernel.person_reactivated"
    user_id: UUID
