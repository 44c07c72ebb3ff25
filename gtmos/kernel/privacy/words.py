"""Taking out of text and JSON what speaks of somebody."""

import re
from collections.abc import Collection
from typing import Any

GONE = "Erased"
HARMLESS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\d([T ][\d:.+Z-]+)?",
    re.IGNORECASE,
)


def says(text: str, words: Collection[str]) -> bool:
    low = text.casefold()
    return any(word in low for word in words)


def without(value: Any, words: Collection[str]) -> Any:
    """The smallest object that holds one of the words is emptied; what stands around it stays."""
    if isinstance(value, str):
        return GONE if says(value, words) and not HARMLESS.fullmatch(value) else value
    if isinstance(value, list):
        return [without(each, words) for each in value]
    if isinstance(value, dict):
        if _holds(value, words):
            return wiped(value)
        return {name: without(each, words) for name, each in value.items()}
    return value


def _holds(value: dict[str, Any], words: Collection[str]) -> bool:
    leaves = [*value, *(each for each in value.values() if isinstance(each, str))]
    lists = [
        part for each in value.values() if isinstance(each, list) for part in each if isinstance(part, str)
    ]
    return any(says(leaf, words) for leaf in (*leaves, *lists))


def wiped(value: Any) -> Any:
    """No words any more; keys of records and dates stay, so that what refers to them still does."""
    if isinstance(value, str):
        return value if not value or HARMLESS.fullmatch(value) else GONE
    if isinstance(value, list):
        return [wiped(each) for each in value]
    if isinstance(value, dict):
        return {_name(name): wiped(each) for name, each in value.items()}
    return value


def _name(name: str) -> str:
    """The names of fields are ours; anything else in their place is somebody's."""
    return name if re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name) else GONE
