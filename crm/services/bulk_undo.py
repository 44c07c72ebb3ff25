"""Taking a bulk edit back: of each record what its row of history says it was, where it still is what it became."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import ForeignKey

from crm.models import Company
from crm.services.batch_rows import KINDS, Kind, Outcome, Row
from crm.services.batches import write_batch
from crm.services.restoring import Before, holds, restore_values, values_before
from crm.services.taking_back import return_state
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change
from gtmos.kernel.lists.fields import kind_of
from gtmos.kernel.once import burst

FOLLOWING = frozenset({"TERRITORY", "ROUTING"})  # it follows from the values and is placed again with them


def undo_part(
    noun: str, keys: Sequence[str], causes: Sequence[str], *, actor: Actor
) -> list[tuple[str, Outcome]]:
    """Newest change first, each through the record's own verb."""
    changes: dict[str, list[Change]] = {}
    for change in Change.objects.filter(cause_id__in=causes, subject_id__in=keys).order_by("-pk"):
        changes.setdefault(str(change.subject_id), []).append(change)
    records = kind_of(noun).visible(actor=actor).filter(pk__in=list(changes)).in_bulk()
    cause = uuid4()
    with burst():
        done = _in_sets(noun, changes, set(records), cause, actor)
        return [
            (
                key,
                done.get(key) or _back(records.get(changes[key][0].subject_id), changes[key], cause, actor),
            )
            for key in changes
        ]


def _in_sets(
    noun: str, changes: Mapping[str, Sequence[Change]], seen: set[UUID], cause: UUID, actor: Actor
) -> dict[str, Outcome]:
    """Those with one plain change that still stands, written together; each of the rest goes back by itself."""
    kind = KINDS.get(noun)
    if kind is None or kind.prepare is None:
        return {}
    plain = {UUID(key): found for key, each in changes.items() if (found := _plain(each, kind))}
    links = {name for each in plain.values() for name in each.changed_fields if _is_link(kind.model, name)}
    held = kind.model._default_manager.filter(pk__in=plain.keys() & seen).select_for_update(of=("self",))
    read, rows = Before(), list[Row]()
    for record in held.select_related(*links).order_by("-created_at", "pk"):
        change = plain[record.pk]
        if all(holds(record, name, change) for name in change.changed_fields):
            rows.append(Row(record.pk, values_before(record, change, read=read)))
    if not rows:
        return {}
    try:
        with transaction.atomic():
            outcomes = write_batch(noun, rows, operation="update", match_on="id", actor=actor, cause_id=cause)
    except DomainError:  # the person lost the right meanwhile: each row says so for itself
        return {}
    return {str(row.key): outcome for row, outcome in zip(rows, outcomes, strict=True)}


def _plain(changes: Sequence[Change], kind: Kind) -> Change | None:
    """The one change of a record, where a set may hold what it said."""
    own = [each for each in changes if each.change_category not in FOLLOWING]
    if len(own) != 1 or kind.by_verb & set(own[0].changed_fields):
        return None
    return own[0]


def _is_link(model: Any, name: str) -> bool:
    return isinstance(model._meta.get_field(name), ForeignKey)


def _back(record: Any, changes: list[Change], cause: Any, actor: Actor) -> Outcome:
    if record is None:
        gone = DomainError("The record is gone, or you may not see it any more.", code="not_found")
        return Outcome("rejected", problem=gone)
    try:
        with transaction.atomic():
            for change in changes:
                _one_back(record, change, cause, actor)
    except DomainError as error:
        return Outcome("rejected", problem=error)
    return Outcome("updated", record.pk)


def _one_back(record: Any, change: Change, cause: Any, actor: Actor) -> None:
    """A state goes back past its lifecycle."""
    if change.change_category in FOLLOWING:
        return
    if isinstance(record, Company) and change.changed_fields == ["customer_state"]:
        was, became = change.previous_values["customer_state"], change.new_values["customer_state"]
        return_state(record, was=was, became=became, actor=actor)
        return
    restore_values(record, change, actor=actor, cause_id=cause)
