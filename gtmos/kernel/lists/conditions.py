"""From the tree of a filter to a condition inside the query, with every value checked by its field."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    In,
    IsNull,
    IStartsWith,
    LessThan,
    LessThanOrEqual,
)
from django.utils import timezone

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.types import BadValueError
from gtmos.kernel.fields.types.number import read_number
from gtmos.kernel.lists import dates
from gtmos.kernel.lists.fields import ListField, fields_for, kind_of
from gtmos.kernel.lists.filters import Condition, FilterError, Group, Node
from gtmos.kernel.lists.operators import SOME, operator_of
from gtmos.kernel.people.selectors import active_users

LOOKUPS: dict[str, tuple[str, Any]] = {
    "exact": ("", Exact),
    "in": ("__in", In),
    "gte": ("__gte", GreaterThanOrEqual),
    "lte": ("__lte", LessThanOrEqual),
    "gt": ("__gt", GreaterThan),
    "lt": ("__lt", LessThan),
    "icontains": ("__icontains", IContains),
    "istartswith": ("__istartswith", IStartsWith),
}
YES_OR_NO = {"yes": True, "true": True, "no": False, "false": False}
NOBODY, ME = "nobody", "me"
Read = Callable[[str], Any]


def condition_of(tree: Group, noun: str, *, actor: Actor) -> Q:
    """Raises FilterError where a field, a comparison or a value is none."""
    return _node(tree, fields_for(noun, actor=actor), noun, actor) if tree else Q()


def _node(node: Node, fields: Mapping[str, ListField], noun: str, actor: Actor) -> Q:
    if isinstance(node, Condition):
        return _condition(node, fields, noun, actor)
    parts = [_node(part, fields, noun, actor) for part in node.parts]
    return reduce(and_ if node.mode == "all" else or_, parts)


def _condition(given: Condition, fields: Mapping[str, ListField], noun: str, actor: Actor) -> Q:
    field = checked(given, fields, noun)
    made = _Side(field, actor).condition(given.operator, given.values)
    if not field.through:
        return made
    # Of a company that the reader may not see nothing is learned by asking.
    seen = kind_of(field.through).visible(actor=actor).filter(made)
    return Q(**{f"{field.through}__in": seen.order_by().values("pk")})


def checked(given: Condition, fields: Mapping[str, ListField], noun: str) -> ListField:
    """The field, where there is one that is compared so and with so many values."""
    field = fields.get(given.field)
    if field is None:
        raise FilterError(f"There is no field “{given.field}” of a {noun} to filter by.")
    operator = operator_of(field.kind, given.operator)
    if operator is None:
        raise FilterError(f"{field.label} cannot be compared by “{given.operator}”.")
    many = len(given.values)
    if not (many > 0 if operator.values == SOME else many == operator.values):
        raise FilterError(f"“{field.label} {operator.words}” needs {_counted(operator.values)}.")
    return field


def _counted(values: int) -> str:
    return {0: "no value", 1: "one value", 2: "two values"}.get(values, "a value")


class _Side:
    """One field on the left of a comparison."""

    def __init__(self, field: ListField, actor: Actor) -> None:
        self.field, self.actor = field, actor

    def condition(self, operator: str, values: Sequence[str]) -> Q:
        if operator in {"empty", "filled"}:
            return self._empty() if operator == "empty" else ~self._empty()
        return {
            "text": self._text,
            "number": self._number,
            "date": self._day,
            "moment": self._day,
            "choice": self._one_of,
            "person": self._person,
            "link": self._one_of,
            "boolean": self._boolean,
            "words": self._words,
            "member": self._member,
        }[self.field.kind](operator, values)

    def _compare(self, lookup: str, value: Any) -> Q:
        suffix, custom = LOOKUPS[lookup]
        if self.field.definition is not None:
            return Q(custom(self._left(), value))
        return Q(**{f"{self.field.column or self.field.key}{suffix}": value})

    def _left(self) -> Any:
        definition = self.field.definition
        assert definition is not None
        if self.field.kind == "number":
            return definition.type.sort_expression(definition.key)
        return KeyTextTransform(definition.key, "custom")

    def _is_null(self) -> Q:
        if self.field.definition is not None:
            return Q(IsNull(self._left(), True))
        return Q(**{f"{self.field.column or self.field.key}__isnull": True})

    def _empty(self) -> Q:
        name = self.field.column or self.field.key
        if self.field.definition is not None:
            return self._is_null()
        if self.field.kind in {"text", "choice"} and not self.field.is_whole and "__" not in name:
            return Q(**{name: ""}) | self._is_null()
        if self.field.kind == "words":
            return Q(**{name: []}) | self._is_null()
        return self._is_null()

    def _not(self, made: Q) -> Q:
        """Whoever has no value does not have this one either."""
        return ~made | self._is_null()

    def _each(self, values: Sequence[str], read: Read) -> list[Any]:
        try:
            return [read(value) for value in values]
        except BadValueError as error:
            raise FilterError(f"{self.field.label}: {error}") from error

    def _chosen(self, operator: str, values: list[Any]) -> Q:
        made = self._compare("in", values) if len(values) > 1 else self._compare("exact", values[0])
        return self._not(made) if operator in {"is_not", "none_of"} else made

    def _text(self, operator: str, values: Sequence[str]) -> Q:
        if operator in {"contains", "not_contains", "begins"}:
            made = self._compare("istartswith" if operator == "begins" else "icontains", values[0])
            return self._not(made) if operator == "not_contains" else made
        return self._chosen(operator, list(values))

    def _number(self, operator: str, values: Sequence[str]) -> Q:
        numbers = self._each(values, self._read_number)
        if operator in {"is", "is_not"}:
            return self._chosen(operator, numbers)
        if operator == "between":
            return self._compare("gte", numbers[0]) & self._compare("lte", numbers[1])
        lookup = {"at_least": "gte", "at_most": "lte", "above": "gt", "below": "lt"}[operator]
        return self._compare(lookup, numbers[0])

    def _read_number(self, text: str) -> Decimal | int:
        number = read_number(text)
        if not self.field.is_whole:
            return number
        if number != int(number):
            raise BadValueError("Write a whole number.")
        return int(number)

    def _day(self, operator: str, values: Sequence[str]) -> Q:
        first, behind = self._span(operator, values)
        made = Q()
        if first is not None:
            made &= self._compare("gte", self._moment(first))
        if behind is not None:
            made &= self._compare("lt", self._moment(behind))
        return self._not(made) if operator == "not_in_last" else made

    def _span(self, operator: str, values: Sequence[str]) -> tuple[dt.date | None, dt.date | None]:
        """First day and the day after the last, where the reader is; None is open."""
        today = clock.today()
        if operator in {"in_last", "not_in_last"}:
            return dates.lately(dates.days_of(values[0]), today=today)
        if operator == "in_next":
            return dates.soon(dates.days_of(values[0]), today=today)
        if operator == "during":
            return dates.span_of(values[0], today=today)
        days = [dates.day_of(value, today=today) for value in values]
        after = dates.next_day(days[-1])
        return {
            "is": (days[0], after),
            "before": (None, days[0]),
            "after": (after, None),
            "between": (days[0], after),
        }[operator]

    def _moment(self, day: dt.date) -> Any:
        if self.field.kind == "moment":
            return dt.datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())
        return day.isoformat() if self.field.definition is not None else day

    def _one_of(self, operator: str, values: Sequence[str]) -> Q:
        return self._chosen(operator, self._each(values, self._read_choice))

    def _read_choice(self, text: str) -> Any:
        definition = self.field.definition
        if definition is not None:
            value = definition.type.read(text, definition.options)
            if value is None:
                raise FilterError(f"{self.field.label}: write a value, or ask whether it is not known.")
            return value
        if self.field.kind == "link":
            return _key(text, self.field.label)
        if text not in self._known:
            raise FilterError(f"{self.field.label} is one of {', '.join(self._known)}.")
        return text

    @cached_property
    def _known(self) -> list[str]:
        return [value for value, _ in self.field.choices_for(self.actor)]

    def _person(self, operator: str, values: Sequence[str]) -> Q:
        people = self._people(sorted({value for value in values if value != NOBODY}))
        made = reduce(or_, [self._compare("exact", each) for each in people]) if people else Q(pk__in=[])
        if NOBODY in values:
            made = made | self._is_null() if people else self._is_null()
        if operator not in {"is_not", "none_of"}:
            return made
        return ~made if NOBODY in values else self._not(made)

    def _people(self, texts: Sequence[str]) -> list[UUID]:
        """Who is meant by “me” and by addresses, however they are written."""
        if ME in texts and self.actor.user is None:
            raise FilterError("Nobody is signed in whose records these could be.")
        wanted = {text.lower() for text in texts if text != ME}
        named = active_users(actor=self.actor).annotate(address=Lower("email")).filter(address__in=wanted)
        known = dict(named.order_by().values_list("address", "pk")) if wanted else {}
        for text in sorted(wanted - set(known)):
            raise FilterError(f"{self.field.label}: nobody here has the address “{text[:80]}”.")
        own = [self.actor.user.pk] if ME in texts and self.actor.user else []
        return [*own, *(known[text] for text in sorted(known))]

    def _boolean(self, operator: str, values: Sequence[str]) -> Q:
        del operator
        wanted = YES_OR_NO.get(values[0].lower())
        if wanted is None:
            raise FilterError(f"{self.field.label} is yes or no.")
        if self.field.definition is not None:
            return Q(custom__contains={self.field.definition.key: wanted})
        return self._compare("exact", wanted)

    def _words(self, operator: str, values: Sequence[str]) -> Q:
        if self.field.definition is not None:
            key, read = self.field.definition.key, self._read_choice
            made = reduce(or_, [Q(custom__contains={key: each}) for each in self._each(values, read)])
        else:
            made = reduce(
                or_, [Q(**{f"{self.field.column or self.field.key}__contains": [each]}) for each in values]
            )
        return self._not(made) if operator == "has_not" else made

    def _member(self, operator: str, values: Sequence[str]) -> Q:
        assert self.field.member is not None
        made = self.field.member(values[0], self.actor)
        return ~made if operator == "is_not" else made


def _key(text: str, label: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise FilterError(f"{label}: “{text[:40]}” is not the id of a record.") from error
