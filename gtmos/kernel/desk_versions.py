"""How a row of the desk stood after any of its changes, against how it stands now.

History keeps of each change the values before it. Walking back from today to a change gives the row as it was then,
for the fields that its form at the desk may write; it is brought back by the same verb that saves the form.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import QuerySet

from gtmos.kernel.events.publishing import plain
from gtmos.kernel.history.models import Change

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, as people read it: what it is now and what it was then."""

    label: str
    now: str
    then: str


@dataclass(frozen=True, slots=True)
class Version:
    """A line of the history page."""

    change: Change
    lines: tuple[Difference, ...]


def changes_of(record: models.Model) -> QuerySet[Change]:
    return Change.objects.filter(subject_type=record._meta.label_lower, subject_id=record.pk).order_by("-id")


def versions(record: models.Model) -> list[Version]:
    return [Version(each, tuple(_lines(record, each))) for each in changes_of(record)[:MOST_SHOWN]]


def _lines(record: models.Model, change: Change) -> Iterable[Difference]:
    for name in change.changed_fields:
        before, after = change.previous_values.get(name), change.new_values.get(name)
        yield Difference(label_of(record, name), in_words(after), in_words(before))


def values_then(record: models.Model, change: Change, writable: Iterable[str]) -> dict[str, Any]:
    """What has to be written so that the row stands as right after the change; nothing where it does."""
    then: dict[str, Any] = {}
    for later in changes_of(record).filter(pk__gt=change.pk):
        then |= {name: later.previous_values.get(name) for name in later.changed_fields}
    may = set(writable) & {each.name for each in record._meta.fields}
    return {
        name: value_of(record, name, value)
        for name, value in then.items()
        if name in may and plain(getattr(record, name)) != value
    }


def differences(record: models.Model, values: Mapping[str, Any]) -> list[Difference]:
    return [
        Difference(label_of(record, name), in_words(plain(getattr(record, name))), in_words(plain(value)))
        for name, value in values.items()
    ]


def value_of(record: models.Model, name: str, kept: Any) -> Any:
    """A value of the history as the model holds it; a record that is gone is nobody."""
    field = record._meta.get_field(name)
    assert isinstance(field, models.Field)
    if isinstance(field, models.ForeignKey):
        key = kept.get("id") if isinstance(kept, dict) else kept
        return field.related_model._default_manager.filter(pk=key).first() if key else None
    return field.to_python(kept) if kept is not None or field.null else field.get_default()


def label_of(record: models.Model, name: str) -> str:
    names = {field.name: field.verbose_name for field in record._meta.fields}
    return str(names.get(name, name.replace("_", " "))).capitalize()


def in_words(value: Any) -> str:
    if value is None or value == "":
        return "not set"
    if isinstance(value, dict):
        return (
            str(value["name"])
            if "name" in value
            else ", ".join(f"{k}: {in_words(v)}" for k, v in value.items())
        )
    if isinstance(value, list):
        return "; ".join(in_words(each) for each in value) or "none"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
