"""The clause and the sentence around a place in a text: what is said of a number stands beside it."""

import re
from typing import NamedTuple

_END = re.compile(
    r"[!?;\n]|(?<!\bDr)(?<!\bca)(?<!\d)\.(?=\s|$)|(?<=\d)\.(?=\s+[A-ZÀ-Þ][a-zà-ÿ]+\s[^\d])|\.(?=\s*$)"
)
_COMMA = re.compile(r",(?=\s)|\s[-–—]\s|\s\bbut\b\s|\s\baber\b\s|\s\bmais\b\s|[()\"“”]|:(?=\s)")
_CONTRAST = re.compile(r"\b(?:but|aber|mais|though|however|pero)\b", re.IGNORECASE)
FARTHEST = 400


class Around(NamedTuple):
    """What stands before and after, within the sentence; and where the clause begins and ends in it."""

    before: str
    after: str
    clause_before: str
    clause_after: str

    @property
    def clause(self) -> str:
        return f"{self.clause_before} {self.clause_after}"

    @property
    def sentence(self) -> str:
        return f"{self.before} {self.after}"

    @property
    def sentence_to_contrast(self) -> str:
        """ "It could be 500k, but today it is 70k": the one is imagined, the other is not."""
        return f"{_after_last(_CONTRAST, self.before)} {_CONTRAST.split(self.after, maxsplit=1)[0]}"


def around(text: str, start: int, end: int) -> Around:
    before, after = text[max(0, start - FARTHEST) : start], text[end : end + FARTHEST]
    before = _after_last(_END, before)
    stop = _END.search(after)
    after = after[: stop.start()] if stop else after
    comma = _COMMA.search(after)
    return Around(before, after, _after_last(_COMMA, before), after[: comma.start()] if comma else after)


def _after_last(pattern: re.Pattern[str], text: str) -> str:
    begin = 0
    for match in pattern.finditer(text):
        begin = match.end()
    return text[begin:]
