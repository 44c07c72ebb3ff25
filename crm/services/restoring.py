"""Taking a change back: the previous values of a history row become the present ones."""

from typing import Any
from uuid import UUID

from django.db import models, transaction

from crm.models import Company, Contact, Deal, Meeting, Stage, Task
from crm.services import companies, contacts, deals, meetings, tasks
from crm.services.changing import locked
from crm.services.companies import update_company
from crm.services.contacts import update_contact
from crm.services.deals import update_deal
from crm.services.meetings import update_meeting
from crm.services.tasks import update_task
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.values import changed_keys
from gtmos.kernel.history.models import Change
from gtmos.kernel.history.redacting import without
from gtmos.kernel.permissions import require
from gtmos.kernel.rights import hidden_fields
from gtmos.kernel.undo.restoring import restores

UPDATES: dict[type[models.Model], Any] = {
    Company: update_company,
    Contact: update_contact,
    Deal: update_deal,
    Task: update_task,
    Meeting: update_meeting,
}


class MovedOnError(DomainError):
    """Somebody worked on the record since; nothing was taken back. `subject` is the record to look at."""

    def __init__(self, record: models.Model, why: str) -> None:
        super().__init__(
            f"{record} stays as it is. {why.rstrip('.')}. Nothing was taken back; open it to see what it holds now.",
            code="changed_since",
        )
        self.subject = {
            "type": str(record._meta.model_name),
            "id": str(record.pk),
            "name": str(record),
        }


@transaction.atomic
def restore_values(
    record: Any, change: Change, *, actor: Actor, cause_id: UUID | None = None
) -> models.Model:
    """Through the record's own verb, so rights, checks and history apply; refused if it changed since.

    What somebody else made of it meanwhile is told only to who may change it.
    """
    require(actor, f"crm.edit_{record._meta.model_name}", record)
    record = locked(record)
    moved_on = [name for name in change.changed_fields if not holds(record, name, change)]
    if moved_on:
        raise MovedOnError(record, _who_moved(record, moved_on, actor))
    changes = values_before(record, change)
    cause = {"cause_id": cause_id} if cause_id else {}
    restored: models.Model = UPDATES[type(record)](record, changes=changes, actor=actor, **cause)
    return restored


class Before(dict[tuple[str, str], Any]):
    """Records to which values of many changes pointed, each read once."""


def values_before(record: models.Model, change: Change, *, read: Before | None = None) -> dict[str, Any]:
    """What the change took away, as the record's verb takes it."""
    read = Before() if read is None else read
    values = {}
    for name in change.changed_fields:
        before = change.previous_values.get(name)
        key = (name, repr(before))
        if key not in read:
            read[key] = value_of(record, name, before)
        values[name] = read[key]
    if "custom" in values:
        values["custom"] = taken_back(change)
    return values


def taken_back(change: Change) -> dict[str, Any]:
    """Only the custom values that the change touched; what it added goes."""
    old, new = change.previous_values["custom"] or {}, change.new_values["custom"] or {}
    return {key: old.get(key) for key in changed_keys(old, new)}


def holds(record: models.Model, name: str, change: Change) -> bool:
    """Of custom values only those that the change touched are asked for."""
    if name != "custom":
        return still_holds(record, name, change.new_values.get(name))
    new, present = change.new_values[name] or {}, getattr(record, name)
    return all(present.get(key) == new.get(key) for key in taken_back(change))


def still_holds(record: models.Model, name: str, noted: Any) -> bool:
    """Does the record still hold what the history row says the change made of it?"""
    present = getattr(record, name)
    field = record._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return str(present or "") == (noted.get("name", "") if isinstance(noted, dict) else str(noted or ""))
    assert isinstance(field, models.Field)
    return bool(present == field.to_python(noted))


def _who_moved(record: models.Model, names: list[str], actor: Actor) -> str:
    """In words of what this person may see of it."""
    hidden = hidden_fields(type(record), actor=actor)
    last = without(history.of_record(record), hidden).filter(changed_fields__contains=names[:1]).first()
    words = ", ".join(name.removeprefix("deal_").replace("_", " ") for name in names)
    return f"{last.user_name} changed it since: {last.summary}" if last else f"It was changed since: {words}"


def _stage(value: Any) -> Any:
    """By key where the pipeline changed too, by name inside it."""
    return Stage.objects.filter(pk=value["id"]).first() if isinstance(value, dict) else value


def value_of(record: models.Model, name: str, value: Any) -> Any:
    field = record._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        if name == "stage":
            return _stage(value)
        key = value.get("id") if isinstance(value, dict) else value
        return field.remote_field.model._default_manager.filter(pk=key).first() if key else None
    assert isinstance(field, models.Field)
    return field.to_python(value)


for _model, _fields in (
    (Company, companies.EDITABLE),
    (Contact, contacts.EDITABLE),
    (Deal, deals.EDITABLE | set(deals.POSITION)),
    (Task, tasks.EDITABLE),
    (Meeting, meetings.EDITABLE),
):
    restores(_model, fields=_fields, by=restore_values)
