"""What is a job title: by the word at its core, and the words that go with it."""

import re

from crm.intake.notes.lexicon import DEPARTMENTS, LINKS, LOOSE, MODIFIERS, ROLES
from crm.intake.text import fold

_DROPPED = frozenset(
    "new our their the a an is he she his her they my as was and to with now also neue neuer unser unsere der die das ein eine le la un une".split()
)
_COMPOUND = re.compile(
    r"[a-z]{4,30}(?:leiter|leiterin|chef|chefin|berater|beraterin|ingenieur|ingenieurin|manager|managerin|referent|referentin|direktor|direktorin|meister|meisterin)"
)
_SPLIT = re.compile(r"[\s/-]+")


def is_core(word: str) -> bool:
    plain = fold(word).strip(".,")
    return plain in ROLES or _COMPOUND.fullmatch(plain) is not None


def is_strict_core(word: str) -> bool:
    return is_core(word) and fold(word).strip(".,") not in LOOSE


def is_modifier(word: str) -> bool:
    parts = [part for part in _SPLIT.split(fold(word).strip(".,")) if part]
    return bool(parts) and all(part in MODIFIERS or part in DEPARTMENTS or part in ROLES for part in parts)


def is_department(word: str) -> bool:
    parts = [part for part in _SPLIT.split(fold(word).strip(".,")) if part]
    return bool(parts) and all(part in DEPARTMENTS for part in parts)


def is_link(word: str) -> bool:
    return fold(word) in LINKS


def is_role(text: str) -> bool:
    """The whole of what stands between two marks, such as "Head of Claims Operations"."""
    words = text.split()
    if not 1 <= len(words) <= 7 or any(each.isdigit() for each in text) or "@" in text:
        return False
    return any(is_core(word) for word in words) and words[0].lower() not in {
        "with",
        "who",
        "and",
        "but",
        "has",
        "is",
    }


def without_articles(text: str) -> str:
    words = text.strip(" ,.").split()
    while words and words[0].lower() in _DROPPED:
        words.pop(0)
    return " ".join(words)
