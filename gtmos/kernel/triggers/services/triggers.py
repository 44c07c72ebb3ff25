"""What RevOps does with triggers: write, switch on and off, delete."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.events import catalogue
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.rules.conditions import UNRANKED, condition_of, fault_of
from gtmos.kernel.rules.services.switching import switch
from gtmos.kernel.triggers.firing import RECORD, named_in
from gtmos.kernel.triggers.models import EventTrigger

DEFINED = ("name", "event_name", "conditions", "title", "note", "due_days", "assignee")
LONGEST_DUE = 365
MOST_CONDITIONS = 10


@transaction.atomic
def create_trigger(name: str, *, event_name: str, title: str, actor: Actor, **values: Any) -> EventTrigger:
    """Bind an event to a task. It starts nothing until it is switched on."""
    require(actor, "kernel.configure_triggers")
    _refuse_foreign(values)
    trigger = EventTrigger(name=name.strip(), event_name=event_name, title=title.strip(), **values)
    _refuse_wrong(trigger)
    trigger.save(force_insert=True)
    history.record_creation(trigger, actor=actor, values=_defined(trigger))
    return trigger


@transaction.atomic
def update_trigger(trigger: EventTrigger, *, changes: Mapping[str, Any], actor: Actor) -> EventTrigger:
    require(actor, "kernel.configure_triggers", trigger)
    _refuse_foreign(changes)
    trigger = _locked(trigger)
    before = _defined(trigger)
    for name, value in changes.items():
        setattr(trigger, name, value)
    _refuse_wrong(trigger)
    if history.record(trigger, before=before, after=_defined(trigger), actor=actor, category="WORKFLOW"):
        save_changes(trigger, *DEFINED)
    return trigger


@transaction.atomic
def activate_trigger(trigger: EventTrigger, *, actor: Actor) -> EventTrigger:
    """From the next event on."""
    return _switch(trigger, on=True, actor=actor)


@transaction.atomic
def deactivate_trigger(trigger: EventTrigger, *, actor: Actor) -> EventTrigger:
    """Events that still wait for it start nothing."""
    return _switch(trigger, on=False, actor=actor)


@transaction.atomic
def delete_trigger(trigger: EventTrigger, *, actor: Actor) -> None:
    """Tasks that it has made stay."""
    require(actor, "kernel.configure_triggers", trigger)
    trigger = _locked(trigger)
    history.record(trigger, before=_defined(trigger), after={"name": None}, actor=actor, category="DELETED")
    trigger.delete()


def _switch(trigger: EventTrigger, *, on: bool, actor: Actor) -> EventTrigger:
    return switch(trigger, on=on, right="kernel.configure_triggers", category="WORKFLOW", actor=actor)


def _locked(trigger: EventTrigger) -> EventTrigger:
    return EventTrigger.objects.select_for_update().get(pk=trigger.pk)


def _defined(trigger: EventTrigger) -> dict[str, Any]:
    return {name: getattr(trigger, name) for name in DEFINED}


def _refuse_foreign(values: Mapping[str, Any]) -> None:
    unknown = sorted(set(values) - set(DEFINED))
    if unknown:
        raise InvalidInputError(f"A workflow has no {', '.join(unknown)} to change.", code="unknown_field")


def _refuse_wrong(trigger: EventTrigger) -> None:
    fault = _fault(trigger)
    if fault:
        raise InvalidInputError(fault, code="bad_workflow")


def _fault(trigger: EventTrigger) -> str:
    entry = catalogue.find(trigger.event_name)
    if entry is None:
        return f"There is no event {trigger.event_name}."
    if not trigger.name or not trigger.title:
        return "A workflow needs a name, and a title for its task."
    if EventTrigger.objects.filter(name=trigger.name).exclude(pk=trigger.pk).exists():
        return f"There is a workflow {trigger.name} already."
    if trigger.assignee is None:
        return "Choose who gets the task where the record has no owner."
    if not 0 <= trigger.due_days <= LONGEST_DUE or len(trigger.conditions) > MOST_CONDITIONS:
        return f"A task is due within {LONGEST_DUE} days, and there are at most {MOST_CONDITIONS} conditions."
    unknown = sorted(named_in(trigger.title + trigger.note) - set(entry.values) - {RECORD})
    if unknown:
        return f"The event has no value {unknown[0]}. It has {', '.join([RECORD, *entry.values])}."
    has = f"The event has no value {{}}. It has {', '.join(sorted(entry.values))}."
    parts = (condition_of(part) for part in trigger.conditions)
    faults = (fault_of(part, entry.values, noun="value", unknown=has, operators=UNRANKED) for part in parts)
    return next(filter(None, faults), "")
