"""A sentence as features: names and numbers become placeholders, then words, pairs and pieces of words are counted."""

import re
from itertools import pairwise

from agents.planner.annotate import Sentence
from agents.planner.linking import Match

WORD = re.compile(r"\w+(?:[&+]\w+)*|[?:>%/]|->")
_SAME = {
    "letter": "variant", "money_range": "range", "headcount": "range", "revenue": "range", "seniority": "title",
    "strong_name": "name", "domain": "email",
}  # fmt: skip
KIND_ORDER = (
    "issue",
    "approval",
    "assumption",
    "deal",
    "campaign",
    "contact",
    "company",
    "user",
    "agent",
    "product",
    "project",
    "play",
    "team",
    "saved_search",
)


def delexicalise(sentence: Sentence) -> str:
    """'move Acme to negotiation' → 'move xcompany to negotiation'."""
    parts, at = [], 0
    for tile in sentence.tiles:
        if tile.kind == "unknown" and str(tile.value).islower() and " " not in str(tile.value):
            continue  # a rare everyday word, hardly a name
        parts.append(sentence.low[at : tile.start])
        kind = _SAME.get(tile.kind, tile.kind)
        parts.append(f" x{name_kind(tile.value) if kind == 'name' else kind} ")
        at = tile.end
    parts.append(sentence.low[at:])
    return " ".join(WORD.findall("".join(parts)))


def name_kind(matches: tuple[Match, ...]) -> str:
    """The kind of the best match; between equals a fixed order decides."""
    best = max(match.score for match in matches)
    kinds = {match.record.kind for match in matches if match.score >= best - 0.05}
    return next((kind for kind in KIND_ORDER if kind in kinds), "name")


def features(delexed: str) -> dict[str, float]:
    """Counts: words and pairs whole, pieces of two to four letters at half weight."""
    words = delexed.split()
    found: dict[str, float] = {}
    padded = ["^", *words, "$"]
    for first, second in pairwise(padded):
        _add(found, f"{first} {second}", 1.0)
    for word in words:
        _add(found, word, 1.0)
        if word[0] != "x" or len(word) < 4:
            for piece in _pieces(f"<{word}>"):
                _add(found, piece, 0.5)
    if words:
        _add(found, f"^^{words[0]}", 1.0)
    return found


def _add(found: dict[str, float], key: str, weight: float) -> None:
    found[key] = found.get(key, 0.0) + weight


def _pieces(word: str) -> list[str]:
    return [f"#{word[i : i + size]}" for size in (2, 3, 4) for i in range(len(word) - size + 1)]
