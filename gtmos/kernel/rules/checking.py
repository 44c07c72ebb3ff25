"""Asking the active rules of a record, inside the verb that changes it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import models

from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.objects import noun_of, object_of
from gtmos.kernel.fields.schema import schema
from gtmos.kernel.rules.conditions import Rule


def refuse_broken(record: models.Model, changed: Collection[str] | None = None) -> None:
    """Say the sentence of the first rule that does not hold. Only rules that name a changed value are asked.

    Without `changed`, as for a new record, all are.
    """
    noun = noun_of(record)
    rules = schema().rules.get(noun, ()) if noun else ()
    asked = [rule for rule in rules if changed is None or _touched(rule, changed)]
    if not asked:
        return
    values, ranks = values_of(record, asked), ranks_of(record, asked)
    for rule in asked:
        if rule.is_broken(values, ranks):
            raise InvalidInputError(rule.sentence, code="rule_broken", missing=(rule.requirement.field,))


def _touched(rule: Rule, changed: Collection[str]) -> bool:
    return any(name.partition(".")[0] in changed or name in changed for name in rule.fields)


def values_of(record: models.Model, rules: Iterable[Rule]) -> Mapping[str, Any]:
    """The values the rules name, as plain ones."""
    about = object_of(noun_of(record))
    return {name: value_of(record, name, about.plain) for rule in rules for name in rule.fields}


def value_of(record: Any, name: str, special: Mapping[str, Any]) -> Any:
    if name.startswith("custom."):
        return record.custom.get(name.removeprefix("custom."))
    if name in special:
        return special[name](record)
    value = getattr(record, name, None)
    return str(value) if isinstance(value, models.Model) else plain(value)


def ranks_of(record: models.Model, rules: Iterable[Rule]) -> dict[str, tuple[str, ...]]:
    about = object_of(noun_of(record))
    named = {name for rule in rules for name in rule.fields}
    return {name: order(record) for name, order in about.ranks.items() if name in named}
