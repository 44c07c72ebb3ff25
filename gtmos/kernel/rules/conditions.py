"""Conditions over the values of a record. Pure: values in, yes or no out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gtmos.kernel.rules.models import ValidationRule

OPERATORS = {
    "filled": "is filled in",
    "empty": "is empty",
    "is": "is",
    "is_not": "is not",
    "from": "is at or after",
    "at_least": "is at least",
    "at_most": "is at most",
    "above": "is more than",
    "below": "is less than",
    "contains": "contains",
}
# Where values have no order of their own.
UNRANKED = {name: words for name, words in OPERATORS.items() if name != "from"}
WITHOUT_VALUE = frozenset({"filled", "empty"})
Values = Mapping[str, Any]
Ranks = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` is a column, or `custom.` and the key of a field."""

    field: str
    operator: str
    value: str = ""

    def holds(self, values: Values, ranks: Ranks) -> bool:
        present = values.get(self.field)
        if self.operator in WITHOUT_VALUE:
            return is_empty(present) == (self.operator == "empty")
        if self.operator == "is_not":
            return not _equal(present, self.value)
        if is_empty(present):
            return False
        return _COMPARED[self.operator](self, present, ranks)


@dataclass(frozen=True, slots=True)
class Rule:
    """Where all conditions hold, the requirement has to hold too."""

    name: str
    conditions: tuple[Condition, ...]
    requirement: Condition
    sentence: str

    def is_broken(self, values: Values, ranks: Ranks) -> bool:
        return all(each.holds(values, ranks) for each in self.conditions) and not self.requirement.holds(
            values, ranks
        )

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({self.requirement.field, *(each.field for each in self.conditions)})


def rule_of(row: ValidationRule) -> Rule:
    conditions = tuple(condition_of(each) for each in row.conditions)
    return Rule(row.name, conditions, condition_of(row.requirement), row.sentence)


def condition_of(stored: Mapping[str, str]) -> Condition:
    return Condition(stored.get("field", ""), stored.get("operator", ""), stored.get("value", ""))


def fault_of(
    part: Condition,
    known: Collection[str],
    *,
    noun: str,
    unknown: str,
    operators: Collection[str] = OPERATORS,
) -> str:
    """What is wrong with a condition that somebody wrote, in words for them; nothing where it can be asked."""
    if part.field not in known:
        return unknown.format(part.field or "chosen")
    if part.operator not in operators:
        return f"Choose how the {noun} is compared."
    if part.operator not in WITHOUT_VALUE and not part.value:
        return "Write the value that it is compared with."
    return ""


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _equal(present: Any, wanted: str) -> bool:
    if isinstance(present, bool):
        return present == (wanted.casefold() in {"true", "yes", "1"})
    if isinstance(present, list):
        return any(_equal(each, wanted) for each in present)
    one, other = _number(present), _number(wanted)
    if one is not None and other is not None:
        return one == other
    return not is_empty(present) and str(present).casefold() == wanted.casefold()


def _number(value: Any) -> Decimal | None:
    if isinstance(value, Mapping):
        value = value.get("amount")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def is_number(value: Any) -> bool:
    return _number(value) is not None


def _from(each: Condition, present: Any, ranks: Ranks) -> bool:
    """In the order of the values; a value that the order does not know is not compared."""
    order = ranks.get(each.field, ())
    if str(present) not in order or each.value not in order:
        return _equal(present, each.value)
    return order.index(str(present)) >= order.index(each.value)


def _at_least(each: Condition, present: Any, ranks: Ranks) -> bool:
    del ranks
    one, other = _number(present), _number(each.value)
    return one >= other if one is not None and other is not None else str(present) >= each.value


def _at_most(each: Condition, present: Any, ranks: Ranks) -> bool:
    del ranks
    one, other = _number(present), _number(each.value)
    return one <= other if one is not None and other is not None else str(present) <= each.value


def _above(each: Condition, present: Any, ranks: Ranks) -> bool:
    return not _at_most(each, present, ranks)


def _below(each: Condition, present: Any, ranks: Ranks) -> bool:
    return not _at_least(each, present, ranks)


def _contains(each: Condition, present: Any, ranks: Ranks) -> bool:
    del ranks
    if isinstance(present, list):
        return _equal(present, each.value)
    return each.value.casefold() in str(present).casefold()


_COMPARED = {
    "is": lambda each, present, _: _equal(present, each.value),
    "from": _from,
    "at_least": _at_least,
    "at_most": _at_most,
    "above": _above,
    "below": _below,
    "contains": _contains,
}
