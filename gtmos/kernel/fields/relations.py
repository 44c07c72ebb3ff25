"""Reading ties: of one record, from both ends, only to what the reader may see."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.columns import address_of
from gtmos.kernel.fields.models import Relation, RelationLink
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
    is_reverse: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """One end of a relation, as a record that stands there sees it; `noun` is what stands at the other."""

    relation: Relation
    is_reverse: bool
    label: str
    noun: str


def ends_at(noun: str) -> list[End]:
    """Where records of this kind may be tied; no query."""
    found = []
    for each in schema().relations:
        if each.from_type == noun:
            found.append(End(each, is_reverse=False, label=each.label, noun=each.to_type))
        if each.to_type == noun:
            found.append(End(each, is_reverse=True, label=each.reverse_label, noun=each.from_type))
    return found


def tied_keys(end: End, record: models.Model) -> QuerySet[RelationLink, UUID]:
    """The keys of what stands at the other end, for a condition of a query."""
    own, other = ("to_id", "from_id") if end.is_reverse else ("from_id", "to_id")
    return RelationLink.objects.filter(relation=end.relation, **{own: record.pk}).values_list(
        other, flat=True
    )


def ties_of(record: models.Model, *, actor: Actor) -> list[Tie]:
    """One query for the ties and one for each kind of record; none where no relation is defined."""
    noun, known = noun_of(record), {each.pk: each for each in schema().relations}
    if not any(noun in {each.from_type, each.to_type} for each in known.values()):
        return []
    links = RelationLink.objects.filter(Q(from_id=record.pk) | Q(to_id=record.pk), relation__in=known)[:MOST]
    ends = [_end(link, known[link.relation_id], record.pk) for link in links]
    names: dict[Any, str] = {}
    for kind in {kind for _, _, kind, _, _ in ends}:
        keys = [key for _, _, other, key, _ in ends if other == kind]
        names |= {each.pk: str(each) for each in object_of(kind).visible(actor=actor).filter(pk__in=keys)}
    return [
        Tie(name, label, kind, str(key), names[key], address_of(kind, key), is_reverse=is_reverse)
        for name, label, kind, key, is_reverse in ends
        if key in names
    ]


def _end(link: RelationLink, relation: Any, key: Any) -> tuple[str, str, str, Any, bool]:
    if link.from_id == key:
        return relation.key, relation.label, relation.to_type, link.to_id, False
    return relation.key, relation.reverse_label, relation.from_type, link.from_id, True


def ends_of(
    key: str, record: models.Model, other: UUID | str, *, is_reverse: bool, actor: Actor
) -> tuple[Relation, Any, Any]:
    """The relation and its two records in order; `record` is the first, or the second where `is_reverse` is said."""
    relation = next((each for each in schema().relations if each.key == key), None)
    if relation is None:
        raise InvalidInputError(f"There is no relation {key}.", code="unknown_relation")
    about = object_of(relation.from_type if is_reverse else relation.to_type)
    found = about.visible(actor=actor).filter(pk=other).first()
    if found is None:
        raise InvalidInputError(f"There is no such {about.noun}, or you may not see it.", code="not_found")
    return (relation, found, record) if is_reverse else (relation, record, found)
