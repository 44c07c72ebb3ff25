"""What the screen knows while somebody types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Focus:
    """The record that is open. Of a mail only the sender's address is kept: its text is data, never words to obey."""

    type: str
    name: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """The last search, the record in focus, the filter of the list on screen, and whose rights apply."""

    role: str = "ae"
    focus: Focus | None = None
    last_search: Mapping[str, Any] | None = None
    list_filter: Mapping[str, Any] | None = None
    selection: int = 0

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any] | None, role: str = "ae") -> "Context":
        data = data or {}
        focus = data.get("focus") or None
        return cls(
            role=str(data.get("role") or role),
            focus=_focus(focus) if isinstance(focus, Mapping) else None,
            last_search=data.get("last_search") or None,
            list_filter=data.get("list_filter") or None,
            selection=_count(data.get("selection")),
        )

    def focused(self, kind: str) -> str:
        """The name of the focused record when it is of this kind, else nothing."""
        return self.focus.name if self.focus and self.focus.type == kind else ""


def _focus(data: Mapping[str, Any]) -> Focus:
    name = data.get("id") or data.get("name") or ""
    return Focus(str(data.get("type") or ""), str(name), str(data.get("from") or ""))


def _count(value: object) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, list):
        return len(value)
    if isinstance(value, Mapping):
        return int(value.get("count") or 0)
    return 0
