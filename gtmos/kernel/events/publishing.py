"""Writing a fact beside its change, and the table of who listens."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from gtmos.kernel import jobs
from gtmos.kernel.events.cause import causing_run
from gtmos.kernel.events.enums import Priority

if TYPE_CHECKING:
    from gtmos.kernel.actors import Actor
    from gtmos.kernel.events.models import EventRecord

Handler = Callable[["EventRecord"], None]


class FamilyHandler(Protocol):
    def __call__(self, record: EventRecord, key: str) -> None: ...


class SetHandler(Protocol):
    def __call__(self, pairs: list[tuple[EventRecord, str]]) -> None: ...


# In the transaction of the change, so that no fact is told that did not happen and none is forgotten.
WRITE = """
    WITH fact AS (
        INSERT INTO kernel_eventrecord
            (id, name, schema_version, subject_type, subject_id, payload, actor_kind, actor_label, user_id, run_id, happened_at)
        VALUES (%(id)s, %(name)s, %(schema_version)s, %(subject_type)s, %(subject_id)s, %(payload)s, %(actor_kind)s,
            %(actor_label)s, %(user_id)s, %(run_id)s, %(happened_at)s)
    )
    , started AS (
        INSERT INTO kernel_delivery (event_id, subscriber, order_key, state, priority, attempts, next_at, error)
        SELECT %(id)s, 'workflow:' || id, %(key)s, 'waiting', %(priority)s, 0, now(), '' FROM kernel_workflow
        WHERE is_active AND event_name = %(name)s
        RETURNING 1
    )
    , told AS (
        INSERT INTO kernel_webhookdelivery (webhook_id, event_id, order_key, state, attempts, next_at)
        SELECT id, %(id)s, %(key)s, 'waiting', 0, now() FROM kernel_webhook
        WHERE state <> 'disabled' AND event_names ?| %(names)s
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM started)
"""
_subscribers: dict[str, dict[str, Handler]] = defaultdict(dict)
_families: dict[str, FamilyHandler] = {}
_sets: dict[str, SetHandler] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """The base of every fact. The name is a contract with rules, agents and webhooks.

    Whoever changes the values counts the version up.
    """

    name: ClassVar[str]
    schema_version: ClassVar[int] = 1
    priority: ClassVar[Priority] = Priority.NORMAL


class UnknownEventError(RuntimeError):
    """A fact that the catalogue does not know."""


def publish(event: Event, *, subject: models.Model | None = None, actor: Actor) -> EventRecord:
    """Write the fact with one delivery for each webhook and subscriber, and wake who carries them."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event.name} must be published inside the transaction of its change")
    refuse_unknown(event)
    record: EventRecord = apps.get_model("kernel", "EventRecord")(
        name=event.name,
        schema_version=event.schema_version,
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=subject.pk if subject else None,
        payload=plain(asdict(event)),
        actor_kind=actor.kind,
        actor_label=actor.label[:150],
        user=actor.user,
        run_id=actor.run_id or causing_run(),
    )
    told, started = _write(record, event.priority)
    if told:
        jobs.enqueue("kernel.send_webhooks")
    listening = subscribers_of(event.name)
    if listening:
        delivery = apps.get_model("kernel", "Delivery")
        key = record.subject_id or record.pk
        delivery.objects.bulk_create(
            delivery(event=record, subscriber=name, order_key=key, priority=event.priority)
            for name in listening
        )
        if event.priority == Priority.HIGH:
            _hurry(key, list(listening))
    if listening or started:
        jobs.enqueue("kernel.dispatch_events")
    return record


def refuse_unknown(event: Event) -> None:
    """Only what an app has defined as a fact of its own, under a name that is its alone."""
    kind = type(event)
    name = getattr(kind, "name", None)
    same = {(each.__module__, each.__qualname__) for each in Event.__subclasses__() if _name_of(each) == name}
    if not isinstance(name, str) or same != {(kind.__module__, kind.__qualname__)}:
        raise UnknownEventError(f"{kind.__qualname__} is not an event of the catalogue, or shares its name")


def _name_of(kind: type[Event]) -> str | None:
    return getattr(kind, "name", None)


def _hurry(key: UUID, subscribers: list[str]) -> None:
    """What stands before an urgent fact about the same record goes first too, or it would hold it up.

    Rows that are being delivered at this moment are passed over.
    """
    delivery = apps.get_model("kernel", "Delivery")
    before = delivery.objects.filter(
        state="waiting", order_key=key, subscriber__in=subscribers, priority__gt=Priority.HIGH
    )
    held = before.order_by("id").select_for_update(skip_locked=True).values_list("pk", flat=True)
    delivery.objects.filter(pk__in=list(held)).update(priority=Priority.HIGH)


def _write(record: EventRecord, priority: Priority) -> tuple[int, int]:
    """In one statement the fact, a row for each webhook that asked for it and one for each workflow that it starts.

    Returns how many of both.
    """
    values = {field.attname: field.value_from_object(record) for field in record._meta.concrete_fields}
    values |= {"payload": json.dumps(record.payload), "key": record.subject_id or record.pk}
    values |= {"priority": priority.value}
    with connection.cursor() as cursor:
        cursor.execute(WRITE, {**values, "names": asked_as(record.name)})
        record._state.adding = False  # noqa: SLF001 -- as saving it would have set
        told, started = cursor.fetchone()
        return int(told), int(started)


def asked_as(name: str) -> list[str]:
    """Every spelling under which the fact can be asked for."""
    return [name, f"{name.partition('.')[0]}.*", "*"]


def subscribe(event_class: type[Event]) -> Callable[[Handler], Handler]:
    """Register an idempotent handler; it runs in a transaction of its own."""

    def register(handler: Handler) -> Handler:
        _subscribers[event_class.name][f"{handler.__module__}.{handler.__qualname__}"] = handler
        return handler

    return register


def family(prefix: str) -> Callable[[FamilyHandler], FamilyHandler]:
    """Register who handles all deliveries to `prefix:key`, for listeners that are rows."""

    def register(handler: FamilyHandler) -> FamilyHandler:
        _families[prefix] = handler
        return handler

    return register


def set_family(prefix: str) -> Callable[[SetHandler], SetHandler]:
    """Register who handles many deliveries to `prefix:key` at a time, besides one by one. Both do the same."""

    def register(handler: SetHandler) -> SetHandler:
        _sets[prefix] = handler
        return handler

    return register


def sets() -> dict[str, SetHandler]:
    return _sets


def handler_of(name: str, subscriber: str) -> Handler | None:
    prefix, _, key = subscriber.partition(":")
    if key and prefix in _families:
        return partial(_families[prefix], key=key)
    return subscribers_of(name).get(subscriber)


def subscribers_of(name: str) -> dict[str, Handler]:
    return _subscribers.get(name, {})


def plain(value: Any) -> Any:
    """The same value in types that JSON knows; money and times as text, so nothing is rounded."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return {"id": str(value.pk), "name": str(value)}
    return value
