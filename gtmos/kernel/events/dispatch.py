"""Delivering waiting facts: claim, run, back off, give up visibly, replay."""

import logging
import traceback
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from gtmos.kernel import history, jobs, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.cause import caused_by
from gtmos.kernel.events.models import Delivery, DeliveryState, EventRecord
from gtmos.kernel.events.publishing import SetHandler, handler_of, sets
from gtmos.kernel.permissions import require

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = 12
LONGEST_PAUSE = timedelta(hours=1)
# One turn of so many goes to whatever has waited longest, so that what can wait is not forgotten.
FAIR_TURN = 10
IN_A_SET = 500
# Whose work goes back to a run of a workflow: what it does itself, and what listens to that.
FROM_RUNS = ("workflow", "system")


def dispatch_pending(*, limit: int = 500) -> int:
    """Deliver what is due, one transaction each; returns how many were handled."""
    in_sets = sum(_deliver_sets(prefix, handler) for prefix, handler in sets().items())
    handled = 0
    while handled < limit and _deliver_next(in_turn=handled % FAIR_TURN == FAIR_TURN - 1):
        handled += 1
    if handled or in_sets:
        live.push("events:all")
    return handled + in_sets


def _due(*, in_turn: bool) -> QuerySet[Delivery]:
    """The most urgent first; for each subject in order: a later fact waits while an earlier one is to be delivered."""
    order = ("next_at", "id") if in_turn else ("priority", "next_at", "id")
    earlier = Delivery.objects.filter(
        state=DeliveryState.WAITING,
        subscriber=OuterRef("subscriber"),
        order_key=OuterRef("order_key"),
        id__lt=OuterRef("id"),
    )
    return (
        Delivery.objects.filter(state=DeliveryState.WAITING, next_at__lte=timezone.now())
        .filter(~Exists(earlier))
        .order_by(*order)
    )


def _deliver_sets(prefix: str, handler: SetHandler) -> int:
    """All that is due to listeners that take many at a time. What fails so is left to be delivered one by one."""
    handled = 0
    while found := _deliver_set(prefix, handler):
        handled += found
    return handled


def _deliver_set(prefix: str, handler: SetHandler) -> int:
    try:
        with transaction.atomic():
            return _hand_over(prefix, handler)
    except Exception:  # outermost loop: a handler is any app's code; logged, and each delivery that fails alone keeps its error
        logger.exception("a set of deliveries to %s failed; they are delivered one by one", prefix)
        return 0


def _hand_over(prefix: str, handler: SetHandler) -> int:
    due = _due_in_sets(prefix).select_for_update(skip_locked=True, of=("self",)).select_related("event")
    deliveries = sorted(due[:IN_A_SET], key=lambda each: each.pk)
    handler([(each.event, each.subscriber.partition(":")[2]) for each in deliveries])
    keys = [each.pk for each in deliveries]
    done = {
        "state": DeliveryState.DONE,
        "done_at": timezone.now(),
        "attempts": F("attempts") + 1,
        "error": "",
    }
    Delivery.objects.filter(pk__in=keys).update(**done)
    return len(keys)


def _due_in_sets(prefix: str) -> QuerySet[Delivery]:
    """Never tried, and nothing before them that waits to be tried again."""
    failed = Delivery.objects.filter(
        state=DeliveryState.WAITING,
        attempts__gt=0,
        subscriber=OuterRef("subscriber"),
        order_key=OuterRef("order_key"),
        id__lt=OuterRef("id"),
    )
    return Delivery.objects.filter(
        ~Exists(failed),
        state=DeliveryState.WAITING,
        attempts=0,
        next_at__lte=timezone.now(),
        subscriber__startswith=f"{prefix}:",
    ).order_by("id")


@transaction.atomic
def _deliver_next(*, in_turn: bool) -> bool:
    delivery = (
        _due(in_turn=in_turn)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("event")
        .first()
    )
    if delivery is None:
        return False
    handler = handler_of(delivery.event.name, delivery.subscriber)
    delivery.attempts += 1
    try:
        with transaction.atomic():
            if handler is not None:
                with caused_by(_run_behind(delivery.event)):
                    handler(delivery.event)
    except Exception as error:  # noqa: BLE001 -- outermost loop: a handler is any app's code; logged, kept in the delivery, tried again
        _note_failure(delivery, error)
        return True
    delivery.state = DeliveryState.DONE
    delivery.done_at = timezone.now()
    delivery.error = "" if handler else "Nobody listens to this any more."
    delivery.save(update_fields=["state", "attempts", "done_at", "error"])
    return True


def _run_behind(event: EventRecord) -> UUID | None:
    return event.run_id if event.actor_kind in FROM_RUNS else None


def _note_failure(delivery: Delivery, error: Exception) -> None:
    logger.error("delivery %s to %s failed", delivery.pk, delivery.subscriber, exc_info=error)
    delivery.error = "".join(traceback.format_exception(error))[-4000:]
    if delivery.attempts >= GIVE_UP_AFTER:
        delivery.state = DeliveryState.DEAD
    delivery.next_at = timezone.now() + pause_after(delivery.attempts)
    delivery.save(update_fields=["state", "attempts", "next_at", "error"])


def pause_after(attempts: int) -> timedelta:
    """Two seconds, doubling, never more than an hour."""
    return min(timedelta(seconds=2**attempts), LONGEST_PAUSE)


@transaction.atomic
def replay(delivery: Delivery, *, actor: Actor) -> Delivery:
    """Deliver again from the start; handlers are idempotent, so this is safe at any time. Asked twice, it is done once."""
    require(actor, "kernel.replay_delivery", delivery)
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("event").get(pk=delivery.pk)
    if delivery.state == DeliveryState.WAITING and not delivery.attempts:
        return delivery
    before = {"delivery": delivery.get_state_display(), "attempts": delivery.attempts}
    delivery.state = DeliveryState.WAITING
    delivery.attempts = 0
    delivery.next_at = timezone.now()
    delivery.done_at = None
    delivery.save(update_fields=["state", "attempts", "next_at", "done_at"])
    history.record(
        delivery.event,
        before=before,
        after={"delivery": "waiting", "attempts": 0},
        actor=actor,
        category="DELIVERY",
        summary=f"Deliver {delivery.event.name} to {delivery.subscriber} again",
    )
    jobs.enqueue("kernel.dispatch_events")
    live.push("events:all")
    return delivery
