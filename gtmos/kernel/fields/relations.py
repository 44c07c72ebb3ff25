"""Reading ties: of one record, from both ends, only to what the reader may see."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q

from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.columns import address_of
from gtmos.kernel.fields.models import RelationLink
from gtmos.kernel.fields.objects import noun_of, object_of
from gtmos.kernel.fields.schema import schema

MOST = 200


@dataclass(frozen=True, slots=True)
class Tie:
    """The other record of a tie, and how it is called from this one."""

    relation: str
    label: str
    noun: str
    key: str
    name: str
    url: str


def ties_of(record: models.Model, *, actor: Actor) -> list[Tie]:
    """One query for the ties and one for each kind of record; none where no relation is defined."""
    noun, known = noun_of(record), {each.pk: each for each in schema().relations}
    if not any(noun in {each.from_type, each.to_type} for each in known.values()):
        return []
    links = RelationLink.objects.filter(Q(from_id=record.pk) | Q(to_id=record.pk), relation__in=known)[:MOST]
    ends = [_end(link, known[link.relation_id], record.pk) for link in links]
    names: dict[Any, str] = {}
    for kind in {kind for _, _, kind, _ in ends}:
        keys = [key for _, _, other, key in ends if other == kind]
        names |= {each.pk: str(each) for each in object_of(kind).visible(actor=actor).filter(pk__in=keys)}
    return [
        Tie(name, label, kind, str(key), names[key], address_of(kind, key))
        for name, label, kind, key in ends
        if key in names
    ]


def _end(link: RelationLink, relation: Any, key: Any) -> tuple[str, str, str, Any]:
    if link.from_id == key:
        return relation.key, relation.label, relation.to_type, link.to_id
    return relation.key, relation.reverse_label, relation.from_type, link.from_id
