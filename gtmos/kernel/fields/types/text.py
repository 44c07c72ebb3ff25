"""A line or a paragraph of text."""

from typing import Any, ClassVar

from django import forms

from gtmos.kernel.fields.types.field_type import (
    BadValueError,
    FieldType,
    Options,
    a_text,
    contains,
    same_text,
)

LONGEST = 2000


class TextType(FieldType):
    key = "text"
    label = "Text"
    is_searchable: ClassVar[bool] = True

    def parse(self, raw: Any, options: Options) -> str:
        del options
        text = a_text(raw)
        if len(text) > LONGEST:
            raise BadValueError(f"Write at most {LONGEST:,} characters.")
        return text

    def schema(self, options: Options) -> dict[str, Any]:
        del options
        return {"type": "string", "maxLength": LONGEST}

    def operators(self) -> Any:
        return {**super().operators(), "": same_text, "contains": contains}

    def widget(self, options: Options) -> forms.Widget:
        del options
        return forms.TextInput(attrs={"maxlength": LONGEST})
