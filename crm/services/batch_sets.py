"""The set form of creating and changing: as the verbs do it, but written in three statements for all rows.

What needs more than its own row (a locked value, an opt-out, the place of the primary contact, a second row of
the same record) is left to the verb.
"""

from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.models import Company
from crm.services.assigning import says_whose
from crm.services.assigning_sets import route_made
from crm.services.batch_rows import Batch, Outcome, Row, Values, Written
from crm.services.changing import check, named, refuse_unknown, stated, with_custom
from crm.services.companies import ownership
from crm.services.territories import PLACED_BY, place_companies
from crm.services.waiting import tie_what_waited
from gtmos.kernel import history
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.models import FieldLock
from gtmos.kernel.rights import refuse_fixed
from gtmos.kernel.rules.checking import refuse_broken
from gtmos.kernel.sets import change_many, insert_many


def write_sets(batch: Batch) -> list[int]:
    """Returns the places of the rows that are left for the verbs; all, where the database refuses the set."""
    everything = list(range(len(batch.rows)))
    if batch.kind.prepare is None:
        return everything
    try:
        with transaction.atomic():
            return _written(batch)
    except IntegrityError:
        batch.outcomes.clear()
        return everything


def _written(batch: Batch) -> list[int]:
    known = batch.known(row.key for row in batch.rows)
    locked = _locked(known)
    written, seen, left = Written(), set(), []
    for place, row in enumerate(batch.rows):
        record = known.get(row.key)
        is_first = row.key in (None, "") or row.key not in seen
        seen.add(row.key)
        if is_first and _is_plain(batch, row, record, locked):
            batch.outcomes[place] = _tried(batch, row, record, written)
        else:
            left.append(place)
    _write(written)
    _hand_out(batch, written)
    tie_what_waited(written.made, actor=batch.actor, cause_id=batch.id)
    return left


def _locked(known: dict[Any, Any]) -> frozenset[UUID]:
    keys = [record.pk for record in known.values()]
    found = FieldLock.objects.filter(subject_id__in=keys).values_list("subject_id", flat=True)
    return frozenset(found) if keys else frozenset()


def _is_plain(batch: Batch, row: Row, record: Any, locked: frozenset[UUID]) -> bool:
    if row.refused or batch.kind.by_verb & row.values.keys():
        return False
    if record is None:
        is_new = batch.operation == "create" or (batch.operation == "upsert" and bool(row.key))
        return is_new and row.version is None
    is_leaving = getattr(record, "is_primary", False) and "company" in row.values
    is_erased = getattr(record, "erased_at", None) is not None
    is_stale = row.version not in (None, record.version)
    return not (is_leaving or is_erased or is_stale or record.pk in locked)


def _tried(batch: Batch, row: Row, record: Any, written: Written) -> Outcome:
    try:
        if record is None:
            return Outcome("created", _make(batch, row, written))
        return Outcome(_change(batch, record, row, written), record.pk)
    except DomainError as error:
        return Outcome("rejected", problem=error)


def _make(batch: Batch, row: Row, written: Written) -> UUID:
    kind = batch.kind
    values = row.values
    if "custom" in values:
        values = with_custom(kind.model(), values, actor=batch.actor)
    record = kind.model(**{**ownership(batch.actor), **values})
    refuse_unknown(record, values, kind.editable)
    refuse_fixed(kind.model, stated(values), actor=batch.actor)
    record.name = record.name.strip()
    derived = _derived(batch, record)
    if kind.noun == "company" and not record.name:
        raise InvalidInputError("A company needs a name.", code="name_missing")
    check(record, ["name", *values, *derived])
    refuse_broken(record)
    written.made.append(record)
    if not says_whose(values):
        written.unnamed.append(record.pk)
    words = f"Created {kind.noun} {record}"
    _note(batch, record, written, {}, {"created": str(record)}, category="CREATED", summary=words)
    key: UUID = record.pk
    return key


def _change(batch: Batch, record: Any, row: Row, written: Written) -> str:
    kind = batch.kind
    refuse_unknown(record, row.values, kind.editable)
    refuse_fixed(kind.model, row.values, actor=batch.actor)
    changes = with_custom(record, row.values, actor=batch.actor)
    before = history.changed_values(record, changes)
    for name, value in changes.items():
        setattr(record, name, value)
    derived = _derived(batch, record)
    check(record, [*changes, *derived])
    after = history.changed_values(record, changes)
    changed = {name for name in changes if before[name] != after[name]}
    if not changed:
        return "unchanged"
    refuse_broken(record, named(changed, before, after))
    record.version += 1
    record.updated_at = timezone.now()
    written.moved.append(record)
    written.columns |= {*changed, *derived}
    _note(batch, record, written, before, after, category=kind.category)
    return "updated"


def _derived(batch: Batch, record: Any) -> list[str]:
    assert batch.kind.prepare is not None
    return batch.kind.prepare(record)


def _note(
    batch: Batch,
    record: Any,
    written: Written,
    before: Values,
    after: Values,
    *,
    category: str,
    summary: str = "",
) -> None:
    change = history.change_of(
        record,
        before=before,
        after=after,
        actor=batch.actor,
        category=category,
        summary=summary,
        cause_id=batch.id,
        at=batch.at,
    )
    if change is not None:
        written.changes.append(change)


def _hand_out(batch: Batch, written: Written) -> None:
    """Companies into their territories, and new records to those whom the rules of routing name."""
    if batch.kind.noun == "company":
        moved = written.moved if PLACED_BY & written.columns else []
        keys = [record.pk for record in (*written.made, *moved)]
        if keys:
            place_companies(Company.objects.filter(pk__in=keys), actor=batch.actor, cause_id=batch.id)
    if written.unnamed:
        route_made(batch.kind.noun, written.unnamed, actor=batch.actor, cause_id=batch.id)


def _write(written: Written) -> None:
    """The same order in every batch, so that two of them wait for each other instead of forever."""
    insert_many(sorted(written.made, key=attrgetter("search_text")))
    change_many(written.moved, [*written.columns, "version", "updated_at"])
    insert_many(written.changes)
