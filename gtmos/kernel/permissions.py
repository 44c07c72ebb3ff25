"""One table of permissions: a name, and the predicate that decides it.

Every door (page, API, admin, CSV, agent tool, command bar) asks here and nowhere else.
"""

from collections.abc import Callable
from typing import Any

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotPermittedError

Predicate = Callable[[Actor, Any], bool]
_rules: dict[str, Predicate] = {}


def rule(name: str) -> Callable[[Predicate], Predicate]:
    def register(predicate: Predicate) -> Predicate:
        if name in _rules:
            raise ValueError(f"permission {name!r} is registered twice")
        _rules[name] = predicate
        return predicate

    return register


def allows(actor: Actor, name: str, subject: object = None) -> bool:
    return actor.is_system or _rules[name](actor, subject)


def require(actor: Actor, name: str, subject: object = None) -> None:
    if allows(actor, name, subject):
        return
    verb = name.partition(".")[2].replace("_", " ")
    role = actor.user.role_name if actor.user else "nobody"
    raise NotPermittedError(
        f"{actor.label} may not {verb}: the role {role} has no right to it here.", code="not_permitted"
    )


def names() -> tuple[str, ...]:
    return tuple(sorted(_rules))
