"""Letting a restored copy send. What fell due since it was copied may have left from the first, so a person decides."""

from django.db import transaction

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.schedule.place import ANOTHER
from gtmos.kernel.schedule.place_services import open_here
from outreach.enums import TouchState
from outreach.models import Touch
from outreach.services.planning import plan_touches

WHY = "It was due before this copy was allowed to send; the first may have sent it. A person decides."
AT_A_TIME = 1000


@transaction.atomic
def open_sending(*, actor: Actor) -> tuple[str, int]:
    """Why sending was locked, empty when it was not; and how many mails now wait for a person's word."""
    why = open_here(actor=actor)
    if why != ANOTHER:
        return why, 0
    while plan_touches(limit=AT_A_TIME):
        continue
    due = Touch.objects.filter(state=TouchState.SCHEDULED, next_at__lte=clock.now())
    claimed = Touch.objects.filter(state=TouchState.CLAIMED)
    held = (due | claimed).update(state=TouchState.LATE, last_error=WHY, lease_until=None)
    return why, held
