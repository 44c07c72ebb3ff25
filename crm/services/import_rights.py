"""Columns of a file that would fill what its person may not change: refused before anything is read."""

from collections.abc import Iterable, Iterator
from typing import Any

from crm.intake.fields import filled_fields, is_custom
from crm.intake.shapes import Mapping
from crm.models import Company, Contact
from crm.services.import_columns import COMPANY, CONTACT
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.rights import fixed_fields

_RECORDS: dict[str, tuple[type[Company] | type[Contact], dict[str, str]]] = {
    "company": (Company, {each.attribute: each.column for each in COMPANY} | {"parent_name": "parent"}),
    "contact": (Contact, {each.attribute: each.column for each in CONTACT}),
}


def refused_columns(mapping: Mapping, *, actor: Actor) -> dict[str, list[str]]:
    """Columns of the file by name, each with the fields it would change against the role."""
    fixed = {noun: fixed_fields(model, actor=actor) for noun, (model, _) in _RECORDS.items()}
    found = {}
    for column in mapping.columns:
        noun = column.target.partition(".")[0]
        names = sorted(fixed.get(noun, frozenset()) & set(_filled(column.target)))
        if names:
            found[column.name] = [name.replace("_", " ") for name in names]
    return found


def refuse_fixed_columns(mapping: Mapping, *, actor: Actor) -> None:
    sentence = words_of(refused_columns(mapping, actor=actor), actor=actor)
    if sentence:
        raise NotPermittedError(sentence, code="field_not_permitted")


def words_of(refused: dict[str, list[str]], *, actor: Actor) -> str:
    """One sentence for all of them; empty when there is none."""
    if not refused or actor.user is None:
        return ""
    fields = _listed(dict.fromkeys(name for names in refused.values() for name in names))
    columns = _listed(f"“{name}”" for name in refused)
    noun = "column" if len(refused) == 1 else "columns"
    return (
        f"{actor.label} may not change {fields}: the role {actor.user.role_name} has no right to it. "
        f"Choose “Line: ignored” for the {noun} {columns}. Nothing was imported."
    )


def _filled(target: str) -> Iterator[str]:
    noun, _, field = target.partition(".")
    if is_custom(target):
        yield "custom"
    elif noun in _RECORDS:
        columns = _RECORDS[noun][1]
        for attribute in (field, *filled_fields(target)):
            yield columns.get(attribute, attribute)


def _listed(words: Iterable[Any]) -> str:
    *most, last = [str(word) for word in words]
    return f"{', '.join(most)} and {last}" if most else last
