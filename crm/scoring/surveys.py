"""Scores that customers give in surveys: which kind, how many of how many, and their words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCALES = {"nps": 10, "csat": 5}
_VALUES = ("score", "rating", "value", "answer_score")
_WORDS = ("comment", "feedback", "text", "reason", "answer")
_KINDS = ("kind", "survey", "survey_type", "type", "metric")
_LARGEST = 1000


@dataclass(frozen=True, slots=True)
class Score:
    """`kind` is "nps" or "csat"; `of` is the best answer there is."""

    kind: str
    value: float
    of: int
    comment: str = ""

    @property
    def words(self) -> str:
        return f"{self.kind.upper()} {self.value:g} of {self.of}"

    def is_low(self, *, at_most: int) -> bool:
        """`at_most` is of the usual scale, 0 to 10 or 1 to 5; another scale is brought to it."""
        return self.value * SCALES[self.kind] <= at_most * self.of


def score_in(name: str, properties: Mapping[str, Any]) -> Score | None:
    """What an event called "nps_answered" or "Survey answered" with its kind brings; None where it brings no score."""
    told = {str(key).lower(): value for key, value in properties.items()}
    said = " ".join([name, *(str(told.get(each, "")) for each in _KINDS)]).lower()
    kind = next((each for each in SCALES if each in said), "")
    if not kind:
        return None
    value = next((read for each in (*_VALUES, kind) if (read := _number(told.get(each))) is not None), None)
    of = _number(told.get("scale") or told.get("max") or told.get("of")) or SCALES[kind]
    if value is None or not 1 <= of <= _LARGEST or not 0 <= value <= of:
        return None
    comment = next((str(told[each]) for each in _WORDS if isinstance(told.get(each), str)), "")
    return Score(kind, value, int(of), " ".join(comment.split()))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return read if read == read and abs(read) <= _LARGEST else None  # noqa: PLR0124 -- a number that is none
