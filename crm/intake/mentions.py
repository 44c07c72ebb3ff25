"""Who is named in a text with an @: by whole name, by first name where only one has it, or by the address's first part."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crm.intake.text import fold

_AT = re.compile(r"(?<![\w@.])@(?=\w)")
_END = re.compile(r"\W|$")


@dataclass(frozen=True, slots=True)
class Colleague:
    key: object
    name: str
    email: str


def named(text: str, colleagues: Iterable[Colleague]) -> list[object]:
    """Keys in the order of the text, each once. Who cannot be told apart is not named."""
    spellings = _spellings(colleagues)
    found: dict[object, None] = {}
    for match in _AT.finditer(text):
        key = _longest(fold(text[match.end() : match.end() + 160]), spellings)
        if key is not None:
            found[key] = None
    return list(found)


def _longest(rest: str, spellings: dict[str, object | None]) -> object | None:
    fitting = [each for each in spellings if rest.startswith(each) and _END.match(rest, len(each))]
    return spellings[max(fitting, key=len)] if fitting else None


def _spellings(colleagues: Iterable[Colleague]) -> dict[str, object | None]:
    """None where two people are called so."""
    known: dict[str, object | None] = {}
    for each in colleagues:
        name = fold(each.name).strip()
        for spelling in {name, name.partition(" ")[0], fold(each.email).partition("@")[0]} - {""}:
            known[spelling] = each.key if known.get(spelling, each.key) == each.key else None
    return known
