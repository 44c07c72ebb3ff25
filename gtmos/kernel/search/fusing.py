"""Reciprocal rank fusion, and cutting text into passages. Pure."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
DAMPING = 60
LONGEST_PASSAGE, MOST_PASSAGES, LONGEST_SENTENCE = 280, 40, 240
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")


def fused(rankings: Iterable[Sequence[K]]) -> dict[K, float]:
    """score(d) = Σ over rankings of 1 / (60 + rank of d), best first.

    Cormack, Clarke, Büttcher: Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods,
    SIGIR 2009. It needs no common scale, so a rank by words and a distance of vectors can be added.
    """
    scores: dict[K, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(dict.fromkeys(ranking), start=1):
            scores[key] = scores.get(key, 0.0) + 1.0 / (DAMPING + rank)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


def passages(text: str) -> list[str]:
    """Sentences put together to pieces short enough to have one meaning."""
    pieces: list[str] = []
    for sentence in sentences(text):
        if pieces and len(pieces[-1]) + len(sentence) < LONGEST_PASSAGE:
            pieces[-1] = f"{pieces[-1]} {sentence}"
        else:
            pieces.append(sentence)
    return pieces[:MOST_PASSAGES]


def sentences(text: str) -> list[str]:
    whole = [" ".join(part.split()) for part in SENTENCE_END.split(text)]
    return [part for each in whole if each for part in _cut(each)]


def _cut(sentence: str) -> Iterable[str]:
    """A sentence without an end is cut between words."""
    while len(sentence) > LONGEST_PASSAGE:
        at = sentence.rfind(" ", 1, LONGEST_PASSAGE)
        at = at if at > 0 else LONGEST_PASSAGE
        yield sentence[:at]
        sentence = sentence[at:].strip()
    yield sentence


def best_sentence(text: str, words: Iterable[str]) -> str:
    """The sentence that holds most of the words, shortened; nothing where none holds any."""
    wanted = [word.lower() for word in words if word]
    counts: Mapping[str, int] = {
        each: sum(word in each.lower() for word in wanted) for each in sentences(text)
    }
    best = max(counts, key=lambda each: counts[each], default="")
    return best[:LONGEST_SENTENCE] if best and counts[best] else ""
