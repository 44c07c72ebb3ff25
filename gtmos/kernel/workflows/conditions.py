"""Conditions in groups, asked of an event and of the records it is about. Pure.

A group is {"all": […]} or {"any": […]}; what stands in it are groups, and parts {field, operator, value}. The field is a value
of the event (`after`) or one of a record that the event names (`deal.deal_amount`, `deal.custom.tier`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gtmos.kernel.rules.conditions import OPERATORS, WITHOUT_VALUE, Condition, Ranks, Values, condition_of

ALL, ANY = "all", "any"
DEEPEST, MOST = 3, 20
Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """Nothing in it holds always."""

    parts: tuple[Group | Condition, ...] = ()
    is_any: bool = False

    def holds(self, values: Values, ranks: Ranks) -> bool:
        found = (each.holds(values, ranks) for each in self.parts)
        return (any if self.is_any else all)(found) if self.parts else True


def compiled(tree: Tree) -> Group:
    kind = ANY if ANY in tree else ALL
    return Group(tuple(_part(each) for each in tree.get(kind, ())), kind == ANY)


def _part(stored: Tree) -> Group | Condition:
    return compiled(stored) if is_group(stored) else condition_of(stored)


def is_group(stored: object) -> bool:
    return isinstance(stored, Mapping) and bool({ALL, ANY} & set(stored))


def parts_of(tree: Tree) -> Iterator[Condition]:
    """All parts, of all groups."""
    for kind in (ALL, ANY):
        for each in tree.get(kind, ()):
            if is_group(each):
                yield from parts_of(each)
            else:
                yield condition_of(each)


def shape_fault(tree: object, depth: int = 1) -> str:
    """What is wrong with how it is built, in words; its fields are asked for elsewhere."""
    if not isinstance(tree, Mapping) or (tree and set(tree) not in ({ALL}, {ANY})):
        return "Conditions are one group, “all” or “any”, with a list in it."
    if depth > DEEPEST:
        return f"Groups stand at most {DEEPEST} deep in each other."
    parts = [each for kind in tree for each in tree[kind]] if _has_lists(tree) else None
    if parts is None or len(parts) > MOST:
        return f"A group is a list of at most {MOST} conditions."
    faults = (shape_fault(each, depth + 1) if is_group(each) else _part_fault(each) for each in parts)
    return next(filter(None, faults), "")


def _has_lists(tree: Tree) -> bool:
    return all(isinstance(each, list) for each in tree.values())


def _part_fault(part: object) -> str:
    is_right = isinstance(part, Mapping) and set(part) <= {"field", "operator", "value"}
    if is_right and isinstance(part, Mapping) and all(isinstance(each, str) for each in part.values()):
        return ""
    return "A condition has a field, an operator and a value, all of them text."


class Named(Protocol):
    """What people call a field, and a value of it."""

    @property
    def label(self) -> str: ...

    def said(self, value: str) -> str: ...


def in_words(tree: Tree, names: Mapping[str, Named]) -> str:
    """“Amount is at least 10000 and (stage is won or owner is empty)”; nothing where there is none."""
    kind = ANY if ANY in tree else ALL
    joined = " or " if kind == ANY else " and "
    return joined.join(_words(each, names) for each in tree.get(kind, ()))


def _words(stored: Tree, names: Mapping[str, Named]) -> str:
    if is_group(stored):
        return f"({in_words(stored, names)})"
    part = condition_of(stored)
    operator = OPERATORS.get(part.operator, part.operator)
    known = names.get(part.field)
    name, value = (known.label, known.said(part.value)) if known else (part.field, part.value)
    return f"{name} {operator}" if part.operator in WITHOUT_VALUE else f"{name} {operator} {value}"
