"""What is held about people. Each app says in its `personal_data.py` where, and what of it says nothing of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import Field, Model, Q

TEXTS = frozenset(
    {"CharField", "TextField", "EmailField", "URLField", "SlugField", "JSONField", "BinaryField"}
)


@dataclass(slots=True)
class Person:
    """Somebody whose data is asked for. `words` are only theirs; `keys` are those of the records about them."""

    key: UUID
    words: frozenset[str] = frozenset()
    keys: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Holding:
    """One table. Every text of a row that is the person's is emptied, unless it stands in `keeps`.

    `of` finds their rows; without it a row is found by the words, and of its JSON only the objects that hold one go.
    `follows`: `of` asks for the keys of what was found before. `puts` are columns and what is to stand in them.
    `erase` does it in another way. `spoken`: the table's other rows are looked through for the words as well.
    """

    model: type[Model]
    title: str
    of: Callable[[Person], Q] | None = None
    keeps: frozenset[str] = frozenset()
    puts: Mapping[str, Any] = field(default_factory=dict)
    follows: bool = False
    erase: Callable[..., int] | None = None
    spoken: bool = True
    lines: Callable[[Any, Person], object] | None = None

    @property
    def name(self) -> str:
        return str(self.model._meta.label_lower)


_holdings: dict[str, Holding] = {}
_impersonal: dict[str, str] = {}
# What is to be done before anything is emptied, such as refusing the address.
_before: list[Callable[..., object]] = []


def register(holding: Holding) -> None:
    if holding.name in _holdings:
        raise ValueError(f"{holding.name!r} is registered twice")
    _holdings[holding.name] = holding


def impersonal(why: str, *models: type[Model]) -> None:
    """Tables that never say anything of a person outside the house."""
    _impersonal.update({model._meta.label_lower: why for model in models})


def before_erasing(prepare: Callable[..., object]) -> Callable[..., object]:
    _before.append(prepare)
    return prepare


def preparations() -> list[Callable[..., object]]:
    return _before


def is_impersonal(name: str) -> bool:
    return name in _impersonal


def holdings() -> Iterator[Holding]:
    """In the order of asking: the person's rows, what refers to those, what only speaks of them."""
    owned = sorted(
        (each for each in _holdings.values() if each.of is not None), key=lambda each: each.follows
    )
    yield from owned
    for holding in _holdings.values():
        if holding.of is None or holding.spoken:
            yield replace(holding, of=None)


def texts(model: type[Model]) -> list[Field[Any, Any]]:
    """Columns that take any words: not keys, not closed sets."""
    return [
        column
        for column in model._meta.concrete_fields
        if column.get_internal_type() in TEXTS and not column.choices and not column.primary_key
    ]


def emptied(holding: Holding) -> list[Field[Any, Any]]:
    return [column for column in texts(holding.model) if column.name not in holding.keeps]
