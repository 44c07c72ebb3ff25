"""What a list may show, be filtered by and be ordered by, for each kind of record and each reader."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.columns import PREFIX, open_fields
from gtmos.kernel.fields.objects import objects
from gtmos.kernel.fields.schema import Definition
from gtmos.kernel.records import subject_of
from gtmos.kernel.rights import hidden_fields

Choices = tuple[tuple[str, str], ...]
KINDS = {
    "text": "text",
    "email": "text",
    "url": "text",
    "phone": "text",
    "long_text": "text",
    "number": "number",
    "money": "number",
    "date": "date",
    "choice": "choice",
    "country": "choice",
    "multi_choice": "words",
    "boolean": "boolean",
    "link": "link",
}


@dataclass(frozen=True, slots=True)
class ListField:
    """One field. `kind` says how it is compared; `column` is where it stands; the rest is for the page.

    `choices` are fixed or asked for; `member` makes the condition of a field that is no column. `hides` are the
    columns of which any, hidden from a role, hides this field too.
    """

    key: str
    label: str
    kind: str
    column: str = ""
    choices: Choices | Callable[[Actor], Choices] = ()
    is_whole: bool = False
    is_ordered: bool = False
    is_edited: bool = False
    is_shown: bool = True
    order_by: str = ""
    hides: tuple[str, ...] = ()
    records: Callable[..., QuerySet[Any]] | None = None
    member: Callable[[str, Actor], Q] | None = None
    definition: Definition | None = None
    through: str = ""

    @property
    def columns(self) -> frozenset[str]:
        own = (self.column or self.key).partition("__")[0]
        return frozenset({own, *self.hides})

    @property
    def is_number(self) -> bool:
        return self.kind == "number"

    def choices_for(self, actor: Actor) -> Choices:
        return self.choices(actor) if callable(self.choices) else self.choices


@dataclass(frozen=True, slots=True)
class ListKind:
    """One kind of record with a list of its own. Registered by its app in `listed.py`.

    `beside` names the kinds through which it is filtered too: a contact by its company. `board_url` names the page that
    shows it as a board, where there is one, and `board_key` the word of its address that says which of several; `record_url` is empty for what has no page of its own. `order` is that of a
    list that nobody put in another; without it the newest come first. `views` are those that everybody has: a name and
    its filter.
    """

    noun: str
    model: type[models.Model]
    visible: Callable[..., QuerySet[Any]]
    url_name: str
    record_url: str
    fields: tuple[ListField, ...]
    columns: tuple[str, ...]
    beside: tuple[str, ...] = ()
    board_url: str = ""
    board_key: str = ""
    views: tuple[tuple[str, str], ...] = ()
    order: str = ""
    by_key: Mapping[str, ListField] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {each.key: each for each in self.fields})

    @property
    def plural(self) -> str:
        return str(self.model._meta.verbose_name_plural)


_kinds: dict[str, ListKind] = {}


def register(kind: ListKind) -> None:
    _kinds[kind.noun] = kind


def list_kinds() -> Mapping[str, ListKind]:
    return _kinds


def kind_of(noun: str) -> ListKind:
    if noun not in _kinds:
        raise InvalidInputError(f"There is no list of {noun or 'nothing'}.", code="unknown_list")
    return _kinds[noun]


def own_fields(noun: str, *, actor: Actor) -> dict[str, ListField]:
    """Standard and custom fields of one kind that this reader may see."""
    kind = kind_of(noun)
    hidden = hidden_fields(kind.model, actor=actor)
    found = {each.key: each for each in kind.fields if not hidden & each.columns}
    if noun in objects():
        found |= {each.column: custom_field(each) for each in open_fields(noun, actor=actor).values()}
    return found


def fields_for(noun: str, *, actor: Actor) -> dict[str, ListField]:
    """Also those of the company of a contact or a deal, as `company.city`."""
    found = own_fields(noun, actor=actor)
    for other in kind_of(noun).beside:
        if _may_view(other, actor):
            found |= {
                f"{other}.{key}": replace(
                    each,
                    key=f"{other}.{key}",
                    label=f"{other.capitalize()}: {each.label}",
                    column=each.column or each.key,
                    through=other,
                )
                for key, each in own_fields(other, actor=actor).items()
            }
    return found


def _may_view(noun: str, actor: Actor) -> bool:
    if actor.user is None:
        return actor.is_system
    return actor.user.standing.may("view", subject_of(kind_of(noun).model))


def custom_field(each: Definition) -> ListField:
    choices: Choices = tuple((word, word) for word in each.options.get("choices", ()))
    return ListField(
        key=each.column,
        label=each.label,
        kind=KINDS.get(each.type.key, "choice" if choices else "text"),
        column="custom",
        choices=choices,
        is_ordered=each.in_list,
        is_edited=each.type.key != "link",
        is_shown=True,
        definition=each,
    )


def is_custom(key: str) -> bool:
    return key.startswith(PREFIX)


def only_known(keys: Iterable[str], fields: Mapping[str, ListField]) -> tuple[str, ...]:
    """Columns as they were asked for, without those that are gone or hidden, each once."""
    return tuple(dict.fromkeys(key for key in keys if key in fields and fields[key].is_shown))
