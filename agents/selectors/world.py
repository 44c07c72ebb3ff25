"""The workspace as the planner sees it: short lists at once, the long ones by one query for each look-up."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from agents.planner.names import Record
from agents.planner.world import World
from crm.models import Company, Contact, Deal, Stage
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
    """Companies, contacts and deals that the actor may see, found by the words they share or nearly share."""

    def __init__(self, actor: Actor, *, only_of: User | None = None) -> None:
        """`only_of`: nothing but this person's own records, for a workspace loaded for the occasion."""
        self._only_of = only_of
        self._sources: dict[str, Callable[[], QuerySet[Any]]] = {
            "company": lambda: visible_companies(actor=actor).select_related(None),
            "contact": lambda: visible_contacts(actor=actor).select_related(None).select_related("company"),
            "deal": lambda: (
                visible_deals(actor=actor).select_related(None).select_related("company", "stage")
            ),
        }
        self._known: dict[tuple[str, str], list[Record]] = {}

    def lookup(self, span: str, kinds: tuple[str, ...]) -> Sequence[Record]:
        words = " ".join(word for word in WORD.findall(span.lower()) if _says_something(word))
        if not words:
            return []
        return [row for kind in kinds if kind in self._sources for row in self._found(kind, words)]

    def related(self, company: str, kind: str) -> Sequence[Record]:
        if kind not in {"contact", "deal"}:
            return []
        key = f"={company.lower()}"
        if (kind, key) not in self._known:
            rows = self._rows(kind).filter(company__name__iexact=company)[: 2 * MOST_FOUND]
            self._known[kind, key] = [_record(kind, row) for row in rows]
        return self._known[kind, key]

    def _rows(self, kind: str) -> QuerySet[Any]:
        rows = self._sources[kind]()
        return rows.filter(owner=self._only_of) if self._only_of else rows

    def _found(self, kind: str, words: str) -> list[Record]:
        if (kind, words) not in self._known:
            self._known[kind, words] = [_record(kind, row) for row in self._query(kind, words)]
        return self._known[kind, words]

    def _query(self, kind: str, words: str) -> QuerySet[Any]:
        """Exact words by the text index, misspelt ones by trigrams; names that resemble most come first."""
        rows = self._rows(kind)
        any_word = Q()
        for word in words.split():
            any_word |= Q(name__iregex=rf"\m{re.escape(word)}\M") & Q(search_text__icontains=word)
            if len(word) >= SHORTEST_MISSPELT:
                any_word |= Q(search_text__trigram_word_similar=word)
        return rows.filter(any_word).order_by(TrigramWordSimilarity(words, "name").desc(), "pk")[:MOST_FOUND]


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


def _record(kind: str, row: Company | Contact | Deal) -> Record:
    if isinstance(row, Company):
        return Record(kind, row.name, row.name, row.name, facts={"state": row.customer_state})
    company = row.company.name if row.company else ""
    if isinstance(row, Contact):
        facts: dict[str, object] = {
            "title": row.title,
            "email": row.email,
            "opted_out": row.opted_out_at is not None or row.do_not_email,
        }
        return Record(kind, row.name, row.name, company, facts=facts)
    amount = float(row.deal_amount) if row.deal_amount is not None else None
    return Record(kind, row.name, row.name, company, facts={"stage": row.stage.key, "amount": amount})


def _says_something(word: str) -> bool:
    return len(word) >= SHORTEST_WORD and word not in FUNCTION_WORDS
