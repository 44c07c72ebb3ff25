"""Addresses: of a web page, and of a mailbox."""

import re
from typing import Any, ClassVar

from django import forms

from gtmos.kernel.fields.types.field_type import (
    BadValueError,
    FieldType,
    Options,
    a_text,
    contains,
    same_text,
    shortened,
)

_URL = re.compile(r"https?://[^\s/?#@]+\.[^\s/?#@.]{2,}([/?#]\S*)?", re.IGNORECASE)
_MAIL = re.compile(r"[^@\s<>,;:\"]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,}", re.ASCII)
LONGEST = 500


class UrlType(FieldType):
    key = "url"
    label = "Web address"
    is_searchable: ClassVar[bool] = True

    def parse(self, raw: Any, options: Options) -> str:
        del options
        text = a_text(raw)
        full = text if "://" in text else f"https://{text}"
        if len(full) > LONGEST or not _URL.fullmatch(full):
            raise BadValueError(f"“{shortened(text)}” is not a web address.")
        return full

    def address(self, value: Any) -> str:
        return str(value)

    def schema(self, options: Options) -> dict[str, Any]:
        del options
        return {"type": "string", "format": "uri", "maxLength": LONGEST}

    def operators(self) -> Any:
        return {**super().operators(), "": same_text, "contains": contains}

    def widget(self, options: Options) -> forms.Widget:
        del options
        return forms.TextInput(attrs={"inputmode": "url"})


class EmailType(FieldType):
    key = "email"
    label = "E-mail address"
    is_searchable: ClassVar[bool] = True

    def parse(self, raw: Any, options: Options) -> str:
        del options
        text = a_text(raw).removeprefix("mailto:").lower()
        if len(text) > LONGEST or not _MAIL.fullmatch(text) or ".." in text:
            raise BadValueError(f"“{shortened(text)}” is not an e-mail address.")
        return text

    def address(self, value: Any) -> str:
        return f"mailto:{value}"

    def schema(self, options: Options) -> dict[str, Any]:
        del options
        return {"type": "string", "format": "email"}

    def operators(self) -> Any:
        return {**super().operators(), "contains": contains}

    def widget(self, options: Options) -> forms.Widget:
        del options
        return forms.EmailInput()
