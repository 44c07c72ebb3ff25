"""The workspace as the planner sees it: short lists at once, the long ones by one query for each look-up."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Case, F, Prefetch, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from agents.planner.names import Record
from agents.planner.world import World
from crm.intake.keys import name_key
from crm.models import Stage
from crm.selectors.companies import visible_companies
from crm.selectors.contacts import visible_contacts
from crm.selectors.deals import visible_deals
from gtmos.context.models import Organisation, Product
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.people.selectors import active_users, teams
from gtmos.kernel.records import visible_to
from outreach.models import Campaign, Variant
from outreach.selectors.research import visible_searches

MOST_FOUND = 15
MOST_NAMESAKES = 60
MOST_CAMPAIGNS = 300
SHORTEST_WORD = 2
SHORTEST_MISSPELT = 4
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


class DatabaseNames:
    """Companies, contacts and deals that the actor may see, found by the words they share or nearly share.

    One statement for all kinds; a second one when no name has every word, a third when none has any.
    """

    def __init__(self, actor: Actor, *, only_of: User | None = None) -> None:
        """`only_of`: nothing but this person's own records, for a workspace loaded for the occasion."""
        self._actor = actor
        self._only_of = only_of
        self._known: dict[tuple[str, ...], list[Record]] = {}

    def lookup(self, span: str, kinds: tuple[str, ...]) -> Sequence[Record]:
        words = [word for word in WORD.findall(span.lower()) if _says_something(word)]
        key = (" ".join(words), *kinds)
        if words and key not in self._known:
            self._known[key] = (
                self._named(span, words, kinds)
                or self._partly_named(words, kinds)
                or self._misspelt(words, kinds)
            )
        return self._known.get(key, [])

    def related(self, company: str, kind: str) -> Sequence[Record]:
        if kind not in {"contact", "deal"}:
            return []
        key = ("=", company.lower(), kind)
        if key not in self._known:
            rows = self._rows(kind).filter(company__name_key=name_key(company))[: 2 * MOST_FOUND]
            found = [_record(row) for row in rows]
            self._known[key] = [each for each in found if each.company.lower() == company.lower()]
        return self._known[key]

    def _named(self, span: str, words: list[str], kinds: tuple[str, ...]) -> list[Record]:
        """Names that hold every word; the company of exactly this name is never lost among namesakes."""
        parts = [self._holding(words, kind) for kind in kinds if kind in COLUMNS]
        if "company" in kinds:
            parts.append(self._rows("company").filter(name_key=name_key(span)).order_by()[:MOST_FOUND])
        return self._all(parts)

    def _partly_named(self, words: list[str], kinds: tuple[str, ...]) -> list[Record]:
        if len(words) == 1:
            return []
        return self._all(self._holding(["|".join(words)], kind) for kind in kinds if kind in COLUMNS)

    def _holding(self, patterns: list[str], kind: str) -> QuerySet[Any, Any]:
        """Unordered, so that a word which half of the names share costs no more than a rare one."""
        rows = self._rows(kind).order_by()
        for pattern in patterns:
            whole = rf"\m({pattern})\M"
            rows = rows.filter(search_text__iregex=whole, name__iregex=whole)
        return rows[:MOST_NAMESAKES]

    def _misspelt(self, words: list[str], kinds: tuple[str, ...]) -> list[Record]:
        near = Q(pk__in=[])
        for word in words:
            if len(word) >= SHORTEST_MISSPELT:
                near |= Q(search_text__trigram_word_similar=word)
        if near == Q(pk__in=[]):
            return []
        return self._all(
            self._rows(kind).filter(near).order_by()[:MOST_FOUND] for kind in kinds if kind in COLUMNS
        )

    def _all(self, parts: Iterable[QuerySet[Any, Any]]) -> list[Record]:
        first, *rest = parts
        return [_record(row) for row in first.union(*rest, all=True)]

    def _rows(self, kind: str) -> QuerySet[Any, Any]:
        """Only the columns a sentence can be about, the same for every kind."""
        rows: QuerySet[Any, Any] = MODELS[kind](actor=self._actor).select_related(None)
        rows = rows.filter(owner=self._only_of) if self._only_of else rows
        columns = (Value(kind), F("name"), *COLUMNS[kind])
        return rows.values_list(*columns)


_NONE = Value("")
_OPTED_OUT = Case(
    When(Q(do_not_email=True) | Q(opted_out_at__isnull=False), then=Value("yes")), default=_NONE
)
MODELS: dict[str, Callable[..., QuerySet[Any, Any]]] = {
    "company": visible_companies,
    "contact": visible_contacts,
    "deal": visible_deals,
}
# After the kind and the name: the company's name and three facts as text.
COLUMNS: dict[str, tuple[Any, ...]] = {
    "company": (F("name"), Cast("customer_state", TextField()), _NONE, _NONE),
    "contact": (F("company__name"), Cast("title", TextField()), Cast("email", TextField()), _OPTED_OUT),
    "deal": (
        F("company__name"),
        Cast("stage__key", TextField()),
        Cast("deal_amount", TextField()),
        _NONE,
    ),
}


def world_for(actor: Actor) -> World:
    """The names this actor may say. Rights are decided in the queries, so others' records do not exist here."""
    return World.from_mapping(vocabulary(actor), names=DatabaseNames(actor))


def vocabulary(actor: Actor) -> dict[str, Any]:
    """The short lists, as plain data."""
    house = Organisation.objects.filter(pk=1).first()
    zone = actor.user.time_zone if actor.user else "UTC"
    people = list(active_users(actor=actor).values_list("name", "email", "role"))
    return {
        "now": timezone.localtime(clock.now()),
        "timezone": zone,
        "currency": house.currency if house else "USD",
        "me": str(actor.user or ""),
        "users": [{"name": name or email, "role": role} for name, email, role in people],
        "teams": list(teams(actor=actor).values_list("name", flat=True)),
        "products": list(Product.objects.values_list("name", flat=True)),
        "deal_stages": list(
            Stage.objects.filter(pipeline__is_default=True).order_by("position").values_list("key", flat=True)
        ),
        "campaigns": _campaigns(actor),
        "saved_searches": list(visible_searches(actor=actor).values_list("name", flat=True)[:MOST_CAMPAIGNS]),
    }


def _campaigns(actor: Actor) -> list[dict[str, Any]]:
    variants = Prefetch("experiment__variants", queryset=Variant.objects.order_by("letter"))
    rows = visible_to(actor, Campaign.objects.exclude(state="archived")).select_related("experiment")
    return [
        {"name": row.name, "state": row.state, "variants": _letters(row)}
        for row in rows.prefetch_related(variants)[:MOST_CAMPAIGNS]
    ]


def _letters(campaign: Campaign) -> dict[str, str]:
    experiment = getattr(campaign, "experiment", None)
    return {variant.letter: variant.text for variant in experiment.variants.all()} if experiment else {}


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
