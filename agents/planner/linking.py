"""Finds the workspace's records in a sentence: whole names, parts of names, misspelt names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from agents.planner.function_words import FUNCTION_WORDS
from agents.planner.names import Record
from agents.planner.text import Span, Text, Token
from agents.planner.world import BIG_KINDS, World

SMALL_KINDS = (
    "user",
    "team",
    "product",
    "campaign",
    "project",
    "play",
    "agent",
    "issue",
    "assumption",
    "approval",
    "saved_search",
)
PEOPLE_KINDS = frozenset({"contact", "user"})
LEGAL = frozenset(
    [
        "corp", "corporation", "inc", "incorporated", "ltd", "limited", "llc", "gmbh", "ag", "co", "company",
        "plc", "sa", "bv", "group", "holding", "holdings",
    ]
)  # fmt: skip
NAME_CUES = frozenset(
    [
        "with", "for", "from", "to", "call", "called", "email", "emailed", "ping", "pinged", "remind", "met",
        "and", "phoned", "phone", "rang", "at", "on", "ask", "told", "by", "tell", "text", "about", "of", "via",
        "regarding", "send", "give", "show", "meet", "see",
    ]
)  # fmt: skip
MAX_RUNS = 6
MOST_NAMESAKES = 40
FULL = 0.9
SHORTEST_PLURAL = 4
TYPO = 82
CODE = re.compile(r"\b[a-z]{1,5}-?\d{1,6}\b")


@dataclass(frozen=True, slots=True)
class Match:
    """A record and how surely the words mean it: from 0.9 up the whole name was said."""

    record: Record
    score: float


class Linker:
    """Looks names up once for each unfamiliar stretch of words and aligns what comes back with the sentence."""

    def __init__(self, world: World, plain: frozenset[str]) -> None:
        self._world = world
        self._plain = plain

    def link(self, text: Text, blocked: list[Span]) -> list[Span]:
        """Spans of kind "name" (value: tuple of Match, best first) and "unknown" (value: the words)."""
        words = tuple(token for token in text.tokens if token.is_word or token.low == "&")
        runs = list(self._runs(text, words))
        found: dict[tuple[int, int], dict[Record, float]] = {}
        for record in self._candidates(text, runs):
            for start, end, score in self._align(record, words):
                scores = found.setdefault((words[start].start, words[end - 1].end), {})
                scores[record] = max(score, scores.get(record, 0.0))
        spans = [Span("name", *place, _ranked(scores)) for place, scores in found.items()]
        names = _without_inner(spans) + self._codes(text)
        return names + self._strangers(runs, names, blocked)

    def _candidates(self, text: Text, runs: list[Span]) -> Iterable[Record]:
        seen: dict[Record, None] = dict.fromkeys(self._world.small.lookup(text.low, SMALL_KINDS))
        self._world.names.prepare([run.value for run in runs[:MAX_RUNS]], BIG_KINDS)
        for run in runs[:MAX_RUNS]:
            found = self._world.names.lookup(run.value, BIG_KINDS)
            seen.update(dict.fromkeys(_closest(found, text)))
        return seen

    def _codes(self, text: Text) -> list[Span]:
        """ISS-12, APR-9, A4: ids of issues, approvals and assumptions."""
        found = []
        for match in CODE.finditer(text.low):
            records = [r for r in self._world.small.by_key(match.group()) if r.kind in SMALL_KINDS]
            if records:
                found.append(Span("name", match.start(), match.end(), tuple(Match(r, 1.0) for r in records)))
        return found

    def _runs(self, text: Text, words: tuple[Token, ...]) -> Iterable[Span]:
        """Stretches of words that are not everyday vocabulary or are written as names."""
        start = None
        for index, word in enumerate(words):
            strange = self._strange(word, index) or self._cued(words, index)
            joins = start is not None and not text.raw[words[index - 1].end : word.start].strip(" -.'&")
            if strange and start is not None and joins:
                continue
            if start is not None:
                yield _run(text, words, start, index)
                start = None
            if strange:
                start = index
        if start is not None:
            yield _run(text, words, start, len(words))

    def _strange(self, word: Token, index: int) -> bool:
        capital = word.text[:1].isupper()
        return (
            word.low[0].isalpha()
            and len(word.low) > 1
            and (word.low not in self._plain or (capital and index > 0))
        )

    def _cued(self, words: tuple[Token, ...], index: int) -> bool:
        """A plain word where a name would stand may still be one ("call bill", "with summit foods")."""
        word = words[index]
        return (
            index > 0
            and len(word.low) > 2
            and words[index - 1].low in NAME_CUES
            and word.low not in FUNCTION_WORDS
        )

    def _unknown(self, runs: list[Span]) -> list[Span]:
        return [Span("unknown", run.start, run.end, run.value) for run in runs if self._looks_like_name(run)]

    def _strangers(self, runs: list[Span], names: list[Span], blocked: list[Span]) -> list[Span]:
        """Unknown names; one that ends in a trade ("Starfish Media") outranks the trade."""
        found = []
        for span in self._unknown(runs):
            covers = [s for s in [*names, *blocked] if s.overlaps(span)]
            first = span.value.split()[0]
            trade = all(s.kind == "industry" and s.start > span.start + len(first) - 1 for s in covers)
            if not covers:
                found.append(span)
            elif (
                trade
                and all(word[:1].isupper() for word in span.value.split())
                and first.isalpha()
                and first.lower() not in self._plain
            ):
                found.append(Span("stranger", span.start, span.end, span.value))
        return found

    def _looks_like_name(self, run: Span) -> bool:
        return any(word.lower() not in self._plain for word in re.findall(r"[^\W\d]{2,}", run.value)) or (
            len(run.value.split()) > 1 and all(part[:1].isupper() for part in run.value.split())
        )

    def _align(self, record: Record, words: tuple[Token, ...]) -> Iterable[tuple[int, int, float]]:
        name = [part for part in re.findall(r"\w+(?:[&+]\w+)*|&", record.name.lower()) if part]
        if len(name) > 1 and name[0] == "the":
            name = name[1:]
        parts_said, singular = set(name), {_one_of_them(part) for part in name}
        for start, word in enumerate(words):
            if (
                word.low in self._plain
                and word.low not in parts_said
                and _one_of_them(word.low) not in singular
                and not record.name.lower().startswith(word.low)
            ):
                continue
            for offset in range(len(name)):
                parts, count, typos = self._overlap(name[offset:], words[start:])
                if parts:
                    score = self._score(
                        record, name, (offset, parts, typos), words[: start + count], start, words
                    )
                    if score:
                        yield start, start + count, score

    def _overlap(self, name: list[str], words: tuple[Token, ...]) -> tuple[int, int, int]:
        """How many parts of the name and how many words agree from here on, and how many are misspelt."""
        parts = count = typos = 0
        while parts < len(name) and count < len(words):
            said = words[count].low
            if said == name[parts]:
                parts, count = parts + 1, count + 1
            elif _one_of_them(said) == _one_of_them(name[parts]):
                parts, count, typos = parts + 1, count + 1, typos + 1
            elif parts + 1 < len(name) and said == name[parts] + name[parts + 1]:
                parts, count = parts + 2, count + 1
            elif count + 1 < len(words) and said + words[count + 1].low == name[parts]:
                parts, count = parts + 1, count + 2
            elif self._near(name[parts], said):
                parts, count, typos = parts + 1, count + 1, typos + 1
            else:
                break
        return parts, count, typos

    def _near(self, part: str, said: str) -> bool:
        return said not in self._plain and min(len(part), len(said)) >= 4 and fuzz.ratio(part, said) >= TYPO

    def _score(
        self,
        record: Record,
        name: list[str],
        overlap: tuple[int, int, int],
        upto: tuple[Token, ...],
        start: int,
        words: tuple[Token, ...],
    ) -> float:
        offset, count, typos = overlap
        said = upto[start:]
        core = [part for part in name if part not in LEGAL] or name
        full = offset == 0 and count >= len(core) and name[: len(core)] == core
        odd = [
            w
            for i, w in enumerate(said)
            if w.low not in self._plain or (w.text[:1].isupper() and start + i > 0)
        ]
        if full and (odd or count > 1 or record.kind not in BIG_KINDS or self._cued(words, start)):
            return 1.0 - 0.03 * typos - (0.0 if odd or count > 1 else 0.1)
        if full or (record.kind in PEOPLE_KINDS and self._other_person(words, start, len(said))):
            return 0.0
        return (
            _partial(
                record.kind,
                offset,
                count,
                len(name),
                odd=bool(odd) or self._bare_person(record, words, start),
            )
            - 0.02 * typos
        )

    def _bare_person(self, record: Record, words: tuple[Token, ...], start: int) -> bool:
        return record.kind in PEOPLE_KINDS and self._cued(words, start)

    def _other_person(self, words: tuple[Token, ...], start: int, count: int) -> bool:
        """A first name followed by somebody else's surname is another person."""
        after = words[start + count] if start + count < len(words) else None
        before = words[start - 1] if start else None
        said_first = after is not None and self._surname(words[start + count - 1], after)
        said_last = before is not None and start > 1 and self._surname(before, words[start])
        return said_first or bool(said_last)

    def _surname(self, first: Token, second: Token) -> bool:
        both_capital = first.text[:1].isupper() and second.text[:1].isupper()
        return (
            both_capital
            and second.start - first.end == 1
            and first.low not in self._plain
            and second.low not in self._plain
        )


def _one_of_them(word: str) -> str:
    """The word without its plural: "logistic leader" is near enough to "Logistics Leaders"."""
    return word[:-1] if len(word) > SHORTEST_PLURAL and word[-1] == "s" and word[-2] != "s" else word


def _partial(kind: str, offset: int, count: int, length: int, *, odd: bool) -> float:
    """How much a part of a name says: the first word of a company, either name of a person, two words of the rest."""
    share = count / length
    if kind in PEOPLE_KINDS:
        return 0.8 if odd and (offset == 0 or offset + count == length) else 0.0
    if kind == "company":
        return 0.75 + 0.1 * share if (odd and offset == 0) or (count > 1 and odd) else 0.0
    if kind == "deal":
        return (0.7 + 0.15 * share) if count > 1 else (0.55 if odd and offset == 0 else 0.5 if odd else 0.0)
    if kind in {"product", "agent", "team"}:
        return 0.5 if odd and count * 2 >= length else 0.0
    if count > 1:
        return 0.65 + 0.2 * share
    return 0.6 if odd and length < 6 else 0.45 if length < 6 else 0.0


def _closest(records: Sequence[Record], text: Text) -> Sequence[Record]:
    """Of very many namesakes those that share the most words with the sentence."""
    if len(records) <= MOST_NAMESAKES:
        return records
    said = {token.low for token in text.tokens}
    return sorted(records, key=lambda record: -len(said & set(record.name.lower().split())))[:MOST_NAMESAKES]


def _run(text: Text, words: tuple[Token, ...], start: int, end: int) -> Span:
    first, last = words[start].start, words[end - 1].end
    return Span("run", first, last, text.raw[first:last])


def _ranked(scores: dict[Record, float]) -> tuple[Match, ...]:
    return tuple(
        sorted(
            (Match(r, s) for r, s in scores.items()), key=lambda m: (-m.score, m.record.kind, m.record.name)
        )
    )


def _without_inner(spans: list[Span]) -> list[Span]:
    """Drop a stretch inside a longer one that is as good; of the rest keep the overlapping weaker ones for later."""
    kept = []
    for span in spans:
        best = span.value[0].score
        if not any(
            o is not span and o.width > span.width and o.overlaps(span) and o.value[0].score >= best - 0.05
            for o in spans
        ):
            kept.append(span)
    return kept
