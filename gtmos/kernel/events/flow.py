"""How events flow: what was published, who has handled it, what waits, what failed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import Delivery, DeliveryState, EventRecord
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.permissions import allows, require

RANGES = {1: "Last hour", 24: "Last day", 168: "Last 7 days", 720: "Last 30 days"}
SINCE_A_DAY = 24
W, D, X = DeliveryState.WAITING, DeliveryState.DONE, DeliveryState.DEAD
STATES: dict[str, tuple[str, Q]] = {
    "failed": ("Failed", ~Q(error="") & ~Q(state=D)),
    "waiting": ("Waiting", Q(state=W)),
    "dead": ("Given up", Q(state=X)),
    "retried": ("Needed several tries", Q(attempts__gt=1)),
    "all": ("All", Q()),
}


@dataclass(frozen=True, slots=True)
class Asked:
    hours: int = SINCE_A_DAY
    event: str = ""
    state: str = "failed"

    @property
    def since(self) -> datetime:
        return timezone.now() - timedelta(hours=self.hours)


@dataclass(slots=True)
class Listener:
    """One subscriber of one event. `failed` counts tries, the others count deliveries."""

    subscriber: str
    handled: int = 0
    waiting: int = 0
    retried: int = 0
    failed: int = 0
    dead: int = 0


@dataclass(slots=True)
class Flow:
    name: str
    emitted: int = 0
    listeners: list[Listener] = field(default_factory=list)


def flow(asked: Asked, *, actor: Actor) -> list[Flow]:
    """Two statements, whatever the number of events."""
    require(actor, "kernel.watch_events")
    found = {
        row["name"]: Flow(row["name"], row["emitted"])
        for row in _records(asked).values("name").annotate(emitted=Count("id")).order_by("name")
    }
    for row in _counted(asked):
        name = row.pop(
            "event__name"
        )  # of an event that came between the two statements the first knows nothing
        found.setdefault(name, Flow(name)).listeners.append(Listener(**row))
    return list(found.values())


def totals(flows: list[Flow]) -> dict[str, int]:
    each = [listener for one in flows for listener in one.listeners]
    counted = {name: sum(getattr(one, name) for one in each) for name in COUNTS}
    return {"emitted": sum(one.emitted for one in flows), **counted}


COUNTS = ("handled", "waiting", "retried", "failed", "dead")


def _records(asked: Asked) -> QuerySet[EventRecord]:
    records = EventRecord.objects.filter(happened_at__gte=asked.since)
    return records.filter(name=asked.event) if asked.event else records


def _counted(asked: Asked) -> list[dict[str, Any]]:
    rows = _deliveries(asked).values("event__name", "subscriber").order_by("event__name", "subscriber")
    counted: Any = rows.annotate(
        handled=Count("id", filter=Q(state=D)),
        waiting=Count("id", filter=Q(state=W)),
        retried=Count("id", filter=Q(attempts__gt=1)),
        tries=Sum("attempts", default=0),
        tried=Count("id", filter=Q(state=D, attempts__gt=0)),
        dead=Count("id", filter=Q(state=X)),
    )
    return [_with_failures(row) for row in counted]


def _with_failures(row: dict[str, Any]) -> dict[str, Any]:
    """Every try but the last of what was handled has failed."""
    tries, tried = row.pop("tries"), row.pop("tried")
    return {**row, "failed": tries - tried}


def _deliveries(asked: Asked) -> QuerySet[Delivery]:
    deliveries = Delivery.objects.filter(event__happened_at__gte=asked.since)
    return deliveries.filter(event__name=asked.event) if asked.event else deliveries


def deliveries_asked(asked: Asked, *, actor: Actor) -> QuerySet[Delivery]:
    require(actor, "kernel.watch_events")
    return _deliveries(asked).filter(STATES[asked.state][1]).select_related("event")


def visible_deliveries(*, actor: Actor) -> QuerySet[Delivery]:
    deliveries = Delivery.objects.select_related("event")
    return deliveries if allows(actor, "kernel.watch_events") else deliveries.none()


def get_delivery(delivery_id: int, *, actor: Actor) -> Delivery:
    delivery = visible_deliveries(actor=actor).filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFoundError("There is no such delivery.", code="not_found")
    return delivery
