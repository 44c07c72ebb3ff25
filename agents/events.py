"""Facts of runs and suggestions."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events import Event


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    name: ClassVar[str] = "agents.run_finished"
    run_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class StepUndone(Event):
    name: ClassVar[str] = "agents.step_undone"
    run_id: UUID
    step_id: UUID
    tool: str


@dataclass(frozen=True, slots=True)
class SuggestionMade(Event):
    name: ClassVar[str] = "agents.suggestion_made"
    suggestion_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class ActionRecommended(Event):
    """Somebody has a new suggestion. The entity is the record that it is about, where there is one."""

    name: ClassVar[str] = "agents.action_recommended"
    suggestion_id: UUID
    user_id: UUID | None
    kind: str
    entity_type: str
    entity_id: UUID | None


@dataclass(frozen=True, slots=True)
class InputReceived(Event):
    """Something came in to be done. `channel` is how, `source` whose queue, `handler` who does it."""

    name: ClassVar[str] = "agents.input_received"
    input_id: UUID
    source: str
    channel: str
    kind: str
    handler: str
