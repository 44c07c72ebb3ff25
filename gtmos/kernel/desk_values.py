"""The box of a value at the desk: chosen by its name where the field beside it has only certain values, else typed."""

from typing import Any

from django import forms


class ValueBox(forms.TextInput):
    """Its name ends with “value” where that of the field's box ends with “field”; the form says what is known."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-value-box": "", **(attrs or {})})

    class Media:
        js = ("js/known_values.js",)
