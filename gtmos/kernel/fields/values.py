"""Custom values on their way into a record: read by their type, put beside what is there, refused in words."""

from collections.abc import Collection, Mapping
from typing import Any

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.objects import object_of
from gtmos.kernel.fields.schema import Definition, Fields, fields_of
from gtmos.kernel.fields.types import BadValueError
from gtmos.kernel.fields.types.link import LinkType

KEEPS_ALL = frozenset({"import", "system", "task"})
UNKNOWN = "A {noun} has no field {name}. Fields are added by RevOps under Custom fields."


def merged(noun: str, present: Mapping[str, Any], given: Any, *, actor: Actor) -> dict[str, Any]:
    """What `custom` holds after the change. A key that is not given stays; None takes a value away."""
    if not isinstance(given, Mapping):
        raise InvalidInputError(
            "Custom values are an object: the field's key, and its value.", code="invalid_value"
        )
    fields, after = fields_of(noun), dict(present)
    for key, raw in given.items():
        if key in fields:
            value = read(fields[key], raw, actor=actor, present=present.get(key))
        else:
            value = _extra(noun, key, raw, present, actor)
        if value is None:
            after.pop(key, None)
        else:
            after[key] = value
    return after


def read(definition: Definition, raw: Any, *, actor: Actor, present: Any = None) -> Any:
    try:
        value = definition.type.read(raw, definition.options)
    except BadValueError as error:
        raise InvalidInputError(f"{definition.label}: {error}", code="invalid_value") from error
    if isinstance(definition.type, LinkType) and value is not None and value != present:
        _refuse_nobody(definition, value, actor)
    return value


def _extra(noun: str, key: str, raw: Any, present: Mapping[str, Any], actor: Actor) -> Any:
    """A value without a field: kept where a file brings it or the product writes it; nobody else may invent one."""
    known = key in object_of(noun).own_keys or actor.source in KEEPS_ALL
    if known or raw is None or (key in present and present[key] == raw):
        return raw
    raise InvalidInputError(UNKNOWN.format(noun=noun, name=key), code="unknown_field")


def _refuse_nobody(definition: Definition, key: str, actor: Actor) -> None:
    target = object_of(definition.options["to"])
    if not target.visible(actor=actor).filter(pk=key).exists():
        raise InvalidInputError(
            f"{definition.label}: there is no such {target.noun}, or you may not see it.",
            code="invalid_value",
        )


def sorted_out(fields: Fields, extras: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a file by name: those of a field read by its type; one that cannot be read is kept beside it."""
    found: dict[str, Any] = {}
    for name, raw in extras.items():
        definition = fields.get(name)
        if definition is None:
            found[name] = raw
            continue
        try:
            value = definition.type.read(raw, definition.options)
        except BadValueError:
            found[beside(name)] = raw
        else:
            if value is not None:
                found[name] = value
    return found


def beside(key: str) -> str:
    """The name under which a value is kept that its field does not take."""
    return f"{key} (not read)"


def words_of(noun: str, custom: Mapping[str, Any]) -> list[str]:
    """What a record can be found by."""
    return [
        definition.render(custom[key])
        for key, definition in fields_of(noun).items()
        if definition.type.is_searchable and custom.get(key) is not None
    ]


def searchable_keys(fields: Fields) -> list[str]:
    return [key for key, definition in fields.items() if definition.type.is_searchable]


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> Collection[str]:
    return [key for key in {**before, **after} if before.get(key) != after.get(key)]
