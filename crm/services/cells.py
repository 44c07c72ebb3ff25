"""One value of one record, changed in its place in a list."""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from crm.models import Company, Contact, Deal, Task
from crm.services.cell_values import changes_from, text_of
from crm.services.changing import locked
from crm.services.contacts import update_contact
from crm.services.deals import update_deal
from crm.services.editing import last_writer
from crm.services.restoring import restore_values
from crm.services.stating import restate_company
from crm.services.taking_back import return_state
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


class CellClashError(DomainError):
    """Two people changed one cell; nothing was saved. `theirs` is what stands there now, as it would be typed."""

    def __init__(self, record: Any, *, theirs: str, by: str) -> None:
        super().__init__(
            f"{record} was changed by somebody else since you read the list. Nothing was saved.",
            code="changed_since",
        )
        self.theirs, self.by = theirs, by


@transaction.atomic
def save_cell(
    record: Any, field: ListField, text: str, *, version: int, actor: Actor, was: str | None = None
) -> Change | None:
    """The row of history that it made; None where the value was the same.

    Refused where the row is another by now; with `was`, what the person saw in the cell, only where the cell is.
    """
    present = locked(record)
    if present.version != version and was != text_of(present, field):
        theirs = text_of(present, field)
        if was is None or theirs != text.strip():
            raise CellClashError(present, theirs=theirs, by=last_writer(present, _column(field)))
    version = present.version
    changes = changes_from(field, text, actor=actor)
    after = UPDATES[type(present)](present, changes=changes, actor=actor)
    if after.version == version:
        return None
    return history.of_record(after).filter(version__gt=version).order_by("pk").first()


def _column(field: ListField) -> str:
    return "custom" if field.definition is not None else (field.column or field.key).partition("__")[0]


@transaction.atomic
def take_cell_back(record: Any, change_id: int, *, actor: Actor) -> None:
    """Where it still holds what the change made of it."""
    change = history.of_record(record).filter(pk=change_id).first()
    if change is None:
        raise NotFoundError("There is no such change of this record.", code="not_found")
    if isinstance(record, Company) and change.changed_fields == ["customer_state"]:
        was, became = change.previous_values["customer_state"], change.new_values["customer_state"]
        return_state(record, was=was, became=became, actor=actor)
        return
    restore_values(record, change, actor=actor)
