"""One, or several, of a closed set."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.db.models import Func, Q, TextField
from django.db.models.fields.json import KeyTransform

from gtmos.kernel.fields.types.field_type import BadValueError, FieldType, Options, a_text, shortened


def choices_of(options: Options) -> list[str]:
    return [str(each) for each in options.get("choices") or ()]


def chosen(text: str, options: Options) -> str:
    """The choice, whatever its case was."""
    for choice in choices_of(options):
        if choice.casefold() == text.casefold():
            return choice
    raise BadValueError(f"“{shortened(text)}” is none of {', '.join(choices_of(options))}.")


class ChoiceType(FieldType):
    """`options["choices"]` are the values, in the order in which they are offered."""

    key = "choice"
    label = "Choice"
    is_searchable: ClassVar[bool] = True
    is_choice: ClassVar[bool] = True

    def parse(self, raw: Any, options: Options) -> Any:
        return chosen(a_text(raw), options)

    def schema(self, options: Options) -> dict[str, Any]:
        return {"type": "string", "enum": choices_of(options)}

    def widget(self, options: Options) -> forms.Widget:
        return forms.Select(choices=[("", "Not known"), *((each, each) for each in choices_of(options))])

    def options_fault(self, options: Options) -> str:
        listed = choices_of(options)
        if not listed:
            return "Write at least one choice."
        if len({each.casefold() for each in listed}) < len(listed):
            return "Each choice may stand there once."
        if any(re.search(r"[;|\n]", each) or each != each.strip() or not each for each in listed):
            return "A choice holds no semicolon and no line."
        return ""


class Listed(Func):
    """The texts of a JSON list with semicolons between; NULL for anything else."""

    template = (
        "(CASE WHEN jsonb_typeof(%(expressions)s) = 'array' THEN "
        "(SELECT string_agg(word, '; ') FROM jsonb_array_elements_text(%(expressions)s) AS word) END)"
    )
    output_field = TextField()

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """The expression stands in the template twice, and so do its values."""
        sql, params = super().as_sql(*args, **kwargs)
        return sql, [*params, *params]


class MultiChoiceType(ChoiceType):
    """Kept in the order of the choices."""

    key = "multi_choice"
    label = "Several choices"

    def parse(self, raw: Any, options: Options) -> list[str]:
        named = {chosen(each, options) for each in _parts(raw, choices_of(options))}
        return [each for each in choices_of(options) if each in named]

    def render(self, value: Any, options: Options) -> str:
        del options
        return ", ".join(value)

    def write(self, value: Any, options: Options) -> str:
        del options
        return "; ".join(value or ())

    def shown_in_form(self, value: Any, options: Options) -> Any:
        del options
        return value or []

    def schema(self, options: Options) -> dict[str, Any]:
        return {"type": "array", "items": super().schema(options), "uniqueItems": True}

    def widget(self, options: Options) -> forms.Widget:
        listed = choices_of(options)
        return forms.SelectMultiple(
            choices=[(each, each) for each in listed], attrs={"size": min(max(len(listed), 2), 6)}
        )

    def written(self, key: str) -> Any:
        return Listed(KeyTransform(key, "custom"))

    def equals(self, key: str, text: str, options: Options) -> Q:
        return Q(custom__contains={key: self._needed(text, options)})


def _parts(raw: Any, choices: list[str]) -> Iterable[str]:
    """A list, or a text cut at semicolons; at commas only where no choice is called like that."""
    if isinstance(raw, list | tuple):
        return [a_text(each) for each in raw]
    text = a_text(raw)
    marks = r"[;|\n]" if any("," in each for each in choices) else r"[;|\n,]"
    return [part.strip() for part in re.split(marks, text) if part.strip()]
