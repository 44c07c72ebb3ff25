"""Names and words, decided inside the query: first what begins so, then what holds it, then what resembles it."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db import connection, transaction
from django.db.models import F, Model, Q, QuerySet

from gtmos.kernel.search.kinds import Kind

M = TypeVar("M", bound=Model)
SHORTEST_INSIDE = 6  # shorter fragments are in too many words: names that begin so come first
SHORTEST_ALIKE = 4
MOST_NAMED = 2_000  # rows of a list that are named one by one
FEW = 200
LOOKED_AT, ENOUGH = 20_000, 14  # at three million rows, fourteen among those mean two thousand in all
REMEMBERED_SECONDS = 600
MOST_RANKED = 500  # of a common word; ranking all would take as long as there are rows

_since: dict[type[Model], tuple[float, datetime | None]] = {}

SHORT = f"Names that begin so come first. Write {SHORTEST_INSIDE} letters or more to search inside words."


@dataclass(frozen=True, slots=True)
class Way:
    """A condition, and what finds the newest rows of very many."""

    condition: Q
    when_common: Q | None = None
    is_beginning: bool = False

    @property
    def few(self) -> int:
        """How many are asked for first. The index of letters costs as much for a few as for all."""
        return FEW if self.is_beginning or self.when_common is None else MOST_NAMED


def note_on(text: str) -> str:
    """What a page says beside the hits of a short text."""
    return SHORT if 0 < len(text.strip()) < SHORTEST_INSIDE else ""


def words_of(text: str) -> list[str]:
    return [word for word in text.split() if len(word) > 2] or text.split()


def matching(
    records: QuerySet[M], text: str, *, names: Iterable[str], inside: str = "search_text", document: str = ""
) -> QuerySet[M]:
    """The rows of a list that match, by the first way that finds any."""
    text = " ".join(text.split())[:200]
    if not text:
        return records
    plain = records.select_related(None).order_by().values_list("pk", flat=True)
    for way in ways(text, tuple(names), inside, document):
        keys = _keys(plain, way, way.few)
        if len(keys) == way.few and way.when_common is not None:
            return _many(records, plain, way, way.when_common)
        if keys:
            return records.filter(pk__in=keys)
    return records.none()


def _many(records: QuerySet[M], plain: QuerySet[Any], way: Way, often: Q) -> QuerySet[M]:
    """Thousands are found sooner by walking the newest than by collecting them all; some hundreds are not."""
    if way.few < MOST_NAMED and not _is_common(plain, often):
        keys = _keys(plain, way, MOST_NAMED)
        if len(keys) < MOST_NAMED:
            return records.filter(pk__in=keys)
    return records.filter(often)


def _keys(plain: QuerySet[Any], way: Way, most: int) -> list[Any]:
    # How common a beginning is the planner knows; of letters inside it does not.
    with nullcontext() if way.is_beginning else through_an_index():
        return list(plain.filter(way.condition)[:most])


def _is_common(plain: QuerySet[Any], condition: Q) -> bool:
    """Whether enough of the newest rows match to expect more than could be named among all."""
    since = _recently(plain.model)
    if since is None:
        return False
    return len(plain.filter(condition, created_at__gte=since)[:ENOUGH]) == ENOUGH


def _recently(model: type[Model]) -> datetime | None:
    """Since when there are as many rows as are looked at; None in a smaller table. Remembered: it need not be exact."""
    known = _since.get(model)
    if known is None or time.monotonic() - known[0] > REMEMBERED_SECONDS:
        newest = model._default_manager.order_by("-created_at").values_list("created_at", flat=True)
        known = _since[model] = time.monotonic(), newest[LOOKED_AT : LOOKED_AT + 1].first()
    return known[1]


@contextmanager
def through_an_index() -> Iterator[None]:
    """Text that is in no row looks common to the planner, and reading all rows cheap; it is not."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_seqscan', 'off', true)")
        yield
        if not is_outermost:
            cursor.execute("SELECT set_config('enable_seqscan', 'on', true)")


def ways(text: str, names: tuple[str, ...], inside: str, document: str = "") -> list[Way]:
    """In the order in which they are tried."""
    if not inside:  # the letters may be of a field that the reader must not know
        return [_beginning(text, names)]
    holds, often = Q(**{f"{inside}__holds": text}), Q(**{f"{inside}__holds_often": text})
    if document:
        holds |= Q(**{document: _query(text)})
        often |= Q(**{document: _query(text)})
    # The beginning of an address has few letters in a row, by which an index could find it inside of others.
    goes_first = len(text) < SHORTEST_INSIDE or "." in text or "@" in text
    tried = [_beginning(text, names)] if goes_first else []
    tried.append(Way(holds, often))
    if len(text) >= SHORTEST_ALIKE:
        tried.append(Way(Q(**{f"{inside}__trigram_word_similar": text})))
    return tried


def _beginning(text: str, names: tuple[str, ...]) -> Way:
    often = reduce(or_, (Q(**{f"{name}__begins_often": text}) for name in names), Q(pk__in=[]))
    return Way(beginning(text, names), often, is_beginning=True)


def beginning(text: str, names: Iterable[str]) -> Q:
    return reduce(or_, (Q(**{f"{name}__startswith": text.lower()}) for name in names), Q(pk__in=[]))


def by_beginning(kind: Kind, visible: QuerySet[Any], text: str, *, limit: int) -> list[Any]:
    return _some(visible, beginning(text, kind.names), limit)


def by_letters(kind: Kind, visible: QuerySet[Any], text: str, *, limit: int) -> tuple[list[Any], str]:
    """Keys, and how they were found; called within `through_an_index`."""
    keys = _some(visible, Q(**{f"{kind.inside}__holds": text}), limit) if len(text) > 2 else []
    if keys:
        return keys, "has these letters"
    return _alike(visible, kind.inside, text, limit), "is written alike"


def _alike(visible: QuerySet[Any], inside: str, text: str, limit: int) -> list[Any]:
    """Only what may be a name with a slip of the pen: a whole sentence resembles none."""
    if len(text) < SHORTEST_ALIKE or len(text.split()) > 3:
        return []
    return _some(visible, Q(**{f"{inside}__trigram_word_similar": text}), limit)


def by_words(kind: Kind, visible: QuerySet[Any], text: str, *, limit: int) -> list[Any]:
    """Rows that hold all words, otherwise those that hold some of the longer ones; best first."""
    keys = _ranked(kind, visible, _query(text), limit)
    longer = [word for word in text.split() if len(word) > 4]
    if keys or len(longer) < 2:
        return keys
    some = reduce(or_, (SearchQuery(word, config="simple") for word in longer))
    return _ranked(kind, visible, some, limit)


def _query(text: str) -> SearchQuery:
    return SearchQuery(text, search_type="websearch", config="simple")


def _ranked(kind: Kind, visible: QuerySet[Any], query: Any, limit: int) -> list[Any]:
    document: Any = F(kind.document) if kind.document else SearchVector(*kind.prose, config="simple")
    some = visible.annotate(worded=document).filter(worded=query).values("pk")[:MOST_RANKED]
    ranked = visible.filter(pk__in=some).annotate(rank=SearchRank(document, query))
    return list(ranked.order_by("-rank", "pk").values_list("pk", flat=True)[:limit])


def _some(visible: QuerySet[Any], condition: Q, limit: int) -> list[Any]:
    return list(visible.filter(condition).values_list("pk", flat=True)[:limit])
