"""Names of companies, people and deals, looked up in the database for one sentence."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Case, F, Model, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from agents.planner.names import Record
from crm.intake.keys import name_key
from crm.selectors.companies import visible_companies
from crm.selectors.contacts import visible_contacts
from crm.selectors.deals import visible_deals
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.rights import hidden_fields

MOST_FOUND = 15
MOST_NAMESAKES = 60
SHORTEST_WORD = 2
SHORTEST_MISSPELT = 4
LENGTHS_OF_A_SLIP = range(5, 9)
WORD = re.compile(r"\w+")
FUNCTION_WORDS = frozenset(
    {
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "my",
        "of",
        "on",
        "or",
        "our",
        "the",
        "this",
        "to",
        "us",
        "we",
        "with",
        "you",
        "your",
    }
)  # fmt: skip -- a list of words


@dataclass(frozen=True, slots=True)
class Span:
    """Some words of the sentence that may be a name."""

    key: tuple[str, ...]
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One condition on the rows of one kind, for one span."""

    key: tuple[str, ...]
    kind: str
    where: str
    values: tuple[str, ...]
    most: int


class DatabaseNames:
    """Companies, contacts and deals that the actor may see, found by the words they share or nearly share.

    One statement for all spans and kinds; a second one for spans of which no name has every word, a third for those of
    which none has any, a fourth for short words with one slip in them. Nothing is ordered, so that a word which half of the names share costs no more than a rare one.
    """

    def __init__(self, actor: Actor, *, only_of: User | None = None) -> None:
        """`only_of`: nothing but this person's own records, for a workspace loaded for the occasion."""
        self._actor = actor
        self._only_of = only_of
        self._known: dict[tuple[str, ...], list[Record]] = {}
        self._rows: dict[str, tuple[str, tuple[Any, ...]]] = {}

    def prepare(self, spans: Sequence[str], kinds: tuple[str, ...]) -> None:
        left = [span for text in spans if (span := _span(text, kinds)).words and span.key not in self._known]
        self._known.update({span.key: [] for span in left})
        for parts_of in (_named, _partly_named, _misspelt, _one_slip):
            found = self._ask([part for span in left for part in parts_of(span, kinds)])
            self._known.update(found)
            left = [span for span in left if span.key not in found]

    def lookup(self, span: str, kinds: tuple[str, ...]) -> Sequence[Record]:
        self.prepare((span,), kinds)
        return self._known.get(_span(span, kinds).key, [])

    def related(self, company: str, kind: str) -> Sequence[Record]:
        if kind not in {"contact", "deal"}:
            return []
        key = ("=", company.lower(), kind)
        if key not in self._known:
            part = Part(key, kind, "company_key = %s", (name_key(company),), 2 * MOST_FOUND)
            found = self._ask([part]).get(key, [])
            self._known[key] = [each for each in found if each.company.lower() == company.lower()]
        return self._known[key]

    def _ask(self, parts: Sequence[Part]) -> dict[tuple[str, ...], list[Record]]:
        if not parts:
            return {}
        selects, values = [], []
        for number, part in enumerate(parts):
            rows, more = self._rows_of(part.kind)
            where = f"WHERE {part.where} LIMIT {part.most}"
            selects.append(f"(SELECT {number}, {SHOWN} FROM ({rows}) r {where})")  # noqa: S608 -- no word of the sentence
            values += [*more, *part.values]
        found: dict[tuple[str, ...], dict[Record, None]] = {}
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(selects), values)
            for number, *row in cursor.fetchall():
                found.setdefault(parts[number].key, {})[_record(tuple(row))] = None
        return {key: list(records) for key, records in found.items()}

    def _rows_of(self, kind: str) -> tuple[str, tuple[Any, ...]]:
        """The statement for what the actor may see, with the columns a sentence can be about; made once for a sentence."""
        if kind not in self._rows:
            rows: QuerySet[Any, Any] = MODELS[kind](actor=self._actor).select_related(None).order_by()
            rows = rows.filter(owner=self._only_of) if self._only_of else rows
            columns = rows.annotate(
                kind=Value(kind), **_open_columns(kind, rows.model, self._actor)
            ).values_list(*NAMES)
            self._rows[kind] = columns.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False).as_sql()
        return self._rows[kind]


def _open_columns(kind: str, model: type[Model], actor: Actor) -> dict[str, Any]:
    """The columns of a kind, empty where the role may not look."""
    hidden = hidden_fields(model, actor=actor)
    return {name: each if _reads(each) not in hidden else _NONE for name, each in COLUMNS[kind].items()}


def _reads(expression: Any) -> str:
    """The column that an expression is made of, if it is one."""
    inner = expression.get_source_expressions()[0] if isinstance(expression, Cast) else expression
    return str(getattr(inner, "name", "")).partition("__")[0]


def _span(text: str, kinds: tuple[str, ...]) -> Span:
    words = tuple(word for word in WORD.findall(text.lower()) if _says_something(word))
    return Span((" ".join(words), *kinds), text, words)


def _named(span: Span, kinds: tuple[str, ...]) -> Iterable[Part]:
    """Names that hold every word; the company of exactly this name is never lost among namesakes."""
    for kind in _tables(kinds):
        yield _holding(span, kind, span.words)
    if "company" in kinds:
        yield Part(span.key, "company", "company_key = %s", (name_key(span.text),), MOST_FOUND)


def _partly_named(span: Span, kinds: tuple[str, ...]) -> Iterable[Part]:
    if len(span.words) > 1:
        for kind in _tables(kinds):
            yield _holding(span, kind, ("|".join(span.words),))


def _holding(span: Span, kind: str, patterns: Iterable[str]) -> Part:
    whole = [rf"\m({pattern})\M" for pattern in patterns]
    where = " AND ".join("search_text ~* %s AND name ~* %s" for _ in whole)
    return Part(
        span.key, kind, where, tuple(value for each in whole for value in (each, each)), MOST_NAMESAKES
    )


def _misspelt(span: Span, kinds: tuple[str, ...]) -> Iterable[Part]:
    words = tuple(word for word in span.words if len(word) >= SHORTEST_MISSPELT)
    if words:
        where = " OR ".join("search_text %%> %s" for _ in words)
        for kind in _tables(kinds):
            yield Part(span.key, kind, where, words, MOST_FOUND)


def _one_slip(span: Span, kinds: tuple[str, ...]) -> Iterable[Part]:
    """One slip in a short word leaves too few letters in a row for likeness; so every letter in turn may be wrong."""
    short = [word for word in span.words if len(word) in LENGTHS_OF_A_SLIP]
    slips = [rf"\m{word[:at]}\w{{0,2}}{word[at + 1 :]}\M" for word in short for at in range(len(word))]
    for kind in _tables(kinds) if slips else ():
        yield Part(span.key, kind, "search_text ~* %s", ("|".join(slips),), MOST_NAMESAKES)


def _tables(kinds: tuple[str, ...]) -> list[str]:
    return [kind for kind in kinds if kind in MODELS]


_NONE = Value("")
_OPTED_OUT = Case(
    When(Q(do_not_email=True) | Q(opted_out_at__isnull=False), then=Value("yes")), default=_NONE
)
MODELS: dict[str, Callable[..., QuerySet[Any, Any]]] = {
    "company": visible_companies,
    "contact": visible_contacts,
    "deal": visible_deals,
}
SHOWN = "kind, name, company_name, fact_1, fact_2, fact_3"
NAMES = ("kind", "name", "company_name", "fact_1", "fact_2", "fact_3", "company_key", "search_text")
COLUMNS: dict[str, dict[str, Any]] = {
    "company": {
        "company_name": F("name"),
        "fact_1": Cast("customer_state", TextField()),
        "fact_2": _NONE,
        "fact_3": _NONE,
        "company_key": F("name_key"),
    },
    "contact": {
        "company_name": F("company__name"),
        "fact_1": Cast("title", TextField()),
        "fact_2": Cast("email", TextField()),
        "fact_3": _OPTED_OUT,
        "company_key": F("company__name_key"),
    },
    "deal": {
        "company_name": F("company__name"),
        "fact_1": Cast("stage__key", TextField()),
        "fact_2": Cast("deal_amount", TextField()),
        "fact_3": _NONE,
        "company_key": F("company__name_key"),
    },
}


def _record(row: tuple[str, ...]) -> Record:
    kind, name, company, first, second, third = row
    if kind == "company":
        return Record(kind, name, name, name, facts={"state": first})
    facts: dict[str, object] = {"title": first, "email": second, "opted_out": bool(third)}
    if kind == "deal":
        facts = {"stage": first, "amount": float(second) if second else None}
    return Record(kind, name, name, company or "", facts=facts)


def _says_something(word: str) -> bool:
    return len(word) >= SHORTEST_WORD and word not in FUNCTION_WORDS
