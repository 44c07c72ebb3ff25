"""The one way a row of the customer record is changed: lock, compare, save, history."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.services.locks import refuse_locked
from gtmos.kernel.fields.values import changed_keys, merged
from gtmos.kernel.records import Record, save_changes
from gtmos.kernel.rights import refuse_fixed
from gtmos.kernel.rules.checking import refuse_broken

R = TypeVar("R", bound=Record)


def locked(record: R) -> R:
    """The row as it is now, nobody else changing it until the transaction ends."""
    manager: models.Manager[R] = record.__class__._default_manager
    return manager.select_for_update(of=("self",)).get(pk=record.pk)


def apply_changes(
    record: R,
    changes: dict[str, Any],
    *,
    allowed: Collection[str],
    actor: Actor,
    category: str,
    derive: Callable[[R], list[str]] | None = None,
    cause_id: UUID | None = None,
) -> tuple[str, ...]:
    """Change the locked row and note it; returns the fields that really changed."""
    refuse_unknown(record, changes, allowed)
    refuse_fixed(type(record), changes, actor=actor)
    changes = with_custom(record, changes, actor=actor)
    before = history.changed_values(record, changes)
    for name, value in changes.items():
        setattr(record, name, value)
    derived = derive(record) if derive else []
    check(record, [*changes, *derived])
    after = history.changed_values(record, changes)
    changed = tuple(name for name in changes if before[name] != after[name])
    if not changed:
        return ()
    save_changes(record, *dict.fromkeys([*changed, *derived]))
    history.record(record, before=before, after=after, actor=actor, category=category, cause_id=cause_id)
    names = named(changed, before, after)
    refuse_locked(record, names, actor=actor)
    refuse_broken(record, names)
    return changed


def with_custom(record: Record, changes: dict[str, Any], *, actor: Actor) -> dict[str, Any]:
    """The custom values that were given, read by their types and put beside those that were not."""
    if "custom" not in changes:
        return changes
    noun, present = str(record._meta.model_name), getattr(record, "custom", {})
    return {**changes, "custom": merged(noun, present, changes["custom"], actor=actor)}


def named(changed: Collection[str], before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """The changed columns as rules and locks call them: custom values each by its key."""
    keys = changed_keys(before["custom"], after["custom"]) if "custom" in changed else ()
    return {name for name in changed if name != "custom"} | {f"custom.{key}" for key in keys}


def refuse_unknown(record: Record, changes: dict[str, Any], allowed: Collection[str]) -> None:
    unknown = sorted(set(changes) - set(allowed))
    if unknown:
        noun = record._meta.verbose_name
        raise InvalidInputError(
            f"A {noun} has no field {', '.join(unknown)} that can be changed here.", code="unknown_field"
        )


def check(record: Record, names: Collection[str]) -> None:
    """The columns' own rules, said as one sentence. A record that is in hand is not looked for again."""
    rest = {field.name for field in record._meta.fields} - set(names)
    rest |= {
        field.name for field in record._meta.fields if field.is_relation and record.is_in_hand(field.name)
    }
    try:
        record.clean_fields(exclude=rest)
    except ValidationError as error:
        faults = [
            f"{name.replace('_', ' ')}: {' '.join(words)}" for name, words in error.message_dict.items()
        ]
        raise InvalidInputError("; ".join(faults), code="invalid_value") from error


def stated(values: dict[str, Any]) -> list[str]:
    """The names that somebody really gave a value: an empty box of a form says nothing."""
    return [name for name, value in values.items() if value not in (None, "", False, [], {})]
