"""Every fact there can be: its name, area, version, priority and the schema of its values."""

import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from gtmos.kernel.events.enums import Priority
from gtmos.kernel.events.publishing import Event

ALL = "*"
SAME_VERSION = "no higher version than"
CATEGORIES = {
    "kernel": "People and settings",
    "context": "Company context",
    "crm": "Customer record",
    "outreach": "Outreach",
    "issues": "Issues",
    "journeys": "Journeys",
    "agents": "Assistant",
}
_PLAIN: dict[Any, dict[str, str]] = {
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Decimal: {"type": "string", "format": "decimal"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a reader of the catalogue is told of one fact."""

    name: str
    category: str
    version: int
    priority: Priority
    description: str
    values: Mapping[str, str]
    schema: Mapping[str, Any]

    @property
    def schema_text(self) -> str:
        return json.dumps(self.schema, indent=2)


def classes() -> dict[str, type[Event]]:
    """Every fact that some app has defined, by name."""
    return {
        each.name: each for each in Event.__subclasses__() if isinstance(getattr(each, "name", None), str)
    }


def event_names() -> tuple[str, ...]:
    return tuple(sorted(classes()))


def is_known(name: str) -> bool:
    """A name, or an area as `crm.*`, or everything."""
    known = classes()
    if name.endswith(".*"):
        return any(each.startswith(name[:-1]) for each in known)
    return name == ALL or name in known


def entries() -> list[Entry]:
    return [entry_of(each) for _, each in sorted(classes().items())]


def find(name: str) -> Entry | None:
    found = classes().get(name)
    return entry_of(found) if found else None


def entry_of(event: type[Event]) -> Entry:
    hints = get_type_hints(event)
    shown = {field.name: hints[field.name] for field in fields(event)}
    return Entry(
        name=event.name,
        category=CATEGORIES.get(event.name.partition(".")[0], "Other"),
        version=event.schema_version,
        priority=event.priority,
        description=_description(event),
        values={name: _type_name(hint) for name, hint in shown.items()},
        schema=_schema(event, shown),
    )


def _description(event: type[Event]) -> str:
    """A dataclass without words of its own gets its signature as documentation; that says nothing to people."""
    words = (event.__doc__ or "").strip().split("\n")[0]
    said = event.name.partition(".")[2].replace("_", " ").capitalize() + "."
    return said if not words or words.startswith(f"{event.__name__}(") else words


def _schema(event: type[Event], shown: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": event.name,
        "type": "object",
        "properties": {name: schema_of(hint) for name, hint in shown.items()},
        "required": list(shown),
        "additionalProperties": False,
    }


def schema_of(hint: Any) -> dict[str, Any]:
    """JSON Schema of one value as it is stored: keys, money and moments are text."""
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    kind, parts = get_origin(hint), get_args(hint)
    if kind in (Union, types.UnionType):
        return {"anyOf": [schema_of(each) for each in parts]}
    if kind in (tuple, list, set, frozenset):
        return {"type": "array", "items": schema_of(parts[0])}
    if kind is dict:
        return {"type": "object", "additionalProperties": schema_of(parts[1])}
    raise TypeError(f"{hint} has no place in the values of an event")


def _type_name(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)


def kept(path: Path) -> dict[str, dict[str, Any]]:
    """The schemas that were agreed on last, one line each."""
    read: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return read


def as_kept(entry: Entry) -> dict[str, Any]:
    return {"version": entry.version, "properties": entry.schema["properties"]}


def drift(path: Path) -> list[str]:
    """What the code says otherwise than the kept file; none when both agree."""
    old, new = kept(path), {each.name: as_kept(each) for each in _own()}
    found = [f"{name} is not in {path.name} yet." for name in sorted(set(new) - set(old))]
    found += [f"{name} was removed." for name in sorted(set(old) - set(new))]
    return found + [
        _difference(name, old[name], new[name])
        for name in sorted(set(old) & set(new))
        if old[name] != new[name]
    ]


def _difference(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if old["properties"] != new["properties"] and new["version"] <= old["version"]:
        return f"{name} has other values but {SAME_VERSION} {old['version']}."
    return f"{name} is version {new['version']} now."


def broken(path: Path) -> list[str]:
    """Facts whose values changed under the same version: listeners outside would read them wrongly."""
    return [each for each in drift(path) if SAME_VERSION in each]


def keep(path: Path) -> None:
    """Write down what the code says now."""
    rows = ((each.name, json.dumps(as_kept(each), sort_keys=True)) for each in _own())
    lines = ",\n".join(f'"{name}": {text}' for name, text in rows)
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def _own() -> list[Entry]:
    """What the product's apps define; not what a test does."""
    return [each for each in entries() if each.name.partition(".")[0] in CATEGORIES]
