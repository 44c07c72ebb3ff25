"""One box over everything: by name, by words and by meaning, fused by rank, with the rights inside each statement."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gtmos.kernel import jobs
from gtmos.kernel.actors import Actor
from gtmos.kernel.search.fusing import best_sentence, fused
from gtmos.kernel.search.kinds import Kind, Shown, kinds, open_to
from gtmos.kernel.search.matching import (
    by_beginning,
    by_letters,
    by_words,
    note_on,
    through_an_index,
    words_of,
)
from gtmos.kernel.search.models import Embedding
from gtmos.kernel.search.nearest import Near, nearest
from gtmos.runtime import embedding

LONGEST = 200
EACH_LEG = 20
CLOSE_ENOUGH = 0.9  # cosine distance; the built-in model puts unrelated sentences around 1
NEAR_THE_BEST = 0.16
START_SECONDS = 0.8  # how long a page waits for the reading process to start
MEANS = "means the same"
NOT_READY = "Search by meaning is not ready. These hits have the words themselves."

Key = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """`sentence` is the passage that matched; `why` says in words how it was found."""

    kind: Kind
    key: Any
    shown: Shown
    sentence: str
    why: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Findings:
    hits: list[Hit] = field(default_factory=list)
    by_meaning: bool = False
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Legs:
    """The rankings, and what each said about a record."""

    rankings: list[list[Key]] = field(default_factory=list)
    why: dict[Key, list[str]] = field(default_factory=dict)
    passages: dict[Key, str] = field(default_factory=dict)

    def add(self, ranking: Sequence[Key], why: str) -> None:
        self.rankings.append(list(ranking))
        for key in ranking:
            reasons = self.why.setdefault(key, [])
            if why not in reasons:
                reasons.append(why)


def find(
    text: str, *, actor: Actor, limit: int = 20, only: Sequence[str] = (), patience: float = START_SECONDS
) -> Findings:
    """The best hits the actor may see. `patience` is how long it may wait for the reading process to start."""
    text = " ".join(text.split())[:LONGEST]
    if not text:
        return Findings()
    chosen = [open_to(kind, actor) for name, kind in kinds().items() if not only or name in only]
    legs = _Legs()
    _by_letters(legs, chosen, text, actor)
    read = [kind for kind in chosen if kind.prose]
    asked = bool(read) and has_meaning(text) and Embedding.objects.exists()
    near = _near(read, text, actor=actor, patience=patience) if asked else None
    for key, passage in near or []:
        legs.passages.setdefault(key, passage)
    legs.add(list(dict.fromkeys(key for key, _ in near or [])), MEANS)
    hits = _loaded(legs, {kind.name: kind for kind in chosen}, text, actor, limit)
    return Findings(hits, near is not None, _notes(text, is_missing=asked and near is None))


def _notes(text: str, *, is_missing: bool) -> tuple[str, ...]:
    notes = (note_on(text), NOT_READY if is_missing else "")
    return tuple(note for note in notes if note)


def has_meaning(text: str) -> bool:
    """A single name has none that vectors could compare."""
    return len(text) >= 8 and len(text.split()) > 1 and "@" not in text


def _by_letters(legs: _Legs, chosen: Sequence[Kind], text: str, actor: Actor) -> None:
    visible = {kind.name: kind.visible(actor=actor).select_related(None).order_by() for kind in chosen}
    unnamed = []
    for kind in chosen:
        keys = by_beginning(kind, visible[kind.name], text, limit=EACH_LEG)
        legs.add([(kind.name, key) for key in keys], "its name begins so")
        unnamed += [] if keys or not kind.inside else [kind]
    with through_an_index():
        for kind in unnamed:
            keys, why = by_letters(kind, visible[kind.name], text, limit=EACH_LEG)
            legs.add([(kind.name, key) for key in keys], why)
    for kind in chosen:
        if kind.document or kind.prose:
            worded = by_words(kind, visible[kind.name], text, limit=EACH_LEG)
            legs.add([(kind.name, key) for key in worded], "has the words")


def _near(read: Sequence[Kind], text: str, *, actor: Actor, patience: float) -> list[tuple[Key, str]] | None:
    """One ranking over all kinds; nothing when there is no vector to compare with."""
    asked = query_vector(text, patience)
    if asked is None:
        return None
    found: list[tuple[Key, Near]] = []
    for kind in read:
        visible = kind.visible(actor=actor)
        for each in nearest(kind, asked.rows[0], model=asked.model, limit=EACH_LEG, visible=visible):
            found.append(((kind.name, each.subject_id), each))
    found.sort(key=lambda pair: pair[1].distance)
    farthest = min(CLOSE_ENOUGH, found[0][1].distance + NEAR_THE_BEST) if found else 0.0
    return [(key, each.text) for key, each in found if each.distance <= farthest][:EACH_LEG]


def query_vector(text: str, patience: float) -> embedding.Vectors | None:
    """Asks the reading process; when it sleeps, the worker is rung to wake it, and it is asked again for a moment."""
    if not embedding.is_installed():
        return None
    if not embedding.is_running():
        jobs.ring("kernel.start_embedder")
        give_up_at = time.monotonic() + patience
        while not embedding.is_running():
            if time.monotonic() >= give_up_at:
                return None
            time.sleep(0.05)
    return embedding.vector_of(text)


def _loaded(legs: _Legs, chosen: dict[str, Kind], text: str, actor: Actor, limit: int) -> list[Hit]:
    scores = dict(list(fused(legs.rankings).items())[:limit])
    records: dict[Key, Any] = {}
    for name, kind in chosen.items():
        wanted = [key for of, key in scores if of == name]
        if wanted:
            rows = kind.visible(actor=actor).filter(pk__in=wanted)
            records |= {(name, row.pk): row for row in rows}
    words = words_of(text)
    shown_keys = [
        key for key in scores if key in records and _is_told(legs, key, chosen[key[0]], records[key])
    ]
    return [
        Hit(
            kind=chosen[key[0]],
            key=key[1],
            shown=chosen[key[0]].show(records[key]),
            sentence=_sentence(legs, key, chosen[key[0]], records[key], words),
            why=tuple(legs.why[key]),
            score=scores[key],
        )
        for key in shown_keys
    ]


def _sentence(legs: _Legs, key: Key, kind: Kind, record: Any, words: list[str]) -> str:
    """The nearest passage where only the meaning matched, otherwise the sentence with the words."""
    nearest_text = legs.passages.get(key, "")
    if legs.why[key] == [MEANS]:
        return nearest_text
    return best_sentence(kind.text_of(record), words) or nearest_text


def _is_told(legs: _Legs, key: Key, kind: Kind, record: Any) -> bool:
    """A passage that the record does not hold any more, or hides from this reader, is no reason to show it."""
    if legs.why[key] != [MEANS]:
        return True
    return legs.passages[key] in " ".join(kind.text_of(record).split())
