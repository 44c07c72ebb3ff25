"""What can be found. Each app registers its kinds of records in `selectors/search.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q, QuerySet

from gtmos.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Shown:
    """How a record stands in a list of hits; `page` is the record whose page is opened."""

    name: str
    detail: str
    page: tuple[str, str]
    company: tuple[str, str] | None = None  # key and name of the account it belongs to


@dataclass(frozen=True, slots=True)
class Kind:
    """`visible` alone decides who sees what; every statement of the search is made of it.

    `names` are columns of which people type the beginning, with an index on their lower-case form; `inside` is the
    column with a trigram index, made of the fields `letters`; `document` a stored text-search vector, otherwise one is made of `prose`, for which
    the table has an index. `prose` is what is read for its meaning, of the rows that `has_prose` leaves.
    """

    name: str
    title: str
    visible: Callable[..., QuerySet[Any]]
    show: Callable[[Any], Shown]
    names: tuple[str, ...]
    letters: tuple[str, ...] = ()
    inside: str = ""
    document: str = ""
    prose: tuple[str, ...] = ()
    has_prose: Q = field(default_factory=Q)

    def text_of(self, record: Any) -> str:
        parts = [str(getattr(record, column) or "").strip() for column in self.prose]
        said = [part for part in parts if part]
        # A note's subject is the beginning of its text: nothing is said twice.
        return "\n".join(
            part for at, part in enumerate(said) if not any(o.startswith(part) for o in said[at + 1 :])
        )


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    if kind.name in _kinds:
        raise ValueError(f"the kind {kind.name!r} is registered twice")
    _kinds[kind.name] = kind


def kinds() -> dict[str, Kind]:
    return _kinds


def readable() -> list[Kind]:
    """Those that have text with a meaning."""
    return [kind for kind in _kinds.values() if kind.prose]


def open_to(kind: Kind, actor: Actor) -> Kind:
    """Without the ways of finding that would tell what a hidden field holds."""
    hidden = actor.user.standing.hidden(kind.name) if actor.user else frozenset()
    if not hidden & {*kind.letters, *kind.prose, *kind.names, "custom"}:
        return kind
    names = tuple(name for name in kind.names if not name.startswith(tuple(hidden)))
    return replace(kind, names=names, inside="", document="", prose=())
