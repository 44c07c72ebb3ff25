"""What a type of custom field has to know: reading, showing, filtering, sorting and describing its values."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import Exact, IContains, IExact, IsNull

Options = Mapping[str, Any]
Condition = Q | Any


class BadValueError(ValueError):
    """A value that the type does not take. The message is a sentence for the person who wrote it."""


class FieldType:
    """One type. What `read` returns is JSON and is what `read` returns again when it reads it."""

    key: ClassVar[str]
    label: ClassVar[str]
    is_searchable: ClassVar[bool] = False
    is_numeric: ClassVar[bool] = False
    is_choice: ClassVar[bool] = False

    def read(self, raw: Any, options: Options) -> Any:
        """The value as it is kept; None where there is none. Raises BadValueError."""
        if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], {}):
            return None
        return self.parse(raw, options)

    def parse(self, raw: Any, options: Options) -> Any:
        raise NotImplementedError

    def render(self, value: Any, options: Options) -> str:
        """The value in words."""
        del options
        return str(value)

    def write(self, value: Any, options: Options) -> str:
        """As a person would type it, and `read` takes it again: for forms and CSV."""
        return "" if value is None else self.render(value, options)

    def address(self, value: Any) -> str:
        """Where a click on the value leads; most lead nowhere."""
        del value
        return ""

    def schema(self, options: Options) -> dict[str, Any]:
        """The fragment of JSON schema for programs and for agents."""
        raise NotImplementedError

    def widget(self, options: Options) -> forms.Widget:
        del options
        return forms.TextInput()

    def shown_in_form(self, value: Any, options: Options) -> Any:
        return self.write(value, options)

    def sort_expression(self, key: str) -> Combinable:
        """What rows are ordered by; NULL where there is no value."""
        return KeyTextTransform(key, "custom")

    def written(self, key: str) -> Combinable:
        """The value as text out of the database, which `read` takes again: for files."""
        return KeyTextTransform(key, "custom")

    def compared(self, value: Any) -> Any:
        """A kept value as the sort expression has it."""
        return value

    def operators(self) -> dict[str, Callable[[str, str, Options], Condition]]:
        """By name, what makes a condition of a field's key and a text; "" is the plain one."""
        return {"": self.equals, "empty": empty}

    def equals(self, key: str, text: str, options: Options) -> Condition:
        return Exact(KeyTextTransform(key, "custom"), self._needed(text, options))

    def _needed(self, text: str, options: Options) -> Any:
        value = self.read(text, options)
        if value is None:
            raise BadValueError("Write a value.")
        return value

    def options_fault(self, options: Options) -> str:
        """What is missing in the definition, as a sentence; empty when nothing is."""
        del options
        return ""


def empty(key: str, text: str, options: Options) -> Condition:
    """`true` for records without a value."""
    del options
    wanted = {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    if wanted is None:
        raise BadValueError("Write true or false.")
    return IsNull(KeyTextTransform(key, "custom"), wanted)


def contains(key: str, text: str, options: Options) -> Condition:
    del options
    if not text.strip():
        raise BadValueError("Write a value.")
    return IContains(KeyTextTransform(key, "custom"), text.strip())


def same_text(key: str, text: str, options: Options) -> Condition:
    """Alike but for case."""
    del options
    if not text.strip():
        raise BadValueError("Write a value.")
    return IExact(KeyTextTransform(key, "custom"), text.strip())


def a_text(raw: Any) -> str:
    """Text out of a cell, a form or JSON; a list or an object is none."""
    if isinstance(raw, bool | dict | list):
        raise BadValueError("Write a text.")
    text = str(raw).strip()
    if "\x00" in text:
        raise BadValueError("The text holds a character that cannot be kept.")
    return text


def shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
