"""Ties between records: which kinds there are, and who is tied to whom."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import Q

from gtmos.kernel import events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.events import RecordsLinked, RecordsUnlinked
from gtmos.kernel.fields.models import Relation, RelationLink
from gtmos.kernel.fields.objects import noun_of, object_of
from gtmos.kernel.fields.services.changed import definitions_changed
from gtmos.kernel.fields.services.definitions import key_from
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.sets import insert_many

DEFINED = ("label", "reverse_label", "is_single")
Pair = tuple[models.Model, models.Model]
P = TypeVar("P", bound="Pair")


@transaction.atomic
def create_relation(
    label: str,
    *,
    reverse_label: str,
    from_type: str,
    to_type: str,
    actor: Actor,
    is_single: bool = False,
    key: str = "",
) -> Relation:
    """Name a tie from both ends; both pages show it at once. Only the product's own ones come with a key."""
    require(actor, "kernel.configure_fields")
    object_of(from_type), object_of(to_type)
    if not label.strip() or not reverse_label.strip():
        raise InvalidInputError("A relation has a name from each end.", code="bad_definition")
    key = key or key_from(label)
    if Relation.objects.filter(key=key).exists():
        raise DomainError(f"There is a relation {label} already.", code="relation_exists")
    relation = Relation.objects.create(
        key=key,
        label=label.strip(),
        reverse_label=reverse_label.strip(),
        from_type=from_type,
        to_type=to_type,
        is_single=is_single,
    )
    history.record_creation(relation, actor=actor)
    definitions_changed()
    return relation


@transaction.atomic
def update_relation(relation: Relation, *, changes: Mapping[str, Any], actor: Actor) -> Relation:
    require(actor, "kernel.configure_fields")
    relation = Relation.objects.select_for_update().get(pk=relation.pk)
    before = {name: getattr(relation, name) for name in DEFINED}
    for name, value in changes.items():
        if name not in DEFINED:
            raise InvalidInputError(f"{name} cannot be changed.", code="unknown_field")
        setattr(relation, name, value)
    save_changes(relation, *DEFINED)
    after = {name: getattr(relation, name) for name in DEFINED}
    history.record(relation, before=before, after=after, actor=actor, category="RELATION")
    definitions_changed()
    return relation


@transaction.atomic
def link(relation: Relation, record: models.Model, other: models.Model, *, actor: Actor) -> RelationLink:
    """Tie a record to another. Both histories say so."""
    _require_both(relation, record, other, actor)
    if record.pk == other.pk:
        raise DomainError(f"{record} cannot be tied to itself.", code="same_record")
    Relation.objects.select_for_update().get(pk=relation.pk)  # one tie at a time, so that `only one` holds
    ties = RelationLink.objects.filter(relation=relation, from_id=record.pk)
    if relation.is_single and ties.exists():
        raise DomainError(f"{record} has its {relation.label.lower()} already.", code="only_one")
    try:
        with transaction.atomic():
            tie = RelationLink.objects.create(relation=relation, from_id=record.pk, to_id=other.pk)
    except IntegrityError as error:
        raise DomainError(f"{record} and {other} are tied already.", code="linked_already") from error
    _tell(relation, record, other, actor, is_new=True)
    return tie


@transaction.atomic
def link_many(relation: Relation, pairs: Iterable[P], *, actor: Actor, cause_id: UUID | None) -> list[P]:
    """The set form, for a relation of any number; who is tied already stays as they are. Returns the new ones.

    Who calls it has asked for the right to edit each first record, and publishes one fact for all of them.
    """
    wanted = {(pair[0].pk, pair[1].pk): pair for pair in pairs}
    known = RelationLink.objects.filter(relation=relation, from_id__in={one for one, _ in wanted})
    for there in known.values_list("from_id", "to_id"):
        wanted.pop(there, None)
    RelationLink.objects.bulk_create(
        [RelationLink(relation=relation, from_id=a, to_id=b, cause_id=cause_id) for a, b in wanted],
        ignore_conflicts=True,
    )
    new = list(wanted.values())
    _note_many(relation, new, actor=actor, cause_id=cause_id, is_new=True)
    return new


def _said_of(
    relation: Relation, record: models.Model, other: models.Model, *, is_new: bool
) -> Iterator[tuple[models.Model, dict[str, Any]]]:
    """What the history of each end says of it."""
    for one, name, value in ((record, relation.label, other), (other, relation.reverse_label, record)):
        before, after = (None, str(value)) if is_new else (str(value), None)
        summary = f"{name}: {value}" if is_new else f"No longer {name.lower()}: {value}"
        said = {"before": {name: before}, "after": {name: after}, "category": "RELATION", "summary": summary}
        yield one, said


def _note_many(
    relation: Relation, pairs: Sequence[Pair], *, actor: Actor, cause_id: UUID | None, is_new: bool
) -> None:
    changes = [
        history.change_of(one, actor=actor, cause_id=cause_id, **said)
        for record, other in pairs
        for one, said in _said_of(relation, record, other, is_new=is_new)
    ]
    insert_many([change for change in changes if change is not None])


@transaction.atomic
def unlink_caused(cause_id: UUID, *, actor: Actor) -> int:
    """What one import tied is tied no more; records that are still there say so in their history."""
    ties = list(RelationLink.objects.filter(cause_id=cause_id).select_related("relation"))
    for relation in {tie.relation for tie in ties}:
        own = [tie for tie in ties if tie.relation_id == relation.pk]
        one, other = (object_of(kind).model for kind in (relation.from_type, relation.to_type))
        first = one._default_manager.in_bulk([tie.from_id for tie in own])
        second = other._default_manager.in_bulk([tie.to_id for tie in own])
        pairs = [
            (first[a], second[b])
            for a, b in ((tie.from_id, tie.to_id) for tie in own)
            if a in first and b in second
        ]
        _note_many(relation, pairs, actor=actor, cause_id=cause_id, is_new=False)
    RelationLink.objects.filter(pk__in=[tie.pk for tie in ties]).delete()
    return len(ties)


def forget_links_of(keys: Iterable[UUID]) -> None:
    """Of records that are gone."""
    gone = list(keys)
    RelationLink.objects.filter(Q(from_id__in=gone) | Q(to_id__in=gone)).delete()


@transaction.atomic
def unlink(relation: Relation, record: models.Model, other: models.Model, *, actor: Actor) -> None:
    _require_both(relation, record, other, actor)
    found = RelationLink.objects.filter(relation=relation, from_id=record.pk, to_id=other.pk)
    if not found.delete()[0]:
        raise DomainError(f"{record} and {other} are not tied.", code="not_linked")
    _tell(relation, record, other, actor, is_new=False)


def _require_both(relation: Relation, record: models.Model, other: models.Model, actor: Actor) -> None:
    """The one that is changed may be edited; the other may be seen."""
    if (noun_of(record), noun_of(other)) != (relation.from_type, relation.to_type):
        raise InvalidInputError(
            f"{relation.label} ties a {relation.from_type} to a {relation.to_type}.", code="wrong_kind"
        )
    require(actor, object_of(relation.from_type).edit_right, record)
    seen = object_of(relation.to_type).visible(actor=actor)
    if not seen.filter(pk=other.pk).exists():
        raise InvalidInputError("There is no such record, or you may not see it.", code="not_found")


def _tell(
    relation: Relation, record: models.Model, other: models.Model, actor: Actor, *, is_new: bool
) -> None:
    for one, said in _said_of(relation, record, other, is_new=is_new):
        history.record(one, actor=actor, **said)
        live.push(f"{noun_of(one)}:{one.pk}")
    fact = (RecordsLinked if is_new else RecordsUnlinked)(
        relation=relation.key, from_id=record.pk, to_id=other.pk
    )
    events.publish(fact, subject=record, actor=actor)
