"""A number, kept as text so that nothing is rounded."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.db.models import DecimalField, Func
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

from gtmos.kernel.fields.types.field_type import BadValueError, FieldType, Options, a_text, shortened

LARGEST = Decimal(10) ** 18
MOST_DECIMALS = 6
_GROUPED = re.compile(r"[+-]?\d{1,3}([,.]\d{3})+")
_SHAPE = re.compile(r"[+-]?(\d+([.]\d*)?|[.]\d+)", re.ASCII)


class AsNumber(Func):
    """The number in a text; NULL where it is none, so that a stray value never breaks a list."""

    template = "(CASE WHEN (%(expressions)s) ~ '^-?[0-9]{1,30}([.][0-9]{1,10})?$' THEN (%(expressions)s)::numeric END)"
    output_field = DecimalField(max_digits=30, decimal_places=MOST_DECIMALS)

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """The expression stands in the template twice, and so do its values."""
        sql, params = super().as_sql(*args, **kwargs)
        return sql, [*params, *params]


def read_number(raw: Any) -> Decimal:
    """1234.5, 1,234.5, 1.234,5 and 1 234,5 are the same number."""
    text = re.sub(r"[\s'_\u2019]", "", a_text(raw))
    number = _parsed(_with_a_point(text)) if not isinstance(raw, Decimal) else raw
    if number is None or not number.is_finite():
        raise BadValueError(f"“{shortened(str(raw))}” is not a number.")
    if abs(number) >= LARGEST:
        raise BadValueError("The number is too large.")
    if number != round(number, MOST_DECIMALS):
        raise BadValueError(f"Write at most {MOST_DECIMALS} decimals.")
    return number


def _with_a_point(text: str) -> str:
    last = max(text.rfind(","), text.rfind("."))
    if "," not in text:
        return text.replace(".", "") if text.count(".") > 1 and _GROUPED.fullmatch(text) else text
    if "." not in text and _GROUPED.fullmatch(text):
        return text.replace(",", "")
    whole, part = text[:last], text[last + 1 :]
    if not re.fullmatch(r"[+-]?\d{1,3}([,.]?\d{3})*|[+-]?\d*", whole):
        return "x"
    return f"{re.sub('[,.]', '', whole)}.{part}"


def _parsed(text: str) -> Decimal | None:
    if re.fullmatch(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,3}", text, re.ASCII) or _SHAPE.fullmatch(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            return None
    return None


def plain_number(number: Decimal) -> str:
    """Without exponent, without zeros at the end, and no minus before nothing."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


class NumberType(FieldType):
    key = "number"
    label = "Number"
    is_numeric: ClassVar[bool] = True

    def parse(self, raw: Any, options: Options) -> str:
        del options
        return plain_number(read_number(raw))

    def render(self, value: Any, options: Options) -> str:
        del options
        return f"{Decimal(value):,f}"

    def schema(self, options: Options) -> dict[str, Any]:
        del options
        return {"type": ["string", "number"], "format": "decimal"}

    def widget(self, options: Options) -> forms.Widget:
        del options
        return forms.TextInput(attrs={"inputmode": "decimal"})

    def sort_expression(self, key: str) -> Any:
        return AsNumber(KeyTextTransform(key, "custom"))

    def compared(self, value: Any) -> Decimal:
        return Decimal(value)

    def operators(self) -> dict[str, Callable[[str, str, Options], Any]]:
        return {**super().operators(), "gte": self.at_least, "lte": self.at_most}

    def equals(self, key: str, text: str, options: Options) -> Any:
        return Exact(self.sort_expression(key), self.compared(self._needed(text, options)))

    def at_least(self, key: str, text: str, options: Options) -> Any:
        return GreaterThanOrEqual(self.sort_expression(key), self.compared(self._needed(text, options)))

    def at_most(self, key: str, text: str, options: Options) -> Any:
        return LessThanOrEqual(self.sort_expression(key), self.compared(self._needed(text, options)))


__all__ = ["AsNumber", "NumberType", "plain_number", "read_number"]
