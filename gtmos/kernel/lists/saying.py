"""Filters in words, for the chips above a list and for whoever reads a view."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.objects import object_of
from gtmos.kernel.lists.asking import Asked
from gtmos.kernel.lists.dates import SPANS, days_of
from gtmos.kernel.lists.fields import ListField, fields_for
from gtmos.kernel.lists.filters import Group, Node, format_filter
from gtmos.kernel.lists.operators import operator_of
from gtmos.kernel.wording import plural


def chips_of(asked: Asked) -> list[dict[str, str]]:
    """One chip for each part of the filter, with the address of the list without it."""
    tree = asked.tree
    if not tree:
        return []
    fields = fields_for(asked.noun, actor=asked.actor)
    found = []
    for place, part in enumerate(tree.parts):
        rest = Group(tree.mode, tree.parts[:place] + tree.parts[place + 1 :])
        words = words_of(part, fields, actor=asked.actor)
        found.append(
            {
                "words": words,
                "joint": ("or" if tree.mode == "any" else "and") if place else "",
                "url": asked.address(where=format_filter(rest) or ("" if asked.view else None)),
            }
        )
    return found


def words_of(node: Node, fields: Mapping[str, ListField], *, actor: Actor) -> str:
    """“State is using”, “Industry is Fintech or People is at least 200”."""
    if isinstance(node, Group):
        joint = " and " if node.mode == "all" else " or "
        return joint.join(_part(each, fields, actor) for each in node.parts)
    field = fields[node.field]
    operator = operator_of(field.kind, node.operator)
    assert operator is not None
    if node.operator in {"in_last", "in_next", "not_in_last"}:
        return f"{field.label} {operator.words.replace('(days)', plural(days_of(node.values[0]), 'day'))}"
    values = [_value(each, field, actor) for each in node.values]
    joint = " and " if node.operator == "between" else " or "
    return f"{field.label} {operator.words} {joint.join(values)}".strip()


def _part(each: Node, fields: Mapping[str, ListField], actor: Actor) -> str:
    words = words_of(each, fields, actor=actor)
    return f"({words})" if isinstance(each, Group) and len(each.parts) > 1 else words


def _value(value: str, field: ListField, actor: Actor) -> str:
    if field.kind == "link":
        return name_of_link(value, field, actor)
    if field.kind in {"date", "moment"}:
        return SPANS.get(value) or value.replace("today-", "today − ").replace("today+", "today + ")
    if field.kind == "choice":
        return next((label for key, label in field.choices_for(actor) if key == value), value)
    return value


def name_of_link(value: str, field: ListField, actor: Actor) -> str:
    """The name of a record that the reader may see."""
    record = _linked(field, actor).filter(pk=UUID(value)).first()
    return str(record) if record else "a record you may not see"


def _linked(field: ListField, actor: Actor) -> Any:
    if field.definition is not None:
        return object_of(field.definition.options["to"]).visible(actor=actor)
    assert field.records is not None
    return field.records(actor=actor)


def words_of_value(value: str, field: ListField, *, actor: Actor) -> str:
    """What a value is called, for whoever is asked whether it should be set."""
    if not value:
        return "nobody" if field.kind == "person" else "not known"
    return _value(value, field, actor)
