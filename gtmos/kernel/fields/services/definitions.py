"""What RevOps does with custom fields: add, change, convert, put away, and go back to a version."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Index

from gtmos.kernel import clock, events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.events import FieldDefined
from gtmos.kernel.fields.models import CustomField, FieldVersion
from gtmos.kernel.fields.objects import object_of, objects
from gtmos.kernel.fields.schema import Definition, definition_of
from gtmos.kernel.fields.services.changed import definitions_changed
from gtmos.kernel.fields.services.conversions import Outlook, convert, give_back, look
from gtmos.kernel.fields.types import TYPES
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

KEY = re.compile(r"[a-z](?:_?[a-z0-9]){0,39}")
DEFINED = ("key", "label", "type", "options", "help_text", "position", "in_list", "is_indexed")
MOVES_VALUES = frozenset({"key", "type", "options"})
MOST_FIELDS = 100


@transaction.atomic
def create_field(object_type: str, label: str, *, type: str, actor: Actor, **values: Any) -> CustomField:  # noqa: A002 -- the word that people use
    """Add a field. It is there at once on pages, in the API, in files and for agents.

    Values that records hold under its name already are read by its type; those that it does not take stay beside it.
    """
    require(actor, "kernel.configure_fields")
    object_of(object_type)
    field = CustomField(object_type=object_type, label=label.strip(), type=type, **values)
    field.key = field.key or key_from(field.label)
    _refuse_wrong(field)
    if CustomField.objects.filter(object_type=object_type).count() >= MOST_FIELDS:
        raise DomainError(f"A {object_type} has at most {MOST_FIELDS} fields.", code="too_many_fields")
    field.save(force_insert=True)
    version = _note_version(field, f"Added {field.label}", actor)
    history.record_creation(field, actor=actor, values=definition_values(field))
    convert(field.key, definition_of(field), actor=actor, version=version)
    version.save(update_fields=["converted", "not_converted"])
    _ended(field, actor)
    return field


@transaction.atomic
def update_field(
    field: CustomField, *, changes: Mapping[str, Any], actor: Actor, keep_misfits: bool = False
) -> CustomField:
    """Change a definition. Where values are written anew and some do not fit, it is refused unless they may stay beside."""
    require(actor, "kernel.configure_fields")
    field = _locked(field)
    present, before = definition_of(field), definition_values(field)
    _apply(field, changes)
    after = definition_values(field)
    if before == after:
        return field
    moved = any(before[name] != after[name] for name in MOVES_VALUES)
    if moved and not keep_misfits:
        _refuse_misfits(look(present.key, definition_of(field)))
    words = f"Changed {', '.join(name.replace('_', ' ') for name in after if before[name] != after[name])}"
    save_changes(field, *DEFINED)
    version = _note_version(field, words, actor)
    if moved:
        convert(present.key, definition_of(field), actor=actor, version=version)
        version.save(update_fields=["converted", "not_converted"])
    history.record(field, before=before, after=after, actor=actor, category="FIELD", cause_id=version.pk)
    _ended(field, actor)
    return field


def preview_update(field: CustomField, changes: Mapping[str, Any], *, actor: Actor) -> Outlook:
    """How many records hold a value that would not fit any more, with examples; nothing is changed."""
    require(actor, "kernel.configure_fields")
    changed = CustomField.objects.get(pk=field.pk)
    source = changed.key
    _apply(changed, changes)
    return look(source, definition_of(changed))


@transaction.atomic
def restore_version(version: FieldVersion, *, actor: Actor) -> CustomField:
    """The definition and the values as they were; a value that somebody changed since is read anew, never lost."""
    require(actor, "kernel.configure_fields")
    field = _locked(version.field)
    present, before = definition_of(field), definition_values(field)
    for name in DEFINED:
        setattr(field, name, version.definition[name])
    _refuse_wrong(field)
    if definition_values(field) == before:
        raise DomainError(f"{field} is like that already.", code="same_version")
    save_changes(field, *DEFINED)
    since = list(field.versions.filter(number__gt=version.number).values_list("pk", flat=True))
    noted = _note_version(field, f"Back to version {version.number}", actor)
    give_back(present, definition_of(field), since=since, actor=actor, version=noted)
    noted.save(update_fields=["converted", "not_converted"])
    history.record(
        field,
        before=before,
        after=definition_values(field),
        actor=actor,
        category="FIELD",
        cause_id=noted.pk,
    )
    _ended(field, actor)
    return field


@transaction.atomic
def archive_field(field: CustomField, *, actor: Actor) -> CustomField:
    """Put away: nobody sees the field, and its values stay in the records."""
    return _put(field, away=True, actor=actor)


@transaction.atomic
def reopen_field(field: CustomField, *, actor: Actor) -> CustomField:
    return _put(field, away=False, actor=actor)


def _put(field: CustomField, *, away: bool, actor: Actor) -> CustomField:
    require(actor, "kernel.configure_fields")
    field = _locked(field)
    before = field.archived_at
    if (before is not None) == away:
        raise DomainError(f"{field} is like that already.", code="same_state")
    field.archived_at = clock.now() if away else None
    save_changes(field, "archived_at")
    history.record(
        field,
        before={"archived_at": before},
        after={"archived_at": field.archived_at},
        actor=actor,
        category="FIELD",
    )
    _ended(field, actor)
    return field


def key_from(label: str) -> str:
    """ARR band → arr_band."""
    key = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[:40].strip("_")
    return key if KEY.fullmatch(key) else f"field_{key}"[:40].strip("_")


def definition_values(field: CustomField) -> dict[str, Any]:
    return {name: getattr(field, name) for name in DEFINED}


def _apply(field: CustomField, changes: Mapping[str, Any]) -> None:
    unknown = sorted(set(changes) - set(DEFINED))
    if unknown:
        raise InvalidInputError(f"{', '.join(unknown)} cannot be changed.", code="unknown_field")
    for name, value in changes.items():
        setattr(field, name, value)
    _refuse_wrong(field)


def _refuse_wrong(field: CustomField) -> None:
    fault = _fault(field)
    if fault:
        raise InvalidInputError(fault, code="bad_definition")


def _fault(field: CustomField) -> str:
    if not field.label.strip():
        return "A field needs a label."
    if not KEY.fullmatch(field.key) or len(field.key) > 40:
        return "A key has small letters, digits and single underscores, begins with a letter, and has at most 40 signs."
    if field.type not in TYPES:
        return f"There is no type {field.type}."
    same = CustomField.objects.filter(object_type=field.object_type).exclude(pk=field.pk)
    if same.filter(key=field.key).exists():
        return f"A {field.object_type} has a field {field.key} already."
    if same.filter(label__iexact=field.label.strip()).exists():
        return f"A {field.object_type} has a field called {field.label} already."
    if field.type == "link" and field.options.get("to") not in objects():
        return "Say which kind of record it leads to."
    return TYPES[field.type].options_fault(field.options)


def _refuse_misfits(outlook: Outlook) -> None:
    if outlook.fails:
        raise DomainError(f"Nothing was changed. {outlook.sentence}", code="values_do_not_fit")


def _note_version(field: CustomField, words: str, actor: Actor) -> FieldVersion:
    return FieldVersion.objects.create(
        field=field,
        number=field.version,
        definition=definition_values(field),
        summary=words[:300],
        made_by=actor.label[:150],
        made_at=clock.now(),
    )


def _locked(field: CustomField) -> CustomField:
    return CustomField.objects.select_for_update().get(pk=field.pk)


def _ended(field: CustomField, actor: Actor) -> None:
    _index(field)
    definitions_changed()
    events.publish(
        FieldDefined(field_id=field.pk, object_type=field.object_type, key=field.key),
        subject=field,
        actor=actor,
    )


def _index(field: CustomField) -> None:
    """The index that the definition asks for, made anew when the definition changed. Writing waits while it is built."""
    model = object_of(field.object_type).model
    name = f"cf_{field.pk.hex[:24]}"
    connection.check_constraints()  # deferred checks of this transaction would stand in the way of an index
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_class WHERE relname = %s", [name])
        there = cursor.fetchone() is not None
    definition: Definition = definition_of(field)
    index = Index(definition.type.sort_expression(field.key), F("id"), name=name)
    with connection.schema_editor() as editor:
        if there:
            editor.remove_index(model, index)
        if field.is_indexed and field.archived_at is None:
            editor.add_index(model, index)
