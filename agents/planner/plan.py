"""What a planner answers: a plan of typed steps, a question, or a refusal."""

from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["act", "clarify", "refuse"]


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call with its typed slots."""

    intent: str
    slots: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"intent": self.intent, "slots": self.slots}


@dataclass(frozen=True, slots=True)
class Understood:
    """A stretch of the typed text and the slot it filled; the screen underlines it and shows a chip."""

    start: int
    end: int
    step: int
    slot: str
    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the sentence, offered when the planner would rather ask."""

    intent: str
    slots: dict[str, Any]
    title: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The planner's whole answer. `question` is the sentence shown to the person on clarify and refuse."""

    outcome: Outcome
    steps: tuple[Step, ...] = ()
    intent: str | None = None
    missing: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    reason: str | None = None
    question: str = ""
    confidence: float = 0.0
    understood: tuple[Understood, ...] = ()
    readings: tuple[Reading, ...] = ()
    seconds: float = 0.0
    planner: str = "deterministic"

    def to_prediction(self, item_id: str) -> dict[str, Any]:
        """The plan in the interchange form: one JSON object for each sentence."""
        acts = self.outcome == "act"
        return {
            "id": item_id,
            "outcome": self.outcome,
            "intent": self.intent,
            "steps": [step.to_dict() for step in self.steps] if acts else [],
            "missing": list(self.missing),
            "candidates": list(self.candidates),
            "reason": self.reason,
            "confidence": round(self.confidence, 4),
        }
