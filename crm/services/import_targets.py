"""Columns of a file that lead to other records: a line that names one that is not there is refused, and says so."""

from collections.abc import Iterator
from typing import NamedTuple

from crm.intake.rows import Record
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.objects import object_of
from gtmos.kernel.fields.schema import Definition, fields_of
from gtmos.kernel.fields.types import BadValueError
from gtmos.kernel.fields.types.link import LinkType

NOUNS = ("company", "contact", "deal")
NOBODY = "{label}: there is no {noun} {key}, or you may not see it."


class _Link(NamedTuple):
    line: int
    to: str
    key: str
    label: str


class Targets:
    """Asked for each part of a file; one statement for each kind of record that its fields lead to."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.links = {noun: _links_of(noun) for noun in NOUNS}

    def checked(self, chunk: list[Record]) -> list[Record]:
        """The same lines, those that lead to nobody marked as rejected. What is no id at all is kept beside the field."""
        if not any(self.links.values()):
            return chunk
        named = [link for record in chunk if not record.rejected for link in self._named(record)]
        there = {
            to: self._there(to, {link.key for link in named if link.to == to}) for to in {n.to for n in named}
        }
        nobody = {link.line: link for link in reversed(named) if link.key not in there[link.to]}
        return [_marked(record, nobody.get(record.line)) for record in chunk]

    def _named(self, record: Record) -> Iterator[_Link]:
        for noun, row in zip(NOUNS, (record.company, record.contact, record.deal), strict=True):
            if row is None:
                continue
            for name, definition in self.links[noun].items():
                key = _key(definition, row.extras.get(name, ""))
                if key:
                    yield _Link(record.line, definition.options["to"], key, definition.label)

    def _there(self, to: str, keys: set[str]) -> frozenset[str]:
        found = object_of(to).visible(actor=self.actor).filter(pk__in=keys)
        return frozenset(map(str, found.order_by().values_list("pk", flat=True)))


def _links_of(noun: str) -> dict[str, Definition]:
    return {key: each for key, each in fields_of(noun).items() if isinstance(each.type, LinkType)}


def _key(definition: Definition, raw: str) -> str:
    try:
        return str(definition.type.read(raw, definition.options) or "")
    except BadValueError:
        return ""


def _marked(record: Record, link: _Link | None) -> Record:
    if link is None or record.rejected:
        return record
    return record._replace(rejected=NOBODY.format(label=link.label, noun=link.to, key=link.key))
