"""What is counted: one arm per variant, and the two-by-two table of a comparison."""

from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple, Self

from outreach.experiments.errors import InvalidExperimentError


@dataclass(frozen=True, slots=True)
class Arm:
    """Counts of one variant. `weight` is its planned share, relative to the other arms.

    A trial counts when it begins; `open_trials` of them may still be answered. The rule that proves holds all along,
    but a test is at its end only when the planned sample has had its time to answer.
    """

    name: str
    trials: int
    successes: int
    weight: float = 1.0
    open_trials: int = 0

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidExperimentError("Every variant needs a name.")
        if self.trials < 0 or self.successes < 0:
            raise InvalidExperimentError(f"{self.name}: counts cannot be negative.")
        if self.successes > self.trials:
            raise InvalidExperimentError(
                f"{self.name}: {self.successes} successes cannot come from {self.trials} trials."
            )
        if not 0 <= self.open_trials <= self.trials:
            raise InvalidExperimentError(f"{self.name}: only trials can be open, and none less than zero.")
        if not (isfinite(self.weight) and self.weight > 0):
            raise InvalidExperimentError(f"{self.name}: the planned share must be above zero.")

    @property
    def settled(self) -> int:
        """Trials whose answer is there or will not come."""
        return self.trials - self.open_trials

    @property
    def rate(self) -> float | None:
        return self.successes / self.trials if self.trials else None


class Interval(NamedTuple):
    low: float
    high: float

    def contains(self, value: float) -> bool:
        return self.low <= value <= self.high


class Table(NamedTuple):
    """Successes and trials of the control and of one variant."""

    control_trials: int
    control_successes: int
    variant_trials: int
    variant_successes: int

    @classmethod
    def of(cls, control: Arm, variant: Arm) -> Self:
        return cls(control.trials, control.successes, variant.trials, variant.successes)

    @property
    def control_rate(self) -> float:
        return self.control_successes / self.control_trials

    @property
    def variant_rate(self) -> float:
        return self.variant_successes / self.variant_trials

    @property
    def difference(self) -> float:
        return self.variant_rate - self.control_rate

    @property
    def cells(self) -> tuple[int, int, int, int]:
        return (
            self.control_successes,
            self.control_trials - self.control_successes,
            self.variant_successes,
            self.variant_trials - self.variant_successes,
        )
