"""Telling the other apps what became of touches: once for each state, a batch at a time."""

from django.db import transaction
from django.db.models import F, Q

from gtmos.kernel import events, live
from gtmos.kernel.actors import SYSTEM
from outreach.enums import SuppressionReason, TouchState
from outreach.events import TouchBounced, TouchesFailed, TouchesInDoubt, TouchesSent
from outreach.models import Touch
from outreach.services.suppression import suppress

BATCH = 500
FACTS = {
    TouchState.SENT: TouchesSent,
    TouchState.FAILED: TouchesFailed,
    TouchState.IN_DOUBT: TouchesInDoubt,
}


def announce() -> int:
    """Publish for every touch that rests in a state nobody was told of. Losing a worker loses no fact."""
    told = batch = _announce_batch()
    while batch == BATCH:
        batch = _announce_batch()
        told += batch
    return told


@transaction.atomic
def _announce_batch() -> int:
    waiting = (
        Touch.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(Q(state__in=FACTS), ~Q(announced=F("state")))
        .order_by("id")[:BATCH]
    )
    touches = list(waiting)
    for state, fact in FACTS.items():
        ids = tuple(touch.pk for touch in touches if touch.state == state)
        if ids:
            Touch.objects.filter(pk__in=ids).update(announced=state)
            events.publish(fact(touch_ids=ids), actor=SYSTEM)
    for touch in touches:
        if touch.state == TouchState.FAILED and touch.bounced_at is not None:
            _note_bounce(touch)
    for campaign_id in {touch.campaign_id for touch in touches}:
        live.push(f"campaign:{campaign_id}")
    return len(touches)


def _note_bounce(touch: Touch) -> None:
    """An address that does not exist is never written to again, whoever else holds it."""
    suppress(touch.recipient, reason=SuppressionReason.HARD_BOUNCE, detail=touch.last_error, actor=SYSTEM)
    events.publish(
        TouchBounced(touch_id=touch.pk, contact_id=touch.contact_id, detail=touch.last_error), actor=SYSTEM
    )
