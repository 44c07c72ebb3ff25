"""Whether a condition that somebody wrote fits the kind of value that it compares."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from gtmos.kernel.fields.kinds import DATE, FLAG, NUMBER, Field
from gtmos.kernel.rules.conditions import OPERATORS, UNRANKED, WITHOUT_VALUE, Condition, fault_of

COMPARED = frozenset({"at_least", "at_most", "above", "below"})
EXACT = frozenset({"is", "is_not"})
YES_NO = frozenset({"true", "false", "yes", "no", "1", "0"})


def typed_fault(part: Condition, fields: Mapping[str, Field], *, noun: str, unknown: str) -> str:
    """What is wrong with it, in words for whoever wrote it; nothing where it can hold for some and not for others."""
    known = fields.get(part.field)
    operators = OPERATORS if known and known.is_ranked else UNRANKED
    fault = fault_of(part, fields, noun=noun, unknown=unknown, operators=operators)
    return fault or (_value_fault(part, known) if known and part.operator not in WITHOUT_VALUE else "")


def _value_fault(part: Condition, field: Field) -> str:
    """A value of another type would never hold, or always."""
    compares = part.operator in COMPARED
    if field.kind == NUMBER and part.operator in COMPARED | EXACT and not _is_number(part.value):
        return f"{field.label} is a number; {part.value!r} is none."
    if field.kind == DATE and (compares or part.operator in EXACT) and not _is_day(part.value):
        return f"{field.label} is a date; write {part.value!r} as 2026-12-31."
    if field.kind == FLAG and (part.operator not in EXACT or part.value.casefold() not in YES_NO):
        return f"{field.label} is yes or no; compare it with “is” and true or false."
    return _choice_value_fault(part, field)


def _choice_value_fault(part: Condition, field: Field) -> str:
    """What is written as a value that it can never have; text is compared without regard to capitals."""
    known = field.choices if part.operator in EXACT | COMPARED | {"from"} else {}
    if known and part.operator in COMPARED and field.kind != NUMBER:
        order = " or “is at or after”" if field.is_ranked else ""
        return f"{field.label} is no number; compare it with “is”{order}."
    if not known or part.value.casefold() in {each.casefold() for each in known}:
        return ""
    return f"{field.label} is one of {', '.join(known)}; not {part.value}."


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
