"""Custom fields in forms: each record's form with one box more for each field."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from gtmos.kernel.fields.schema import Definition, schema
from gtmos.kernel.fields.types import BadValueError

PREFIX = "custom_"


class CustomBox(forms.Field):
    """A field of a form whose values are read by the type of the custom field."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        widget = definition.type.widget(definition.options)
        super().__init__(
            required=False, label=definition.label, help_text=definition.help_text, widget=widget
        )

    def prepare_value(self, value: Any) -> Any:
        """A kept value as it is typed; what was typed and refused stays as it is."""
        try:
            kept = self.definition.type.read(value, self.definition.options)
        except BadValueError:
            return value
        return self.definition.type.shown_in_form(kept, self.definition.options)

    def to_python(self, value: Any) -> Any:
        try:
            return self.definition.type.read(value, self.definition.options)
        except BadValueError as error:
            raise ValidationError(str(error)) from error


def with_custom(form: type[forms.BaseForm], noun: str) -> Any:
    """The form with a box for each custom field; the same class until a definition changes."""
    known: Any = form
    return _extended(known, noun, schema().token)


@lru_cache(maxsize=32)
def _extended(form: Any, noun: str, token: UUID | None) -> Any:
    del token
    fields = schema().of(noun)
    if not fields:
        return form
    boxes = {PREFIX + key: CustomBox(definition) for key, definition in fields.items()}
    columns = {PREFIX + key: definition.column for key, definition in fields.items()}
    known = {**getattr(form, "columns", {}), **columns}
    return type(form)(str(form.__name__), (form,), {**boxes, "columns": known})


def gathered(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a form with those of custom fields under `custom`, as the verbs take them."""
    custom = {name.removeprefix(PREFIX): value for name, value in values.items() if name.startswith(PREFIX)}
    rest = {name: value for name, value in values.items() if not name.startswith(PREFIX)}
    return {**rest, "custom": custom} if custom else rest
