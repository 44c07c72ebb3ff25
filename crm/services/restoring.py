"""Taking a change back: the previous values of a history row become the present ones."""

from typing import Any

from django.db import models, transaction

from crm.models import Company, Contact, Deal, Task
from crm.services.companies import update_company
from crm.services.contacts import update_contact
from crm.services.deals import update_deal
from crm.services.tasks import update_task
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change

UPDATES: dict[type[models.Model], Any] = {
    Company: update_company,
    Contact: update_contact,
    Deal: update_deal,
    Task: update_task,
}


@transaction.atomic
def restore_values(record: models.Model, change: Change, *, actor: Actor) -> models.Model:
    """Through the record's own verb, so rights, checks and history apply; refused if it changed since."""
    moved_on = [
        name for name in change.changed_fields if not _still(record, name, change.new_values.get(name))
    ]
    if moved_on:
        raise DomainError(
            f"{record} was changed again since ({', '.join(moved_on)}). Nothing was taken back.",
            code="changed_since",
        )
    changes = {name: _value(record, name, change.previous_values.get(name)) for name in change.changed_fields}
    restored: models.Model = UPDATES[type(record)](record, changes=changes, actor=actor)
    return restored


def _still(record: models.Model, name: str, noted: Any) -> bool:
    """Does the record still hold what the history row says the change made of it?"""
    present = getattr(record, name)
    field = record._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return str(present or "") == (noted.get("name", "") if isinstance(noted, dict) else str(noted or ""))
    assert isinstance(field, models.Field)
    return bool(present == field.to_python(noted))


def _value(record: models.Model, name: str, value: Any) -> Any:
    field = record._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        if name == "stage":
            return value.get("name") if isinstance(value, dict) else value
        key = value.get("id") if isinstance(value, dict) else value
        return field.remote_field.model._default_manager.filter(pk=key).first() if key else None
    assert isinstance(field, models.Field)
    return field.to_python(value)
