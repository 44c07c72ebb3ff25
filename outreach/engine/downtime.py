"""After a long silence, or in a restored copy, what is overdue waits for a person instead of going out."""

from django.db import transaction
from django.utils import timezone

from gtmos.kernel import clock
from gtmos.kernel.schedule.models import Heartbeat
from outreach.engine.terms import PRODUCTION, Terms
from outreach.enums import TouchState
from outreach.models import Touch

PROCESS = "sending"
WHY = "It was due while nothing ran; a person decides whether it still goes out."


@transaction.atomic
def note_life(terms: Terms = PRODUCTION) -> int:
    """Say that the engine lives. Measured in real time, so a moved business clock is never taken for a silence."""
    now = timezone.now()
    last, is_new = Heartbeat.objects.select_for_update().get_or_create(
        process=PROCESS, defaults={"beat_at": now}
    )
    if is_new:
        return 0
    held = 0
    if now - last.beat_at > terms.late_after:
        held = Touch.objects.filter(
            state=TouchState.SCHEDULED, next_at__lt=clock.now() - terms.late_after
        ).update(state=TouchState.LATE, last_error=WHY)
    last.beat_at = now
    last.save(update_fields=["beat_at"])
    return held
