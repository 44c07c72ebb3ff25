"""What an event is about: the records that it names, and the fields of both that a workflow may look at."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.db import models

from gtmos.kernel.actors import Actor
from gtmos.kernel.events import catalogue
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.fields.objects import CustomObject, names_of, objects
from gtmos.kernel.fields.schema import Definition, fields_of
from gtmos.kernel.rules.checking import value_of

Records = Mapping[str, models.Model]
Namer = Callable[[Collection[str]], tuple[str, ...]]
Options = Callable[[], Mapping[str, str]]
NUMBER, DATE, FLAG, TEXT, LIST = "number", "date", "flag", "text", "list"
_COLUMNS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (models.BooleanField, FLAG),
    (models.DateField, DATE),
    (models.IntegerField, NUMBER),
    (models.DecimalField, NUMBER),
    (models.FloatField, NUMBER),
    (models.JSONField, LIST),
)
_TYPES = {"boolean": FLAG, "date": DATE, "number": NUMBER, "money": NUMBER, "multi_choice": LIST}
_VALUES = {"boolean": FLAG, "integer": NUMBER, "number": NUMBER, "array": LIST}


@dataclass(frozen=True, slots=True)
class Field:
    """One value that conditions and texts may name."""

    name: str
    label: str
    kind: str = TEXT
    options: Options = dict
    is_ranked: bool = False

    @property
    def choices(self) -> Mapping[str, str]:
        """The values it can have, with their names; nothing where it can have any."""
        return self.options()

    def said(self, value: str) -> str:
        return self.choices.get(value, value)


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


def fields_of_kind(noun: str) -> list[Field]:
    about = objects().get(noun)
    if about is None:
        return []
    named = [_column_field(about, name) for name in (*about.columns, "owner")]
    return named + [_custom_field(noun, each) for each in fields_of(noun).values()]


def _value_field(name: str, schema: Mapping[str, Any], options: Options) -> Field:
    kinds = [schema, *schema.get("anyOf", ())]
    kind = next((_VALUES[each["type"]] for each in kinds if each.get("type") in _VALUES), TEXT)
    is_day = any(str(each.get("format", "")).startswith("date") for each in kinds)
    return Field(name, f"Event: {name.replace('_', ' ')}", DATE if is_day else kind, options)


def _column_field(about: CustomObject, name: str) -> Field:
    column = about.model._meta.get_field(name)
    kind = next((kind for type_, kind in _COLUMNS if isinstance(column, type_)), TEXT)
    words = name.removeprefix(f"{about.noun}_").replace("_", " ")
    label = f"{about.noun.capitalize()}: {words}"
    options = partial(names_of, about.noun, name)
    return Field(f"{about.noun}.{name}", label, kind, options, name in about.ranks)


def _custom_field(noun: str, each: Definition) -> Field:
    label, kind = f"{noun.capitalize()}: {each.label}", _TYPES.get(each.type.key, TEXT)
    choices = {str(value): str(value) for value in each.options.get("choices", ())}
    return Field(f"{noun}.{each.column}", label, kind, lambda: choices)


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
