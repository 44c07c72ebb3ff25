"""Facts of what happened with a customer: activities, meetings, objections, tasks, signals, usage."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events import Event
from gtmos.kernel.events.enums import Priority


@dataclass(frozen=True, slots=True)
class ActivitiesLogged(Event):
    """A batch, noted by the set form."""

    name: ClassVar[str] = "crm.activities_logged"
    priority: ClassVar[Priority] = Priority.LOW
    activity_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ActivityLogged(Event):
    name: ClassVar[str] = "crm.activity_logged"
    activity_id: UUID
    type: str


@dataclass(frozen=True, slots=True)
class ActivityDeleted(Event):
    name: ClassVar[str] = "crm.activity_deleted"
    activity_id: UUID


@dataclass(frozen=True, slots=True)
class NoteChanged(Event):
    name: ClassVar[str] = "crm.note_changed"
    activity_id: UUID


@dataclass(frozen=True, slots=True)
class PersonMentioned(Event):
    """Somebody of the house was named in a note."""

    name: ClassVar[str] = "crm.person_mentioned"
    activity_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class ColleagueMessagePosted(Event):
    """Somebody wrote to colleagues about a record."""

    name: ClassVar[str] = "crm.colleague_message_posted"
    message_id: UUID
    entity_type: str
    entity_id: UUID
    mentioned_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ColleagueMessageDeleted(Event):
    name: ClassVar[str] = "crm.colleague_message_deleted"
    message_id: UUID
    entity_type: str
    entity_id: UUID


@dataclass(frozen=True, slots=True)
class MeetingPlanned(Event):
    name: ClassVar[str] = "crm.meeting_planned"
    meeting_id: UUID


@dataclass(frozen=True, slots=True)
class MeetingChanged(Event):
    name: ClassVar[str] = "crm.meeting_changed"
    meeting_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeetingClosed(Event):
    """Held, missed or cancelled."""

    name: ClassVar[str] = "crm.meeting_closed"
    meeting_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class NewCustomerActivity(Event):
    """A customer did something: wrote, called, came. `source` says how we know."""

    name: ClassVar[str] = "crm.new_customer_activity"
    activity_id: UUID
    contact_id: UUID | None
    company_id: UUID | None
    type: str
    source: str


@dataclass(frozen=True, slots=True)
class ObjectionRecorded(Event):
    name: ClassVar[str] = "crm.objection_recorded"
    objection_id: UUID
    category: str


@dataclass(frozen=True, slots=True)
class ObjectionAnswered(Event):
    name: ClassVar[str] = "crm.objection_answered"
    objection_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True)
class ObjectionDeleted(Event):
    name: ClassVar[str] = "crm.objection_deleted"
    objection_id: UUID


@dataclass(frozen=True, slots=True)
class TaskCreated(Event):
    name: ClassVar[str] = "crm.task_created"
    task_id: UUID


@dataclass(frozen=True, slots=True)
class TaskCompleted(Event):
    name: ClassVar[str] = "crm.task_completed"
    task_id: UUID


@dataclass(frozen=True, slots=True)
class TaskDeleted(Event):
    name: ClassVar[str] = "crm.task_deleted"
    task_id: UUID


@dataclass(frozen=True, slots=True)
class SignalsRecorded(Event):
    name: ClassVar[str] = "crm.signals_recorded"
    priority: ClassVar[Priority] = Priority.LOW
    recorded: int


@dataclass(frozen=True, slots=True)
class SignalRecorded(Event):
    """One of a batch, told to other systems; inside the batch is one fact."""

    name: ClassVar[str] = "crm.signal_recorded"
    priority: ClassVar[Priority] = Priority.LOW
    signal_id: UUID
    company_id: UUID
    type: str


@dataclass(frozen=True, slots=True)
class SignalDeleted(Event):
    """Gone with the import that brought it."""

    name: ClassVar[str] = "crm.signal_deleted"
    priority: ClassVar[Priority] = Priority.LOW
    signal_id: UUID


@dataclass(frozen=True, slots=True)
class UsageStored(Event):
    """A batch of product-usage or web events came in."""

    name: ClassVar[str] = "crm.usage_stored"
    priority: ClassVar[Priority] = Priority.LOW
    stored: int


@dataclass(frozen=True, slots=True)
class ScoresGiven(Event):
    """Customers answered surveys; `usage_event_ids` are the stored answers."""

    name: ClassVar[str] = "crm.scores_given"
    usage_event_ids: tuple[int, ...]
