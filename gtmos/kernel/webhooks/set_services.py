"""Records that were written in sets: inside one fact stands for all of them, other systems are told of each.

Only where a webhook asks for it, so that a long list costs nothing more where nobody does. Read off the history,
which names the set as the cause of each change.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from gtmos.kernel import jobs
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.publishing import Event, asked_as, plain


@dataclass(frozen=True, slots=True)
class SetFact:
    """What is told of a record of this type, and the value that holds its key."""

    subject_type: str
    created: type[Event]
    changed: type[Event]
    key: str


ASKED = "SELECT EXISTS (SELECT 1 FROM kernel_webhook WHERE state <> 'disabled' AND event_names ?| %(asked)s)"
# What the set wrote row by row was told by its verb: those have a fact of this transaction already.
CREATED = """
    SELECT c.subject_id, jsonb_build_object(%(key)s::text, c.subject_id) AS payload FROM kernel_change c
    WHERE c.cause_id = %(cause)s AND c.subject_type = %(type)s AND c.change_category = 'CREATED'
"""
CHANGED = """
    SELECT c.subject_id, jsonb_build_object(
        %(key)s::text, c.subject_id, 'fields', jsonb_agg(DISTINCT field ORDER BY field)) AS payload
    FROM kernel_change c, jsonb_array_elements_text(c.changed_fields) field
    WHERE c.cause_id = %(cause)s AND c.subject_type = %(type)s
    GROUP BY c.subject_id HAVING bool_and(c.change_category <> 'CREATED')
"""
TELL = """
    WITH fact AS (
        INSERT INTO kernel_eventrecord (id, name, schema_version, subject_type, subject_id, payload,
            actor_kind, actor_label, user_id, run_id, happened_at)
        SELECT gen_random_uuid(), %(name)s, %(version)s, %(type)s, told.subject_id, told.payload,
            %(actor_kind)s, %(actor_label)s, %(user)s, %(run)s, clock_timestamp()
        FROM ({rows}) told WHERE NOT EXISTS (
            SELECT 1 FROM kernel_eventrecord e
            WHERE e.subject_id = told.subject_id AND e.name = %(name)s AND e.happened_at >= now())
        RETURNING id, subject_id
    )
    INSERT INTO kernel_webhookdelivery (webhook_id, event_id, order_key, state, attempts, next_at)
    SELECT w.id, fact.id, fact.subject_id, 'waiting', 0, now() FROM fact, kernel_webhook w
    WHERE w.state <> 'disabled' AND w.event_names ?| %(asked)s
"""
GIVEN = "SELECT * FROM jsonb_to_recordset(%(rows)s) AS given (subject_id uuid, payload jsonb)"
TELL_GIVEN = TELL.replace("{rows}", GIVEN)
TELL_CREATED, TELL_CHANGED = TELL.replace("{rows}", CREATED), TELL.replace("{rows}", CHANGED)


def tell_of_set(facts: tuple[SetFact, ...], *, cause_id: UUID, actor: Actor) -> int:
    """One fact and its messages for each record that the cause made or changed; returns how many messages."""
    told = 0
    for fact in facts:
        told += _tell(fact.created, TELL_CREATED, fact, cause_id, actor)
        told += _tell(fact.changed, TELL_CHANGED, fact, cause_id, actor)
    if told:
        jobs.enqueue("kernel.send_webhooks")
    return told


def is_asked(event: type[Event]) -> bool:
    """Whether any webhook wants such facts."""
    with connection.cursor() as cursor:
        cursor.execute(ASKED, {"asked": asked_as(event.name)})
        return bool(cursor.fetchone()[0])


def tell_of_each(
    event: type[Event], facts: Iterable[tuple[UUID, Event]], *, subject_type: str, actor: Actor
) -> int:
    """The facts of a set by the key of their record; they are only gone through where somebody asks."""
    if not is_asked(event):
        return 0
    rows = [{"subject_id": str(key), "payload": plain(asdict(fact))} for key, fact in facts]
    told = _write(event, TELL_GIVEN, {"type": subject_type, "rows": json.dumps(rows)}, actor)
    if told:
        jobs.enqueue("kernel.send_webhooks")
    return told


def _tell(event: type[Event], statement: str, fact: SetFact, cause_id: UUID, actor: Actor) -> int:
    if not is_asked(event):
        return 0
    return _write(event, statement, {"type": fact.subject_type, "key": fact.key, "cause": cause_id}, actor)


def _write(event: type[Event], statement: str, values: dict[str, Any], actor: Actor) -> int:
    values = values | {"asked": asked_as(event.name), "name": event.name, "version": event.schema_version}
    values |= {"actor_kind": actor.kind, "actor_label": actor.label[:150], "run": actor.run_id}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, "user": actor.user.pk if actor.user else None})
        return int(cursor.rowcount)
