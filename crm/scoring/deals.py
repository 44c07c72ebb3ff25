"""How likely a deal is worth an hour of today: engagement, fit and intent, each 0 to 1 and shown apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from crm.scoring.words import many

WEIGHTS = {"engagement": 0.4, "fit": 0.3, "intent": 0.3}
ANSWER_HALF_LIFE_DAYS, SIGNAL_HALF_LIFE_DAYS = 14.0, 30.0
ANSWERS_FOR_MUCH, SIGNALS_FOR_MUCH = 3.0, 2.0  # so many fresh ones give 1 - 1/e = 0.63
WORTH = {"meeting": 2.0, "call": 1.5, "email": 1.0, "note": 0.0}


@dataclass(frozen=True, slots=True)
class DealScore:
    """`parts` are in the order engagement, fit, intent; a part that is not known is None and does not count."""

    score: float | None
    parts: tuple[tuple[str, float | None], ...]
    because: tuple[str, ...]


def score_deal(
    *,
    answers: Sequence[tuple[str, float]],
    fit: float | None,
    signals: Sequence[tuple[str, float]],
) -> DealScore:
    """The weighted mean of the parts that are known.

    `answers` are what they did (type of activity, days ago), `signals` dated signals of the company (type, days ago).
    Engagement and intent saturate: 1 - exp(-x / c), x the sum of worth x 2^(-days / half-life). With no answer the
    engagement is 0, which is a fact; with no signal intent is not known.
    """
    engagement = _saturating(
        (WORTH.get(kind, 0.0) * _faded(days, ANSWER_HALF_LIFE_DAYS) for kind, days in answers),
        ANSWERS_FOR_MUCH,
    )
    intent = None
    if signals:
        intent = _saturating((_faded(days, SIGNAL_HALF_LIFE_DAYS) for _, days in signals), SIGNALS_FOR_MUCH)
    parts = {"engagement": engagement, "fit": fit, "intent": intent}
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum(WEIGHTS[name] for name in known)
    score = sum(WEIGHTS[name] * value for name, value in known.items()) / weight
    return DealScore(round(score, 4), tuple(parts.items()), _because(answers, fit, signals))


def _because(
    answers: Sequence[tuple[str, float]], fit: float | None, signals: Sequence[tuple[str, float]]
) -> tuple[str, ...]:
    said = (
        f"They answered {many(len(answers), 'time')} in the last weeks."
        if answers
        else "They have not answered yet."
    )
    fits = "How well the company fits is not known." if fit is None else f"The company fits to {fit:.0%}."
    newest = min((max(days, 0.0) for _, days in signals), default=None)  # dated by where it happened
    shown = (
        "No signals known."
        if newest is None
        else f"{many(len(signals), 'signal')}, the newest {many(round(newest), 'day')} old."
    )
    return said, fits, shown


def _faded(days: float, half_life: float) -> float:
    return exp(-log(2) * max(days, 0.0) / half_life)


def _saturating(worths: Iterable[float], much: float) -> float:
    return round(1 - exp(-sum(worths) / much), 4)
