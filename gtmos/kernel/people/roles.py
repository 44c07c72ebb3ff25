"""What a role may do: a grid of objects and actions, words about single fields, and how far it sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Word = Literal["hidden", "read_only"]
HIDDEN: Word = "hidden"
READ_ONLY: Word = "read_only"

ACTIONS = ("view", "create", "edit", "delete", "export", "send", "approve", "configure")
# From narrow to wide; each holds what stands before it.
SCOPES = ("own", "team", "territory", "all")

_EVERYBODY = frozenset({"admin", "revops", "executive", "ae", "sdr", "marketing", "csm", "viewer"})
_EDITORS = _EVERYBODY - {"executive", "viewer"}
_SENDERS = _EDITORS - {"csm"}
_CONFIGURERS = frozenset({"admin", "revops"})
_SEE_ALL = frozenset({"admin", "revops", "executive"})
_DEFAULTS: dict[str, frozenset[str]] = {
    "view": _EVERYBODY,
    "create": _EDITORS,
    "edit": _EDITORS,
    "delete": _EDITORS,
    "export": _EDITORS,
    "send": _SENDERS,
    "approve": _SENDERS,
    "configure": _CONFIGURERS,
}
# The grid: every object with the actions there are on it. Filled by each app's `permissions.py`.
_grid: dict[str, set[str]] = {}


def note_cell(action: str, subject: str) -> str:
    """From now on the grid has this cell; returns its name, `company.edit`."""
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no action")
    _grid.setdefault(subject, {"view"}).add(action)
    return f"{subject}.{action}"


def grid() -> dict[str, tuple[str, ...]]:
    return {name: tuple(each for each in ACTIONS if each in _grid[name]) for name in sorted(_grid)}


def cells() -> frozenset[str]:
    return frozenset(f"{name}.{action}" for name, actions in _grid.items() for action in actions)


def default_scope(role: str) -> str:
    return "all" if role in _SEE_ALL else "territory"


def may_by_default(role: str, action: str) -> bool:
    return role in _DEFAULTS[action]


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody is here, read in one statement: the role's rights, and what opens records to them."""

    role: str
    role_name: str
    based_on: str
    scope: str
    rights: Mapping[str, bool] = field(default_factory=dict)
    fields: Mapping[str, Word] = field(default_factory=dict)
    teams: tuple[UUID, ...] = ()
    territories: tuple[UUID, ...] = ()
    accounts: tuple[UUID, ...] = ()
    is_superuser: bool = False

    @property
    def sees_everything(self) -> bool:
        return self.is_superuser or self.scope == "all"

    @property
    def team_scope(self) -> tuple[UUID, ...]:
        return self.teams if self.scope != "own" else ()

    @property
    def territory_scope(self) -> tuple[UUID, ...]:
        return self.territories if self.scope == "territory" else ()

    def may(self, action: str, subject: str) -> bool:
        if self.is_superuser:
            return True
        return self.rights.get(f"{subject}.{action}", may_by_default(self.based_on, action))

    def may_somewhere(self, action: str) -> bool:
        """Whether any object allows this action; for what belongs to no object of the grid."""
        return any(self.may(action, name) for name in _grid)

    def hidden(self, subject: str) -> frozenset[str]:
        return self._fields(subject, HIDDEN)

    def fixed(self, subject: str) -> frozenset[str]:
        """Fields that this role may not change: the hidden ones and those that it may only read."""
        return self._fields(subject, HIDDEN, READ_ONLY)

    def _fields(self, subject: str, *words: Word) -> frozenset[str]:
        if self.is_superuser or not self.fields:
            return frozenset()
        start = f"{subject}."
        return frozenset(
            name.removeprefix(start)
            for name, word in self.fields.items()
            if word in words and name.startswith(start)
        )


def standing_by_default(role: str) -> Standing:
    """Of somebody with a built-in role that nobody changed, and nothing else."""
    return Standing(
        role=role, role_name=role, based_on=role, scope=default_scope(role), is_superuser=role == "admin"
    )
