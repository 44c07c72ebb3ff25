"""The scores. Every score lies between 0 and 1 and is made of parts that can be shown.

fit       Σ weight × value / Σ weight over the criteria; a criterion of which nothing is known counts as one half.
intent    1 − ∏ (1 − weight × 2^(−age / half-life)) over the dated signals: each one adds, none can take away,
          and its share halves with every half-life of its type. Layoffs are shown and do not count.
priority  0.65 × fit + 0.35 × max(intent, 0.30), or another share that RevOps sets: silence is no reproach, so where no signal is known, or only
          faint ones, intent counts as 0.30.
tier      by rank: the best 20 %, the next 30 %, the next 30 %, the last 20 %.
grade     of the priority: A+ from 0.90, A from 0.80, B from 0.65, C from 0.50, D from 0.35, else F.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

UNKNOWN_VALUE = 0.5
FIT_SHARE = 0.65
SILENT_INTENT = 0.30
GRADES = (("A+", 0.90), ("A", 0.80), ("B", 0.65), ("C", 0.50), ("D", 0.35), ("F", 0.0))
TIER_ENDS = (20, 50, 80, 100)


@dataclass(frozen=True, slots=True)
class Part:
    """One criterion: 1 is met, 0 is not, between is nearly; None means that nothing is known."""

    criterion: str
    value: float | None
    weight: float
    reason: str

    @property
    def is_met(self) -> bool:
        return self.value is not None and self.value > 0

    def as_dict(self) -> dict[str, object]:
        return {
            "criterion": self.criterion,
            "value": self.value,
            "weight": self.weight,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Decay:
    """What one fresh signal of a type is worth, and after how many days half of it is left."""

    weight: float
    half_life_days: float


DECAYS = {
    "product_usage": Decay(0.60, 30),
    "funding": Decay(0.60, 120),
    "hiring": Decay(0.55, 60),
    "website_visit": Decay(0.50, 14),
    "leadership_change": Decay(0.50, 90),
    "expansion": Decay(0.45, 90),
    "tech_change": Decay(0.40, 90),
    "review": Decay(0.35, 60),
    "news": Decay(0.20, 30),
    "layoff": Decay(0.0, 60),
}


def fit(parts: Iterable[Part]) -> float:
    counted = [part for part in parts if part.weight > 0]
    whole = sum(part.weight for part in counted)
    if not whole:
        return UNKNOWN_VALUE
    met = sum(part.weight * (UNKNOWN_VALUE if part.value is None else part.value) for part in counted)
    return _between(met / whole)


def signal_strength(kind: str, *, occurred_on: date, today: date) -> float:
    """What one signal still says today. One dated in the future counts as of today."""
    decay = DECAYS.get(kind)
    if decay is None:
        return 0.0
    age = max(0, (today - occurred_on).days)
    return decay.weight * math.pow(2.0, -age / decay.half_life_days)


def intent(signals: Iterable[tuple[str, date]], *, today: date) -> float:
    """`signals` are (type, day)."""
    silence = 1.0
    for kind, occurred_on in signals:
        silence *= 1.0 - signal_strength(kind, occurred_on=occurred_on, today=today)
    return _between(1.0 - silence)


def priority(fit_score: float, intent_score: float, *, fit_share: float = FIT_SHARE) -> float:
    return _between(fit_share * fit_score + (1 - fit_share) * max(intent_score, SILENT_INTENT))


def tier(rank: int, total: int) -> int:
    """The tier of the row at `rank` (0 is the best) among `total`; the first of any list is in tier 1."""
    if not 0 <= rank < total:
        raise ValueError(f"rank {rank} does not exist among {total}")
    return next(number for number, end in enumerate(TIER_ENDS, start=1) if rank * 100 < end * total)


def grade(priority_score: float) -> str:
    # Scores are sums of products: 0.9 may arrive as 0.8999999999999999.
    rounded = round(priority_score, 6)
    return next(letter for letter, least in GRADES if rounded >= least)


def least_priority(letter: str) -> float:
    """The score from which a grade is given."""
    return dict(GRADES)[letter]


def next_better(letter: str) -> float:
    """The score below which a grade ends; 2 for the best, which has no upper end."""
    place = [name for name, _ in GRADES].index(letter)
    return GRADES[place - 1][1] if place else 2.0


def _between(value: float) -> float:
    return min(1.0, max(0.0, value))
