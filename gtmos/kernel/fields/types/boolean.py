"""Yes or no."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from gtmos.kernel.fields.types.field_type import BadValueError, FieldType, Options, shortened

WORDS = {
    **dict.fromkeys(("true", "yes", "y", "1", "on", "ja", "sí", "si", "oui"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off", "nein", "non"), False),
}


class BooleanType(FieldType):
    """Three states: yes, no, and not known."""

    key = "boolean"
    label = "Yes or no"
    is_choice: ClassVar[bool] = True

    def parse(self, raw: Any, options: Options) -> bool:
        del options
        if isinstance(raw, bool):
            return raw
        value = WORDS.get(str(raw).strip().casefold())
        if value is None:
            raise BadValueError(f"“{shortened(str(raw))}” is neither yes nor no.")
        return value

    def render(self, value: Any, options: Options) -> str:
        del options
        return "Yes" if value else "No"

    def compared(self, value: Any) -> str:
        return "true" if value else "false"

    def schema(self, options: Options) -> dict[str, Any]:
        del options
        return {"type": "boolean"}

    def equals(self, key: str, text: str, options: Options) -> Q:
        return Q(custom__contains={key: self._needed(text, options)})

    def widget(self, options: Options) -> forms.Widget:
        del options
        return forms.Select(choices=[("", "Not known"), ("Yes", "Yes"), ("No", "No")])
