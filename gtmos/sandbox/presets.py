"""What the people of the sandbox are like: presets, and the control file that chooses one.

The control file is JSON. Only `name` and `preset` are needed:

    {"name": "spring", "preset": "b_better", "seed": 7, "pace": 1.0, "started_at": "2026-03-02T09:00:00+00:00",
     "subjects": [{"text": "A question, {FirstName}", "reply_rate": 0.06}, {"text": "Ten minutes?"}],
     "rates": {"human_open": 0.5}}

A subject is found in a mail's subject or text; a merge field in it stands for any words. `pace` stretches the
delays of people: 1 is some seconds, 0 is as soon as a person could. What results is the truth of a run.
"""

import json
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
FIELD = re.compile(r"\\\{[^{}]*\\\}")
MOST_SUBJECTS = 10


@dataclass(frozen=True, slots=True)
class Rates:
    """Chances of one person: of an answer to the first mail, and of what else happens to those who do not answer."""

    reply: float = 0.08
    later_reply: float = 0.03
    hard_bounce: float = 0.015
    soft_bounce: float = 0.01
    away: float = 0.05
    machine_open: float = 0.35
    scanner: float = 0.05
    human_open: float = 0.40
    click: float = 0.12
    unsubscribe: float = 0.012
    complaint: float = 0.001


@dataclass(frozen=True, slots=True)
class Preset:
    """`reply_rates` by the order of the subjects; the last one holds for all that follow."""

    title: str
    reply_rates: tuple[float, ...]
    rates: Rates = field(default_factory=Rates)


PRESETS = {
    "small": Preset(
        "A small, lively audience: one in four answers",
        (0.25,),
        Rates(
            later_reply=0.1, hard_bounce=0.04, soft_bounce=0.02, away=0.1, unsubscribe=0.03, complaint=0.004
        ),
    ),
    "b_better": Preset("The second subject is really better: 6 against 15 in a hundred answer", (0.06, 0.15)),
    "no_difference": Preset("No subject is better: 8 in a hundred answer each", (0.08,)),
}


@dataclass(frozen=True, slots=True)
class Subject:
    text: str
    reply_rate: float


@dataclass(frozen=True, slots=True)
class Audience:
    """The truth of a run: everything that decides how its people behave."""

    name: str
    preset: str
    seed: int
    pace: float
    started_at: str
    rates: Rates
    subjects: tuple[Subject, ...]

    def is_known_by(self, subject: str) -> bool:
        """Whether the subject line decides, so that the text need not be read."""
        return not self.subjects or self._found_in(subject) is not None

    def reply_rate(self, subject: str, text: str) -> float:
        """By the first subject found in the mail; the general rate where none is."""
        found = self._found_in(subject) or self._found_in(text)
        return found.reply_rate if found else self.rates.reply

    def _found_in(self, words: str) -> Subject | None:
        return next((each for each in self.subjects if pattern(each.text).search(words)), None)

    def truth(self) -> dict[str, Any]:
        return {**asdict(self), "best": self.best}

    @property
    def best(self) -> str:
        """The subject that really is better; empty when none is."""
        rates = sorted({each.reply_rate for each in self.subjects})
        if len(rates) < 2:
            return ""
        return next(each.text for each in self.subjects if each.reply_rate == rates[-1])


class BadControlError(ValueError):
    """The control file cannot be followed; the text says why."""


def read_control(content: str) -> Audience:
    """The audience that a control file asks for."""
    try:
        given = json.loads(content)
        return _audience(given)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadControlError(f"the control file cannot be followed: {error}") from error


def _audience(given: dict[str, Any]) -> Audience:
    name, preset = str(given["name"]), PRESETS[str(given["preset"])]
    if not NAME.fullmatch(name):
        raise ValueError("a name has only small letters, digits, - and _")
    rates = replace(preset.rates, **{"reply": preset.reply_rates[0], **_chances(given.get("rates") or {})})
    listed = (given.get("subjects") or [])[:MOST_SUBJECTS]
    started_at = str(given.get("started_at") or "")
    if started_at:
        datetime.fromisoformat(started_at)
    return Audience(
        name=name,
        preset=str(given["preset"]),
        seed=int(given.get("seed", 1)),
        pace=min(max(float(given.get("pace", 1.0)), 0.0), 1000.0),
        started_at=started_at,
        rates=rates,
        subjects=tuple(_subject(each, place, preset) for place, each in enumerate(listed)),
    )


def _subject(each: dict[str, Any], place: int, preset: Preset) -> Subject:
    usual = preset.reply_rates[min(place, len(preset.reply_rates) - 1)]
    rate = float(each.get("reply_rate", usual))
    return Subject(str(each["text"]), _chance(rate))


def _chances(given: dict[str, Any]) -> dict[str, float]:
    return {str(name): _chance(float(value)) for name, value in given.items()}


def _chance(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is no chance; it must lie from 0 to 1")
    return value


@lru_cache(maxsize=256)
def pattern(text: str) -> re.Pattern[str]:
    """The words of a subject, each merge field standing for anything short."""
    return re.compile(FIELD.sub(".{0,80}?", re.escape(text.strip())), re.IGNORECASE)
