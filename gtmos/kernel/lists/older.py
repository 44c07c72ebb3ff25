"""What the row above a list asks of custom fields, `custom.plan=Gold`, said in the language of filters."""

import datetime as dt
from collections.abc import Iterator, Mapping

from gtmos.kernel.fields.columns import PREFIX
from gtmos.kernel.fields.types import BadValueError
from gtmos.kernel.lists.fields import ListField
from gtmos.kernel.lists.filters import Condition, Group

SAME = {"": "is", "contains": "contains", "gte": "at_least", "lte": "at_most"}
A_DAY = dt.timedelta(days=1)


def custom_conditions(given: Mapping[str, str], fields: Mapping[str, ListField]) -> Group:
    """Each as a condition, so that a list kept under a name opens as it was; what no field knows is left out."""
    return Group("all", tuple(_conditions(given, fields)))


def _conditions(given: Mapping[str, str], fields: Mapping[str, ListField]) -> Iterator[Condition]:
    for name, text in given.items():
        column, _, operator = name.partition("__")
        if column.startswith(PREFIX) and text and column in fields:
            yield _condition(fields[column], operator, text)


def _condition(field: ListField, operator: str, text: str) -> Condition:
    if operator == "empty":
        is_empty = text.strip().lower() in {"true", "1"}
        return Condition(field.key, "empty" if is_empty else "filled")
    if field.kind == "words":
        return Condition(field.key, "has", (text,))
    if field.kind == "date" and operator:
        return _day(field, operator, text)
    return Condition(field.key, SAME.get(operator, operator), (text,))


def _day(field: ListField, operator: str, text: str) -> Condition:
    """The language knows days after and before another one; the older words have that day among them."""
    assert field.definition is not None
    try:
        day = dt.date.fromisoformat(field.definition.type.read(text, field.definition.options))
    except BadValueError:
        return Condition(field.key, operator, (text,))
    if operator == "gte":
        return Condition(field.key, "after", ((day - A_DAY).isoformat(),))
    return Condition(field.key, "before", ((day + A_DAY).isoformat(),))
