"""Merge fields: a flat table of strings, filled in one pass. No dots, no calls, no conditions."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "field", "fallback", "missing"]

FIELDS = (
    "FirstName",
    "LastName",
    "Name",
    "Title",
    "Company",
    "Industry",
    "City",
    "Signal",
    "Sender",
    "Organisation",
    "Product",
    "BookingLine",
    "Variant",
)
# Used only when nothing is known. A fallback may itself hold fields that have none.
FALLBACKS = {
    "Signal": "I am writing to you because of your work at {Company}.",
    "BookingLine": "Name a day and a time that suit you, and I will send an invitation.",
}
# Written by us or by whoever approves the mail; all others are data, and data never becomes a link.
OURS = frozenset({"Sender", "Organisation", "Product", "BookingLine", "Variant"})
LONGEST_VALUE = 400
MOST_READ = 4 * LONGEST_VALUE
PLACE = re.compile(r"\{([A-Za-z]*)\}|[{}]")
LINE_ENDS = re.compile(r"\s+")
# These turn the direction of writing, join or hide letters: a name has no use for them in a mail's text.
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a filled text and where it came from; `name` is the field's, or the place as written."""

    kind: Kind
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)

    @property
    def missing(self) -> tuple[str, ...]:
        return _names(self.parts, "missing")

    @property
    def used_fallbacks(self) -> tuple[str, ...]:
        return _names(self.parts, "fallback")


def _names(parts: tuple[Part, ...], kind: Kind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.name for part in parts if part.kind == kind))


def clean(value: object) -> str:
    """One line of plain characters without braces, so that a value can be nothing but text."""
    text = unicodedata.normalize("NFC", str(value or "")[:MOST_READ])
    text = "".join(" " if character.isspace() else character for character in text)
    text = "".join(
        character
        for character in text
        if character == " " or unicodedata.category(character) not in INVISIBLE
    )
    text = text.replace("{", "(").replace("}", ")")
    return LINE_ENDS.sub(" ", text).strip()[:LONGEST_VALUE].strip()


def render(text: str, values: Mapping[str, str], *, fallbacks: Mapping[str, str] = FALLBACKS) -> Rendered:
    """Fill a text. What has no value and no fallback stays in its place, marked, and blocks the mail."""
    parts: list[Part] = []
    known: dict[str, tuple[Part, ...]] = {}  # a field that stands twice is filled once
    end = 0
    for place in PLACE.finditer(text):
        if place.start() > end:
            parts.append(Part("text", text[end : place.start()]))
        written = place.group(0)
        if written not in known:
            known[written] = _filled(written, place.group(1) or "", values, fallbacks)
        parts.extend(known[written])
        end = place.end()
    if end < len(text):
        parts.append(Part("text", text[end:]))
    return Rendered(tuple(parts))


def _filled(
    written: str, name: str, values: Mapping[str, str], fallbacks: Mapping[str, str]
) -> tuple[Part, ...]:
    if name not in FIELDS:
        return (Part("missing", written, written),)
    value = clean(values.get(name, ""))
    if value:
        value = value if name in OURS else value.replace("://", ": //")
        return (Part("field", value, name),)
    if name not in fallbacks:
        return (Part("missing", written, name),)
    inner = render(fallbacks[name], values, fallbacks={})
    if inner.missing:
        return inner.parts
    return (Part("fallback", inner.text, name),)


def unknown_places(text: str) -> tuple[str, ...]:
    """Braces that are no known field: a slip of the pen that no value can mend."""
    return tuple(place.group(0) for place in PLACE.finditer(text) if place.group(1) not in FIELDS)
