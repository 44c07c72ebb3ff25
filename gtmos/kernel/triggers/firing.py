"""Asking the conditions of a trigger, and starting what it starts. What that is, an app says."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.events.publishing import WORKFLOW, family
from gtmos.kernel.rules.conditions import condition_of
from gtmos.kernel.triggers.models import EventTrigger

ACTOR = Actor.system(WORKFLOW)
PLACE = re.compile(r"\{([a-z_]+)\}")
RECORD = "record"


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be made of an event, or was."""

    title: str
    note: str
    owner: str
    about: str


# Makes the task of one event, or with the last argument only says what it would be.
Maker = Callable[[EventRecord, EventTrigger, bool], Planned]
_makers: list[Maker] = []


def starts(maker: Maker) -> Maker:
    _makers[:] = [maker]
    return maker


@family("trigger")
def start(record: EventRecord, key: str) -> None:
    trigger = EventTrigger.objects.select_related("assignee").filter(pk=key, is_active=True).first()
    if trigger is not None and fits(trigger, record):
        planned(trigger, record, is_trial=False)


def planned(trigger: EventTrigger, record: EventRecord, *, is_trial: bool) -> Planned:
    (maker,) = _makers
    return maker(record, trigger, is_trial)


def fits(trigger: EventTrigger, record: EventRecord) -> bool:
    return all(condition_of(each).holds(record.payload, {}) for each in trigger.conditions)


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Names in braces become values; nothing else is understood, so nothing else can happen."""
    return PLACE.sub(lambda found: str(values.get(found[1], "not known")), text)


def named_in(text: str) -> set[str]:
    return set(PLACE.findall(text))
