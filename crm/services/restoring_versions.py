"""Going back to how a record was: one field of one change, or the whole record before it."""

from collections.abc import Collection
from typing import Any

from django.db import models, transaction

from crm.services.changing import locked
from crm.services.merge_values import FIELDS
from crm.services.restoring import UPDATES, value_of
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change


@transaction.atomic
def restore_fields(
    record: Any, change: Change, *, fields: Collection[str] = (), actor: Actor
) -> models.Model:
    """The named fields as they were before this change; a new version through the record's own verb."""
    present = locked(record)
    names = [name for name in fields or change.changed_fields if name in change.changed_fields]
    return _update(present, {name: change.previous_values.get(name) for name in names}, actor)


@transaction.atomic
def restore_version(record: Any, change: Change, *, actor: Actor) -> models.Model:
    """The whole record as it stood right after this change: everything later is taken back, field by field."""
    present = locked(record)
    values: dict[str, Any] = {}
    for later in history.of_record(present).filter(pk__gt=change.pk).order_by("-pk"):
        values.update({name: later.previous_values.get(name) for name in later.changed_fields})
    return _update(present, values, actor)


def _update(record: Any, values: dict[str, Any], actor: Actor) -> models.Model:
    changes = {
        name: value_of(record, name, value) for name, value in values.items() if name in FIELDS[type(record)]
    }
    if not changes:
        raise DomainError("Nothing of this change can be restored here.", code="nothing_to_restore")
    restored: models.Model = UPDATES[type(record)](record, changes=changes, actor=actor)
    return restored
