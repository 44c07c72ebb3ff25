"""What a slot filler sees: the sentence, the workspace, the screen, and what an earlier step of the same sentence named."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from agents.planner.annotate import Sentence
from agents.planner.context import Context
from agents.planner.linking import Match
from agents.planner.names import Record
from agents.planner.text import Span
from agents.planner.world import World

FULL = 0.9
NEAR = 0.12
LEAST = {
    "deal": 0.6,
    "campaign": 0.44,
    "issue": 0.6,
    "approval": 0.6,
    "assumption": 0.6,
    "project": 0.6,
    "play": 0.6,
}
PRONOUN = re.compile(
    r"\b(?:it|its|this|that|these|those|them|him|her|his|their|they|he|she|the (?:deal|opportunity|opp|campaign|issue|ticket|account|company|contact|thread|mail|email))\b"
)


@dataclass(slots=True)
class Draft:
    """One step in the making."""

    intent: str
    slots: dict[str, Any] = field(default_factory=dict)
    marks: list[tuple[str, Span]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    unsure: float = 0.0

    def put(self, slot: str, value: Any, *spans: Span | None) -> None:
        """Fill a slot; nothing that was not said is stored."""
        if value is None or value in ("", [], {}):
            return
        self.slots[slot] = value
        self.marks += [(slot, span) for span in spans if span is not None]

    def ask(self, slot: str, candidates: Iterable[str] = ()) -> None:
        if slot not in self.missing:
            self.missing.append(slot)
        self.candidates += [name for name in candidates if name not in self.candidates]


@dataclass(frozen=True, slots=True)
class Found:
    """The records a stretch of words may mean; one is an answer, several are a question."""

    records: tuple[Record, ...] = ()
    span: Span | None = None

    @property
    def one(self) -> Record | None:
        return self.records[0] if len(self.records) == 1 else None

    @property
    def names(self) -> list[str]:
        return [record.key for record in self.records]


@dataclass(frozen=True, slots=True)
class Scene:
    sentence: Sentence
    world: World
    context: Context
    carried: dict[str, Record] = field(default_factory=dict)

    @property
    def low(self) -> str:
        return self.sentence.low

    @property
    def raw(self) -> str:
        return self.sentence.text.raw

    @property
    def today(self) -> dt.date:
        return self.world.now.date()

    def has(self, pattern: str) -> bool:
        return re.search(pattern, self.low) is not None

    def find(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.low)

    def first(self, *kinds: str, before: int | None = None, after: int = 0) -> Span | None:
        limit = len(self.low) if before is None else before
        return next(
            (span for span in self.sentence.of(*kinds) if after <= span.start and span.end <= limit), None
        )

    def mentions(self, kind: str, *, before: int | None = None, after: int = 0) -> list[Found]:
        """Every stretch that means records of this kind, in order, the sure ones of a stretch only."""
        limit = len(self.low) if before is None else before
        found = []
        for span in self.sentence.all_of("name"):
            matches = [m for m in span.value if m.record.kind == kind and m.score >= LEAST.get(kind, 0.5)]
            if (kind == "campaign" and matches and pointed(self.low, span)) or (
                matches and after <= span.start and span.end <= limit and not self._shadowed(span, matches)
            ):
                found.append(Found(tuple(m.record for m in _best(matches)), span))
        return found

    def _shadowed(self, span: Span, matches: list[Match]) -> bool:
        """A weak reading inside quotes, or under a surer and longer typed stretch, does not count."""
        covers = (
            t
            for t in self.sentence.tiles
            if t.overlaps(span) and t.kind not in {"name", "unknown", "number", "letter"}
        )
        weak = matches[0].score < FULL
        return any(
            t.width > span.width or (weak and t.width >= span.width)
            for t in covers
            if t.kind != "industry" or weak
        )

    def score(self, found: Found, kind: str) -> float:
        if found.span is None:
            return 0.0
        return max((m.score for m in found.span.value if m.record.kind == kind), default=0.0)

    def named(self, kind: str, *, before: int | None = None, after: int = 0) -> Found:
        """The surest mention of this kind; between equals the first."""
        mentions = self.mentions(kind, before=before, after=after)
        return max(
            mentions,
            key=lambda f: (round(self.score(f, kind), 1), -(f.span.start if f.span else 0)),
            default=Found(),
        )

    def shown(self, kind: str) -> Found:
        """What the sentence leaves unsaid: an earlier step's record, else the one in focus."""
        if kind in self.carried:
            return Found((self.carried[kind],))
        name = self.context.focused(kind)
        if not name:
            return Found()
        index = self.world.names if kind in {"company", "contact", "deal"} else self.world.small
        exact = [r for r in index.lookup(name, (kind,)) if name.lower() in {r.name.lower(), r.key.lower()}]
        exact = exact or [r for r in self.world.small.by_key(name) if r.kind == kind]
        return Found(tuple(exact[:1]) or (Record(kind, name, name),))

    def unknown(self, *, before: int | None = None, after: int = 0) -> Span | None:
        """A name nobody here knows, standing where a name would stand."""
        limit = len(self.low) if before is None else before
        for span in self.sentence.of("unknown"):
            if after <= span.start and span.end <= limit:
                return span
        return None

    def text_of(self, start: int, end: int | None = None) -> str:
        return clean(self.raw[start:end])


def pointed(low: str, span: Span | None) -> bool:
    """As in "the hotel campaign", "the CFO one": a single word is enough when the noun stands beside it."""
    if span is None:
        return False
    return (
        re.match(r"\s+(?:campaign|sequence|cadence|one|test|experiment)\b", low[span.end :]) is not None
        and re.search(r"\b(?:the|our|my|of|in|to|for)\s+(?:\w+\s+)?$", low[: span.start]) is not None
    )


def _best(matches: list[Match]) -> list[Match]:
    top = matches[0].score
    tier = FULL if top >= FULL else 0.0
    return [m for m in matches if m.score >= max(tier, top - NEAR)]


_EDGES = " \t\n,;:.!?-–—\"'“”‘’"


def clean(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(_EDGES)
