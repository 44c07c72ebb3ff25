"""What RevOps writes says nothing until it is switched on; on and off are the same act for all of it."""

from typing import TypeVar

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import SwitchedRecord, save_changes

Switched = TypeVar("Switched", bound=SwitchedRecord)


@transaction.atomic
def switch(record: Switched, *, on: bool, right: str, category: str, actor: Actor) -> Switched:
    require(actor, right, record)
    record = type(record)._default_manager.select_for_update().get(pk=record.pk)
    if record.is_active == on:
        raise DomainError(f"{record} is {'on' if on else 'off'} already.", code="same_state")
    record.is_active = on
    save_changes(record, "is_active")
    history.record(record, before={"active": not on}, after={"active": on}, actor=actor, category=category)
    return record
