"""What a step can do. Every action ends in the verb that a person's click ends in, on behalf of the workflow's owner."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models
from django.urls import reverse

from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.kinds import Field
from gtmos.kernel.fields.objects import noun_of, objects
from gtmos.kernel.once import once
from gtmos.kernel.people.models import User
from gtmos.kernel.workflows.about import Records, nearest_of, values_of

RECORD, OWNER = "record", "owner"
PLACE = re.compile(r"\{([a-z_]+(?:\.[a-z0-9_]+){0,2})\}")
TEXT, LONG, NUMBER, PERSON, CHOICE, FIELD, DAY_FIELD = (
    *("text", "long", "number", "person", "choice", "field"),
    "day_field",
)
Choices = Callable[[], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Param:
    """One value that whoever writes the step gives. `names_fields`: {names} in its text become values; `said`: in words.

    `value_of` is the param that names the field which this value is for.
    """

    name: str
    label: str
    kind: str = TEXT
    help_text: str = ""
    is_required: bool = False
    default: Any = ""
    choices: Choices | None = None
    most: int = 300
    said: Callable[[Any], str] = str
    value_of: str = ""

    @property
    def offered(self) -> list[tuple[str, str]]:
        """Read once in a request, however many lines of a form or of a version show it."""
        if self.choices is None:
            return []
        return once(f"choices of {self.choices.__module__}.{self.choices.__qualname__}", self.choices)

    @property
    def names_fields(self) -> bool:
        return self.kind in {TEXT, LONG}


@dataclass(frozen=True, slots=True)
class Call:
    """One step to be done, for one event. `key` is the same however often it is tried."""

    values: Mapping[str, Any]
    event: EventRecord
    records: Records
    actor: Actor
    key: UUID

    @property
    def nearest(self) -> Any:
        return nearest_of(self.records)

    @property
    def url(self) -> str:
        """The page of what the event is about."""
        record = self.nearest
        noun = noun_of(record) if record is not None else ""
        return reverse(objects()[noun].url_name, args=[record.pk]) if noun else ""

    @property
    def owner(self) -> User | None:
        owner = getattr(self.nearest, "owner", None)
        return owner if owner is not None and owner.is_active else None

    def text(self, name: str) -> str:
        """Names in braces become values; nothing else is understood, so nothing else can happen."""
        given = str(self.values.get(name) or "")
        found = values_of(named_in(given) - {RECORD}, self.event, self.records)
        found[RECORD] = self.nearest or self.event.name
        return PLACE.sub(lambda place: _said(found.get(place[1])), given)

    def person(self, name: str) -> User | None:
        key = self.values.get(name)
        return User.objects.filter(pk=key, is_active=True).first() if key else None

    def needed(self, noun: str) -> Any:
        if noun not in self.records:
            raise DomainError(f"The {noun} is not there any more.", code="record_gone")
        return self.records[noun]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step, in a sentence for the log. `waits` when somebody has to decide first."""

    text: str
    made: models.Model | None = None
    waits: bool = False


Perform = Callable[[Call], Outcome]
Wording = Callable[[Mapping[str, Any]], str]
Fault = Callable[[Mapping[str, Any], Mapping[str, Field]], str]


def _no_fault(values: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
    del values, fields
    return ""


@dataclass(frozen=True, slots=True)
class Action:
    """`dry` says what `perform` would do, and does nothing. `fault` says what could never work."""

    key: str
    label: str
    perform: Perform
    dry: Callable[[Call], str]
    words: str | Wording = ""
    params: tuple[Param, ...] = ()
    icon: str = "arrow-right"
    needs: tuple[str, ...] = field(default=())
    fault: Fault = _no_fault

    def in_words(self, values: Mapping[str, Any], labels: Mapping[str, str]) -> str:
        """The step as one sentence, from its template of words."""
        shown = {
            each.name: labels.get(each.name) or each.said(values.get(each.name, each.default))
            for each in self.params
        }
        if callable(self.words):
            return self.words(shown)
        return (self.words or self.label).format_map(shown)


_actions: dict[str, Action] = {}


def action(key: str, **about: Any) -> Callable[[Perform], Perform]:
    """Register what a step can do, under a name that stays."""

    def register(perform: Perform) -> Perform:
        if key in _actions:
            raise ValueError(f"action {key!r} is registered twice")
        _actions[key] = Action(key=key, perform=perform, **about)
        return perform

    return register


def actions() -> Mapping[str, Action]:
    return _actions


def named_in(text: str) -> set[str]:
    return set(PLACE.findall(text))


def _said(value: Any) -> str:
    return "not known" if value is None or value == "" else str(value)
