"""What was read out of a note."""

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that is there and cannot be used, with the reason."""

    field: str
    value: str
    reason: str


@dataclass(slots=True)
class Said:
    """One company, the people named beside it, and what was said of a deal. Empty is not said."""

    company: str = ""
    employees: int | None = None
    people: list[dict[str, str]] = field(default_factory=list)
    amount: Decimal | None = None
    currency: str = ""
    close_on: date | None = None
    stage: str = ""
    subject: str = ""
    refused: list[Refused] = field(default_factory=list)
    confidence: float = 0.0

    @property
    def names_a_deal(self) -> bool:
        return bool(self.amount is not None or self.close_on or self.stage or self.subject)

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        told["amount"] = None if self.amount is None else str(self.amount)
        told["close_on"] = self.close_on.isoformat() if self.close_on else None
        return told
