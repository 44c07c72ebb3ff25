"""One search over everything that can be found, as pages and programs show it."""

import re
from typing import Any

from gtmos.kernel.actors import Actor
from gtmos.kernel.search.finding import Findings, Hit, find
from gtmos.kernel.search.kinds import kinds
from gtmos.kernel.search.matching import words_of
from gtmos.workspace.selectors.links import url_of

MOST_HITS = 40
PICTURES = {"company": "company", "contact": "person"}


def find_everything(text: str, *, kind: str = "", actor: Actor) -> dict[str, Any]:
    """The context of the search page: hits best first, and what is to be said about them."""
    found = find(text, actor=actor, limit=MOST_HITS, only=[kind] if kind in kinds() else [])
    return {
        "hits": [shown(hit, text) for hit in found.hits],
        "notes": found.notes,
        "by_meaning": found.by_meaning,
    }


def best_records(text: str, *, actor: Actor, limit: int) -> Findings:
    """For a bar that answers at every key: it does not wait for anything to start."""
    return find(text, actor=actor, limit=limit, patience=0.0)


def shown(hit: Hit, text: str) -> dict[str, Any]:
    return {
        "kind": hit.kind.name,
        "label": hit.kind.name,
        "picture": PICTURES.get(hit.shown.page[0], "company"),
        "name": hit.shown.name,
        "detail": hit.shown.detail,
        "url": address(hit),
        "sentence": marked(hit.sentence, text),
        "why": ", ".join(hit.why),
    }


def address(hit: Hit) -> str:
    noun, key = hit.shown.page
    return url_of({"type": noun, "id": key})


def marked(sentence: str, text: str) -> list[tuple[str, bool]]:
    """The sentence in pieces, each with whether it is one of the words; the page escapes every piece."""
    wanted = {word.lower() for word in words_of(text)}
    if not sentence or not wanted:
        return [(sentence, False)] if sentence else []
    pattern = "|".join(re.escape(word) for word in sorted(wanted, key=len, reverse=True))
    pieces = re.split(f"({pattern})", sentence, flags=re.IGNORECASE)
    return [(piece, piece.lower() in wanted) for piece in pieces if piece]
