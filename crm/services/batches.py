"""Many records at once: created, changed or either, with an answer for each row."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import OperationalError, transaction

from crm.events import BatchWritten
from crm.services.batch_rows import KINDS, Batch, Kind, Outcome, Row
from crm.services.batch_sets import write_sets
from crm.services.telling import tell_of_rows
from gtmos.kernel import events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotFoundError
from gtmos.kernel.once import burst
from gtmos.kernel.permissions import require

__all__ = ["MOST_ROWS", "OPERATIONS", "Outcome", "Row", "write_batch"]
MOST_ROWS = 1000
OPERATIONS = ("create", "update", "upsert")
VERBS = {"create": ("create",), "update": ("edit",), "upsert": ("create", "edit")}
TIMES = 4


@transaction.atomic
def write_batch(
    noun: str,
    rows: Sequence[Row],
    *,
    operation: str,
    match_on: str,
    actor: Actor,
    cause_id: UUID | None = None,
) -> list[Outcome]:
    """Each row for itself: one that is refused changes nothing and says why."""
    kind = KINDS[noun]
    _refuse(kind, rows, operation, match_on)
    for verb in VERBS[operation]:
        require(actor, f"crm.{verb}_{noun}")
    batch = Batch(kind, rows, operation, kind.keys[match_on], actor, id=cause_id or uuid4())
    with burst(), live.quietly():
        _write(batch)
    live.push("workspace:all")
    tell_of_rows(batch.id, actor=actor)
    events.publish(BatchWritten(batch_id=batch.id, kind=noun, **batch.counted()), actor=actor)
    return [batch.outcomes[place] for place in range(len(rows))]


def _refuse(kind: Kind, rows: Sequence[Row], operation: str, match_on: str) -> None:
    if match_on not in kind.keys:
        raise InvalidInputError(f"A {kind.noun} is matched on {', '.join(kind.keys)}.", code="unknown_match")
    if operation == "upsert" and match_on == "id":
        raise InvalidInputError("A new record has no id yet; match on another key.", code="unknown_match")
    if not 0 < len(rows) <= MOST_ROWS:
        raise InvalidInputError(f"A batch has from 1 to {MOST_ROWS} rows.", code="too_many_rows")


def _write(batch: Batch) -> None:
    """Two batches that hold what the other waits for: the database ends one of them, which then starts again."""
    for time in range(1, TIMES + 1):
        try:
            with transaction.atomic():
                return _in_order(batch)
        except OperationalError as error:
            if time == TIMES or not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                raise
            batch.outcomes.clear()
    return None


def _in_order(batch: Batch) -> None:
    """By key, so that batches of the same records wait for each other in one order."""
    left = write_sets(batch)
    for place in sorted(left, key=lambda place: str(batch.rows[place].key)):
        batch.outcomes[place] = _by_verb(batch, batch.rows[place])


def _by_verb(batch: Batch, row: Row) -> Outcome:
    try:
        with transaction.atomic():
            return _one(batch, row)
    except DomainError as error:
        return Outcome("rejected", problem=error)


def _one(batch: Batch, row: Row) -> Outcome:
    if row.refused:
        raise row.refused
    if batch.operation != "create" and row.key in (None, ""):
        raise InvalidInputError("The row states nothing to match it on.", code="key_missing")
    record = batch.known([row.key]).get(row.key)
    if record is None and batch.operation == "update":
        raise NotFoundError("There is no such record, or you may not see it.", code="not_found")
    _refuse_stale(row, record)
    if record is None:
        made = batch.kind.create(actor=batch.actor, cause_id=batch.id, **row.values)
        return Outcome("created", made.pk)
    version = record.version
    after = batch.kind.update(record, changes=dict(row.values), actor=batch.actor, cause_id=batch.id)
    return Outcome("updated" if after.version != version else "unchanged", record.pk)


def _refuse_stale(row: Row, record: Any) -> None:
    if row.version is not None and (record is None or record.version != row.version):
        raise DomainError(
            "The record has changed since you read it. Read it again and repeat the change.",
            code="stale_version",
        )
