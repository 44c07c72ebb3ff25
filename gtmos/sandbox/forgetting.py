"""Taking a person's mails out of the sandbox, while it runs and only adds: what was written stays in its place, empty."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gtmos.sandbox.places import Places

Wanted = Callable[[set[str]], set[str]]
# What says nothing of a person: which mail it was, when, and what was done.
KEPT = frozenset({"id", "message_id", "at", "size", "do", "kind", "ok"})


def forget(places: Places, wanted: Wanted) -> int:
    """Empty what is kept of those recipients that `wanted` picks out of all. May be stopped anywhere and run again."""
    mails = _forget_lines(places.index, "recipient", wanted, first=lambda entry: _remove(places, entry))
    for path in sorted(places.directory.glob("actions-*.jsonl")):
        _forget_lines(path, "person", wanted)
    return mails


def _remove(places: Places, entry: dict[str, Any]) -> None:
    places.mail(str(entry["id"])).unlink(missing_ok=True)


def _forget_lines(
    path: Path, column: str, wanted: Wanted, first: Callable[[dict[str, Any]], None] = lambda _: None
) -> int:
    if not path.exists():
        return 0
    chosen = wanted({str(entry[column]) for _, _, entry in _lines(path) if entry.get(column)})
    found = [each for each in _lines(path) if each[2].get(column) in chosen]
    with path.open("r+b") as file:
        for position, length, entry in found:
            first(entry)
            file.seek(position)
            file.write(_emptied(entry, length))
    return len(found)


def _lines(path: Path) -> list[tuple[int, int, dict[str, Any]]]:
    """Where each whole line begins, how long it is, and what it says."""
    found, position = [], 0
    with path.open("rb") as file:
        for line in file:
            entry = _said(line)
            if entry is not None:
                found.append((position, len(line) - 1, entry))
            position += len(line)
    return found


def _said(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _emptied(entry: dict[str, Any], length: int) -> bytes:
    """As long as it was: others add lines behind it at the same time."""
    rest = {name: value if name in KEPT else "" for name, value in entry.items()}
    text = json.dumps(rest, ensure_ascii=False).encode()
    if len(text) > length:
        text = b"{}"
    return text[:-1] + b" " * (length - len(text)) + b"}"
