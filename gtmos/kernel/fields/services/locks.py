"""Keeping values that a person looked after from imports, enrichment and agents."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import OuterRef, Subquery

from gtmos.kernel import clock, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.models import FieldLock
from gtmos.kernel.fields.objects import noun_of, object_of
from gtmos.kernel.fields.schema import fields_of
from gtmos.kernel.permissions import require
from gtmos.kernel.rights import refuse_fixed

BY_HAND = frozenset({"page", "admin", "command"})


@transaction.atomic
def lock_fields(record: models.Model, names: Iterable[str], *, actor: Actor) -> FieldLock:
    """From now on only people change these values, by hand."""
    names = list(names)
    lock, before = _held(record, names, actor)
    added = {name: {"by": actor.label, "at": clock.now().isoformat()} for name in names if name not in before}
    _refuse_unknown(record, added)
    return _save(lock, record, {**before, **added}, actor)


@transaction.atomic
def unlock_fields(record: models.Model, names: Iterable[str], *, actor: Actor) -> FieldLock:
    gone = set(names)
    lock, before = _held(record, gone, actor)
    return _save(lock, record, {name: who for name, who in before.items() if name not in gone}, actor)


def locks_of(record: models.Model) -> dict[str, dict[str, str]]:
    """By column, who locked it and when."""
    found = FieldLock.objects.filter(subject_id=record.pk).values_list("fields", flat=True).first()
    return dict(found or {})


def locks_column() -> Subquery:
    """The same for a query of records, to be read in the statement that reads them; annotate it as `kept`."""
    return Subquery(FieldLock.objects.filter(subject_id=OuterRef("pk")).values("fields")[:1])


def refuse_locked(record: models.Model, changed: Collection[str], *, actor: Actor) -> None:
    """Anything but a person's own hand is refused; people may change what they locked."""
    if actor.source in BY_HAND or not noun_of(record):
        return
    held = locks_of(record)
    for name in changed:
        if name in held:
            raise DomainError(
                f"{_words(name).capitalize()} of {record} is locked by {held[name]['by']}. Only a person may change it, on its page.",
                code="field_locked",
            )


def _words(name: str) -> str:
    return name.removeprefix("custom.").removeprefix("deal_").replace("_", " ")


def _held(record: models.Model, names: Iterable[str], actor: Actor) -> tuple[FieldLock, dict[str, Any]]:
    require(actor, object_of(noun_of(record)).edit_right, record)
    refuse_fixed(type(record), {name.partition(".")[0] for name in names}, actor=actor)
    lock, _ = FieldLock.objects.select_for_update().get_or_create(
        subject_id=record.pk, defaults={"subject_type": record._meta.label_lower}
    )
    return lock, dict(lock.fields)


def _refuse_unknown(record: models.Model, names: Iterable[str]) -> None:
    noun = noun_of(record)
    known = {*object_of(noun).columns, *(each.column for each in fields_of(noun).values())}
    unknown = sorted(set(names) - known)
    if unknown:
        raise InvalidInputError(f"A {noun} has no field {', '.join(unknown)}.", code="unknown_field")


def _save(lock: FieldLock, record: models.Model, after: dict[str, Any], actor: Actor) -> FieldLock:
    before, changed = sorted(lock.fields), set(lock.fields) ^ set(after)
    verb = "Locked" if changed & set(after) else "Unlocked"
    lock.fields = after
    lock.save(update_fields=["fields"])
    history.record(
        record,
        before={"locked": ", ".join(before)},
        after={"locked": ", ".join(sorted(after))},
        actor=actor,
        category="LOCK",
        summary=f"{verb} {', '.join(sorted(map(_words, changed)))}",
    )
    live.push(f"{noun_of(record)}:{record.pk}")
    return lock
