"""Facts of how people work at the pages of records."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events import Event
from gtmos.kernel.events.enums import Priority


@dataclass(frozen=True, slots=True)
class WorkspaceContextChanged(Event):
    """Somebody went to another tab of a record's page. Only their own screens are told."""

    name: ClassVar[str] = "workspace.workspace_context_changed"
    priority: ClassVar[Priority] = Priority.LOW
    user_id: UUID
    entity_type: str
    entity_id: UUID
    tab: str


@dataclass(frozen=True, slots=True)
class ComponentStateChanged(Event):
    """A part of a record's page is being worked on by somebody, or no longer. Whoever has the record open is told."""

    name: ClassVar[str] = "workspace.component_state_changed"
    priority: ClassVar[Priority] = Priority.LOW
    user_id: UUID
    entity_type: str
    entity_id: UUID
    component: str
    state: str
