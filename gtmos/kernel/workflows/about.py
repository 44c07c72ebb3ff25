"""What an event is about: the records that it names, and the fields of both that a workflow may look at."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models

from gtmos.kernel.actors import Actor
from gtmos.kernel.events import catalogue
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.fields.kinds import DATE, FLAG, LIST, NUMBER, TEXT, Field, Options, fields_of_kind
from gtmos.kernel.fields.objects import objects
from gtmos.kernel.rules.checking import value_of

Records = Mapping[str, models.Model]
Namer = Callable[[Collection[str]], tuple[str, ...]]
_VALUES = {"boolean": FLAG, "integer": NUMBER, "number": NUMBER, "array": LIST}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one event is about, for those who look. `is_hidden`: it is there, and not for all of them."""

    records: Records = field(default_factory=dict)
    is_hidden: bool = False


Finder = Callable[[Sequence[EventRecord], Sequence[Actor]], Mapping[UUID, Seen]]


@dataclass(frozen=True, slots=True)
class Source:
    """How an app finds the records of events, many at a time, and which kinds an event can have by its values.

    It finds only what each of the given people may see, with the fields empty that their roles hide.
    """

    find: Finder
    nouns: Namer


_sources: list[Source] = []
_named: dict[tuple[str, str], Options] = {}


def finds_records(find: Finder, *, nouns: Namer) -> None:
    """Registered by the app that holds the records."""
    _sources[:] = [Source(find, nouns)]


def names_values(event_name: str, value: str, options: Options) -> None:
    """What people call the keys that a value of an event holds; registered by the app of the event."""
    _named[event_name, value] = options


def seen_of(events: Sequence[EventRecord], *, seers: Sequence[Actor]) -> Mapping[UUID, Seen]:
    """Of each event; whoever stands among the seers has to see a record, or it is for none of them."""
    found = _sources[0].find(events, seers) if _sources and events else {}
    return {event.pk: found.get(event.pk, Seen()) for event in events}


def nearest_of(records: Records) -> Any:
    """What the event is about, most exactly: the deal, or the person, or the company."""
    return next((records[noun] for noun in ("deal", "contact", "company") if noun in records), None)


def nouns_of(event_name: str) -> tuple[str, ...]:
    entry = catalogue.find(event_name)
    return _sources[0].nouns(tuple(entry.values)) if _sources and entry else ()


def fields_about(event_name: str) -> dict[str, Field]:
    """Everything a workflow of this event may name: the values of the event, then the fields of its records."""
    entry = catalogue.find(event_name)
    if entry is None:
        return {}
    own = {
        name: _value_field(name, entry.schema["properties"][name], _named.get((event_name, name), dict))
        for name in entry.values
    }
    for noun in nouns_of(event_name):
        own |= {each.name: each for each in fields_of_kind(noun)}
    return own


def _value_field(name: str, schema: Mapping[str, Any], options: Options) -> Field:
    kinds = [schema, *schema.get("anyOf", ())]
    kind = next((_VALUES[each["type"]] for each in kinds if each.get("type") in _VALUES), TEXT)
    is_day = any(str(each.get("format", "")).startswith("date") for each in kinds)
    return Field(name, f"Event: {name.replace('_', ' ')}", DATE if is_day else kind, options)


def values_of(names: Collection[str], event: EventRecord, records: Records) -> dict[str, Any]:
    """The present values of these names; a record that is gone has none."""
    found = {}
    for name in names:
        noun, _, column = name.partition(".")
        if not column:
            found[name] = event.payload.get(name)
        elif noun in records and noun in objects():
            found[name] = value_of(records[noun], column, objects()[noun].plain)
    return found


def ranks_of(names: Collection[str], records: Records) -> dict[str, tuple[str, ...]]:
    """Of those whose values stand in an order, such as the stages of a deal."""
    found = {}
    for name in names:
        noun, _, column = name.partition(".")
        about = objects().get(noun)
        if about is not None and column in about.ranks and noun in records:
            found[name] = about.ranks[column](records[noun])
    return found
