"""Documents of the records that somebody may see, and which kinds of records may have some."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet

from crm.models import Document
from crm.selectors.visibility import one, visible_companies, visible_contacts, visible_deals
from gtmos.context.selectors.messages import products
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError


@dataclass(frozen=True, slots=True)
class Carrier:
    """A kind of record that may have documents; `right` is asked for before one is added or deleted."""

    noun: str
    title: str
    visible: Callable[..., QuerySet[Any]]
    right: str
    page: str = ""


_carriers: dict[str, Carrier] = {}


def register(carrier: Carrier) -> None:
    if carrier.noun in _carriers:
        raise ValueError(f"documents of {carrier.noun!r} are registered twice")
    _carriers[carrier.noun] = carrier


def carriers() -> dict[str, Carrier]:
    return _carriers


def carrier_of(noun: str) -> Carrier:
    if noun not in _carriers:
        raise NotFoundError(f"Nothing called {noun} has documents.", code="not_found")
    return _carriers[noun]


def find_subject(noun: str, key: UUID | str, *, actor: Actor) -> Any:
    return one(carrier_of(noun).visible(actor=actor), key)


def visible_documents(*, actor: Actor, with_deleted: bool = False) -> QuerySet[Document]:
    """Those of records that the actor may see, decided inside the query."""
    rows = Document.objects.select_related("uploaded_by").defer("words")
    rows = rows if with_deleted else rows.filter(deleted_at__isnull=True)
    if actor.is_system:
        return rows
    seen = {
        noun: each.visible(actor=actor).select_related(None).order_by().values("pk")
        for noun, each in _carriers.items()
    }
    conditions = (Q(subject_type=noun, subject_id__in=keys) for noun, keys in seen.items())
    return rows.filter(reduce(or_, conditions, Q(pk__in=[])))


def get_document(key: UUID | str, *, actor: Actor, with_deleted: bool = False) -> Document:
    return one(visible_documents(actor=actor, with_deleted=with_deleted), key)


def documents_of(noun: str, key: UUID, *, actor: Actor) -> QuerySet[Document]:
    return visible_documents(actor=actor).filter(subject_type=noun, subject_id=key)


def documents_matching(text: str, *, actor: Actor, noun: str = "") -> QuerySet[Document]:
    rows = visible_documents(actor=actor)
    rows = rows.filter(subject_type=noun) if noun else rows
    if not text.strip():
        return rows
    worded = Document.objects.annotate(worded=SearchVector("name", "words", config="simple"))
    found = worded.filter(worded=SearchQuery(text, search_type="websearch", config="simple"))
    return rows.filter(Q(name__icontains=text.strip()) | Q(pk__in=found.order_by().values("pk")))


def subject_names(documents: list[Document], *, actor: Actor) -> dict[UUID, str]:
    """What the records are called, one statement for each kind."""
    names: dict[UUID, str] = {}
    for noun in {each.subject_type for each in documents}:
        keys = [each.subject_id for each in documents if each.subject_type == noun]
        names |= {each.pk: str(each) for each in carrier_of(noun).visible(actor=actor).filter(pk__in=keys)}
    return names


for each in (
    Carrier("company", "Companies", visible_companies, "crm.edit_company", "crm:company"),
    Carrier("contact", "Contacts", visible_contacts, "crm.edit_contact", "crm:contact"),
    Carrier("deal", "Deals", visible_deals, "crm.edit_deal", "crm:deal"),
    Carrier("product", "Products", products, "context.edit_product"),
):
    register(each)
