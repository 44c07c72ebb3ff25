"""Where the planner looks up names: a protocol, and the implementation that keeps them in memory."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rapidfuzz import fuzz, process

WORD = re.compile(r"\w+")
FUZZY_FLOOR = 80
FUZZY_MIN_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the workspace, as far as a sentence can mean it.

    `key` is what a slot receives (the canonical name, or the id of an issue, approval or assumption);
    `company` is the owning company's name; `facts` holds the fields a rule may look at (stage, amount, opted_out).
    """

    kind: str
    name: str
    key: str
    company: str = ""
    facts: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)


class NameIndex(Protocol):
    """The gazetteer. An implementation may answer from memory or with one trigram query per call."""

    def prepare(self, spans: Sequence[str], kinds: tuple[str, ...]) -> None:
        """What will be looked up next, so that an index behind a network can fetch it at once."""
        ...

    def lookup(self, span: str, kinds: tuple[str, ...]) -> Sequence[Record]:
        """Records of these kinds whose name shares a word with `span`, or nearly so; at most some thirty."""
        ...

    def related(self, company: str, kind: str) -> Sequence[Record]:
        """Records of one kind ("deal", "contact") that belong to the company of this exact name."""
        ...


class SmallIndex(NameIndex, Protocol):
    """The short lists, which also answer to ids."""

    def by_key(self, key: str) -> Sequence[Record]:
        """Records whose key is exactly this, case apart."""
        ...


class MemoryNames:
    """All names in memory: an inverted index of words, with a fuzzy second try for misspelt ones."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_word: dict[str, list[Record]] = defaultdict(list)
        self._by_company: dict[tuple[str, str], list[Record]] = defaultdict(list)
        self._by_key: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            self._by_key[record.key.lower()].append(record)
            self._by_company[record.company.lower(), record.kind].append(record)
            for word in set(WORD.findall(record.name.lower())):
                self._by_word[word].append(record)
        self._words = [word for word in self._by_word if len(word) >= FUZZY_MIN_LENGTH]

    def prepare(self, spans: Sequence[str], kinds: tuple[str, ...]) -> None:
        """Everything is in memory already."""

    def lookup(self, span: str, kinds: tuple[str, ...]) -> Sequence[Record]:
        found: dict[Record, None] = {}
        for word in WORD.findall(span.lower()):
            for spelling in self._spellings(word):
                found.update(dict.fromkeys(r for r in self._by_word[spelling] if r.kind in kinds))
        return list(found)

    def by_key(self, key: str) -> Sequence[Record]:
        return self._by_key.get(key.lower(), [])

    def related(self, company: str, kind: str) -> Sequence[Record]:
        return self._by_company.get((company.lower(), kind), [])

    def _spellings(self, word: str) -> list[str]:
        if word in self._by_word:
            return [word]
        if len(word) < FUZZY_MIN_LENGTH:
            return []
        return [
            match[0]
            for match in process.extract(
                word, self._words, scorer=fuzz.ratio, score_cutoff=FUZZY_FLOOR, limit=5
            )
        ]


class Remembering:
    """An index that asks another one each question only once: one instance serves one sentence."""

    def __init__(self, names: NameIndex) -> None:
        self._names = names
        self._found: dict[tuple[str, tuple[str, ...]], Sequence[Record]] = {}
        self._owned: dict[tuple[str, str], Sequence[Record]] = {}

    def prepare(self, spans: Sequence[str], kinds: tuple[str, ...]) -> None:
        self._names.prepare([span for span in spans if (span, kinds) not in self._found], kinds)

    def lookup(self, span: str, kinds: tuple[str, ...]) -> Sequence[Record]:
        key = (span, kinds)
        if key not in self._found:
            self._found[key] = self._names.lookup(span, kinds)
        return self._found[key]

    def related(self, company: str, kind: str) -> Sequence[Record]:
        key = (company, kind)
        if key not in self._owned:
            self._owned[key] = self._names.related(company, kind)
        return self._owned[key]
