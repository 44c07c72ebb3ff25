"""Facts about workflows."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events.publishing import Event


@dataclass(frozen=True, slots=True)
class WorkflowCalled(Event):
    """A workflow told another system of an event."""

    name: ClassVar[str] = "kernel.workflow_called"
    workflow_id: UUID
    event_id: UUID
    event_name: str
    text: str
