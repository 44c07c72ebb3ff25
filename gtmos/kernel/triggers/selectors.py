"""Who sees triggers, and what they would have done."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.permissions import allows, require
from gtmos.kernel.triggers.firing import Planned, fits, planned
from gtmos.kernel.triggers.models import EventTrigger

LAST = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """One event of the past. `task` is none where a condition did not hold."""

    record: EventRecord
    task: Planned | None


def visible_triggers(*, actor: Actor) -> QuerySet[EventTrigger]:
    triggers = EventTrigger.objects.select_related("assignee")
    return triggers if allows(actor, "kernel.configure_triggers") else triggers.none()


def get_trigger(trigger_id: UUID, *, actor: Actor) -> EventTrigger:
    trigger = visible_triggers(actor=actor).filter(pk=trigger_id).first()
    if trigger is None:
        raise NotFoundError("There is no such workflow.", code="not_found")
    return trigger


def tried(trigger: EventTrigger, *, actor: Actor) -> list[Tried]:
    """The last events of its kind, and the tasks that would have come of them. Nothing is written."""
    require(actor, "kernel.configure_triggers", trigger)
    records = EventRecord.objects.filter(name=trigger.event_name).order_by("-happened_at", "-id")
    return [
        Tried(each, planned(trigger, each, is_trial=True) if fits(trigger, each) else None)
        for each in records[:LAST]
    ]
