"""What another program sends, in either version of its shape, and which part of the product it is for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SENTENCE, USAGE, ACTIVITY = "sentence", "usage", "activity"
# Kind of input → who handles it. The only place that says so.
HANDLERS = {
    SENTENCE: "command",
    "command": "command",
    "question": "command",
    "suggestion": "command",
    USAGE: "usage",
    "event": "usage",
    ACTIVITY: "activity",
    "call": "activity",
    "meeting": "activity",
    "note": "activity",
}
ENVELOPE = frozenset({"version", "type", "id", "message_id", "timestamp", "text", "data"})
LONGEST_TEXT = 2000
LONGEST_ID = 100
VERSIONS = (1, 2)


class UnreadableError(ValueError):
    """The sentence says what to change."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One input, whatever version it came in."""

    kind: str
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    message_id: str = ""
    version: int = 1

    @property
    def handler(self) -> str:
        return HANDLERS[self.kind]


def read(body: Mapping[str, Any]) -> Incoming:
    """Version 1 is flat: `type`, `message_id` and values side by side. Version 2 has `id`, `type` and `data`."""
    version = body.get("version", 2 if "data" in body else 1)
    if version not in VERSIONS or isinstance(version, bool):
        raise UnreadableError("version is 1 or 2.")
    data = body.get("data", {}) if version == 2 else _flat(body)
    if not isinstance(data, Mapping):
        raise UnreadableError("data is an object.")
    kind = body.get("type") or (SENTENCE if "text" in body or "text" in data else "")
    text = str(data.get("text") or body.get("text") or "").strip()
    known = body.get("id") if version == 2 else body.get("message_id")
    return _checked(
        Incoming(str(kind), text, dict(data), str(known or body.get("message_id") or ""), version)
    )


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in body.items() if name not in ENVELOPE}
    return {**values, **({"text": body["text"]} if "text" in body else {})}


def _checked(incoming: Incoming) -> Incoming:
    if incoming.kind not in HANDLERS:
        known = ", ".join(sorted(HANDLERS))
        raise UnreadableError(f"There is no type {incoming.kind or 'given'}. There are: {known}.")
    if incoming.handler == "command" and not incoming.text:
        raise UnreadableError("Write the sentence as text.")
    if len(incoming.text) > LONGEST_TEXT or len(incoming.message_id) > LONGEST_ID:
        raise UnreadableError(f"A text has at most {LONGEST_TEXT} characters, an id {LONGEST_ID}.")
    return incoming
