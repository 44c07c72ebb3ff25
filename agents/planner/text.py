"""A sentence, its words and the typed stretches found in it."""

import re
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r"\w+(?:[&+]\w+)*|[^\w\s]")
_SAME_LENGTH = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "\u00a0": " ", "−": "-"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign with its place."""

    text: str
    low: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.low[0].isalnum()


@dataclass(frozen=True, slots=True)
class Span:
    """A typed stretch of the sentence."""

    kind: str
    start: int
    end: int
    value: Any = None

    @property
    def width(self) -> int:
        return self.end - self.start

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Text:
    """The sentence as typed, and a lower-case twin of exactly the same length for the patterns."""

    raw: str
    low: str
    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, raw: str) -> "Text":
        low = "".join(_lower(char) for char in raw.translate(_SAME_LENGTH))
        found = (match.span() for match in TOKEN.finditer(low))
        return cls(raw, low, tuple(Token(raw[a:b], low[a:b], a, b) for a, b in found))


def _lower(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char


def spans_of(kind: str, pattern: re.Pattern[str], low: str) -> list[Span]:
    """Every match as a span whose value is its text."""
    return [Span(kind, match.start(), match.end(), match.group()) for match in pattern.finditer(low)]


def tile(spans: list[Span], rank: dict[str, int]) -> list[Span]:
    """A set without overlaps: lower rank first, then the longer, then the earlier."""
    taken: list[Span] = []
    for span in sorted(spans, key=lambda s: (rank.get(s.kind, 99), -s.width, s.start)):
        if not any(span.overlaps(other) for other in taken):
            taken.append(span)
    return sorted(taken, key=lambda s: s.start)
