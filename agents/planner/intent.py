"""The shape of an intent: what it needs, what it may carry, and how far its effect reaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Risk = Literal["read", "write", "bulk", "external", "admin"]


@dataclass(frozen=True, slots=True)
class Intent:
    """`needs` holds groups of which one slot each must be filled."""

    name: str
    risk: Risk
    title: str
    needs: tuple[tuple[str, ...], ...]
    slots: Mapping[str, str]
    defaults: Mapping[str, str]

    @property
    def writes(self) -> bool:
        return self.risk != "read"

    def unmet(self, filled: Mapping[str, object]) -> tuple[str, ...]:
        """The first slot of every group that has none."""
        return tuple(
            group[0]
            for group in self.needs
            if not any(filled.get(slot) not in (None, "", [], {}) for slot in group)
        )


def intent(
    name: str,
    risk: Risk,
    title: str,
    *,
    needs: str,
    slots: Mapping[str, str],
    defaults: Mapping[str, str] | None = None,
) -> Intent:
    groups = tuple(tuple(group.split("|")) for group in needs.split())
    return Intent(name, risk, title, groups, slots, defaults or {})
