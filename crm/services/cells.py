"""One value of one record, changed in its place in a list."""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from crm.models import Company, Contact, Deal, Task
from crm.services.cell_values import changes_from
from crm.services.changing import locked
from crm.services.contacts import update_contact
from crm.services.deals import update_deal
from crm.services.restoring import restore_values
from crm.services.stating import restate_company
from crm.services.taking_back import put_state_back
from crm.services.tasks import update_task
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.history.models import Change
from gtmos.kernel.lists.fields import ListField

UPDATES: dict[type[models.Model], Callable[..., Any]] = {
    Company: restate_company,
    Contact: update_contact,
    Deal: update_deal,
    Task: update_task,
}


@transaction.atomic
def save_cell(record: Any, field: ListField, text: str, *, version: int, actor: Actor) -> Change | None:
    """The row of history that it made; None where the value was the same. Refused where the row is another by now."""
    present = locked(record)
    if present.version != version:
        raise DomainError(
            f"{present} was changed by somebody else since you read the list. Nothing was saved.",
            code="changed_since",
        )
    changes = changes_from(field, text, actor=actor)
    after = UPDATES[type(present)](present, changes=changes, actor=actor)
    if after.version == version:
        return None
    return history.of_record(after).filter(version__gt=version).order_by("pk").first()


@transaction.atomic
def take_cell_back(record: Any, change_id: int, *, actor: Actor) -> None:
    """Where it still holds what the change made of it."""
    change = history.of_record(record).filter(pk=change_id).first()
    if change is None:
        raise NotFoundError("There is no such change of this record.", code="not_found")
    if isinstance(record, Company) and change.changed_fields == ["customer_state"]:
        was, became = change.previous_values["customer_state"], change.new_values["customer_state"]
        put_state_back(record, was=was, became=became, actor=actor)
        return
    restore_values(record, change, actor=actor)
