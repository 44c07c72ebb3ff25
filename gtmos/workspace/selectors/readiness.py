"""What the parts of the installation say about themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from gtmos.kernel import clock
from gtmos.kernel.clock import BusinessClock
from gtmos.kernel.durability import durability_faults
from gtmos.kernel.events.models import Delivery
from gtmos.kernel.schedule.models import Heartbeat, Occurrence
from gtmos.kernel.schedule.place import closed_because
from gtmos.kernel.search.nearest import installed_version, version_fault
from outreach.selectors.touches import due_touches, oldest_due

SILENT_AFTER = timedelta(seconds=30)
LATE_AFTER_SECONDS = 300


def readiness() -> dict[str, Any]:
    """`{"ok": bool, part: {"ok": bool, …}}`; a part that cannot be asked says why."""
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "database": _database,
        "durability": _durability,
        "place": _place,
        "vector": _vector,
        "redis": _redis,
        "worker": lambda: _heartbeat("worker"),
        "scheduler": lambda: _heartbeat("scheduler"),
        "oldest_due": _oldest_due,
    }
    report = {name: _asked(part) for name, part in parts.items()}
    return {"ok": all(part["ok"] for part in report.values()), **report}


def _asked(part: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return part()
    except (DatabaseError, redis.RedisError, OSError) as error:
        return {"ok": False, "why": str(error).strip().split("\n")[0][:200]}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        return {"ok": True, "version": cursor.fetchone()[0]}


def _durability() -> dict[str, Any]:
    faults = durability_faults()
    return {"ok": not faults, "sending": "locked: " + ", ".join(faults) if faults else "open"}


def _place() -> dict[str, Any]:
    """A restored copy is not ready before somebody says that it may send."""
    closed = closed_because()
    return {"ok": not closed, **({"why": closed} if closed else {})}


def _vector() -> dict[str, Any]:
    fault = version_fault()
    return {"ok": not fault, "version": installed_version() or "missing"}


def _redis() -> dict[str, Any]:
    url = settings.REDIS_URL.replace("redis+socket://", "unix://", 1)
    client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    try:
        return {"ok": bool(client.ping())}
    finally:
        client.close()


def _heartbeat(process: str) -> dict[str, Any]:
    beat = Heartbeat.objects.filter(process=process).first()
    if beat is None:
        return {"ok": False, "why": "has not said anything yet"}
    age = timezone.now() - beat.beat_at
    said = {"seconds_ago": round(age.total_seconds(), 1)}
    if age < SILENT_AFTER:
        return {"ok": True, **said}
    return {
        "ok": False,
        **said,
        "why": f"The {process} has said nothing for {said['seconds_ago']:.0f} seconds.",
    }


def _oldest_due() -> dict[str, Any]:
    """Silence is no health: what matters is whether due work gets done."""
    real = timezone.now()
    now = clock.now()
    delivery = Delivery.objects.filter(state="waiting", attempts=0).order_by("next_at").first()
    occurrence = Occurrence.objects.filter(done_at__isnull=True).order_by("due_at").first()
    ages = [
        (real - moment).total_seconds()
        for moment in (delivery and delivery.next_at, occurrence and occurrence.due_at)
        if moment
    ]
    touch_age = _in_real_time(oldest_due(now).total_seconds(), real)
    oldest = round(max([*ages, touch_age, 0.0]), 1)
    is_late = oldest >= LATE_AFTER_SECONDS
    return {
        "ok": not is_late,
        **({"why": f"Work that was due {oldest:.0f} seconds ago is not done."} if is_late else {}),
        "seconds": oldest,
        "touches_due": due_touches(now).count(),
        "oldest_touch_seconds": round(touch_age, 1),
    }


def _in_real_time(seconds: float, real: datetime) -> float:
    """Mails are due in business time; a clock that the sandbox moved ahead makes nothing late at once."""
    moved = BusinessClock.objects.filter(pk=1).first() if settings.SANDBOX else None
    if moved is None:
        return seconds
    return min(seconds / moved.rate if moved.rate else seconds, (real - moved.set_at).total_seconds())
