"""Noting where this database lives, and letting a copy send after all."""

from django.db import transaction
from django.utils import timezone

from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require
from gtmos.kernel.schedule.events import SendingOpened
from gtmos.kernel.schedule.models import Heartbeat
from gtmos.kernel.schedule.place import PROCESS, difference, present_place


def note_place() -> str:
    """Why nothing may leave; empty when it may. What sends for the first time notes where it is."""
    place = present_place()
    noted, _ = Heartbeat.objects.get_or_create(process=PROCESS, defaults={"detail": place})
    return difference(noted.detail, place)


@transaction.atomic
def open_here(*, actor: Actor) -> str:
    """From now on this database may act outwards. Returns why it might not; empty when it might."""
    require(actor, "kernel.open_sending")
    noted = Heartbeat.objects.select_for_update().filter(process=PROCESS).first()
    place = present_place()
    why = difference(noted.detail, place) if noted else ""
    if noted is None or not why:
        return ""
    noted.detail, noted.beat_at = place, timezone.now()
    noted.save(update_fields=["detail", "beat_at"])
    record = events.publish(SendingOpened(why=why), actor=actor)
    history.record(
        record,
        before={"sending": "locked"},
        after={"sending": "open"},
        actor=actor,
        category="SENDING",
        summary=f"Opened sending: {why}"[:500],
    )
    return why
