"""Taking a bulk edit back: of each record what its row of history says it was, where it still is what it became."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.db import transaction

from crm.models import Company
from crm.services.batch_rows import Outcome
from crm.services.restoring import restore_values
from crm.services.taking_back import return_state
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change
from gtmos.kernel.lists.fields import kind_of
from gtmos.kernel.once import burst


def undo_part(
    noun: str, keys: Sequence[str], causes: Sequence[str], *, actor: Actor
) -> list[tuple[str, Outcome]]:
    """Newest change first, each through the record's own verb."""
    changes: dict[str, list[Change]] = {}
    for change in Change.objects.filter(cause_id__in=causes, subject_id__in=keys).order_by("-pk"):
        changes.setdefault(str(change.subject_id), []).append(change)
    records = kind_of(noun).visible(actor=actor).filter(pk__in=list(changes)).in_bulk()
    cause = uuid4()
    with burst():
        return [
            (key, _back(records.get(changes[key][0].subject_id), changes[key], cause, actor))
            for key in changes
        ]


def _back(record: Any, changes: list[Change], cause: Any, actor: Actor) -> Outcome:
    if record is None:
        gone = DomainError("The record is gone, or you may not see it any more.", code="not_found")
        return Outcome("rejected", problem=gone)
    try:
        with transaction.atomic():
            for change in changes:
                _one_back(record, change, cause, actor)
    except DomainError as error:
        return Outcome("rejected", problem=error)
    return Outcome("updated", record.pk)


def _one_back(record: Any, change: Change, cause: Any, actor: Actor) -> None:
    """A territory follows from the values and is placed again with them; a state goes back past its lifecycle."""
    if change.change_category in {"TERRITORY", "ROUTING"}:
        return
    if isinstance(record, Company) and change.changed_fields == ["customer_state"]:
        was, became = change.previous_values["customer_state"], change.new_values["customer_state"]
        return_state(record, was=was, became=became, actor=actor)
        return
    restore_values(record, change, actor=actor, cause_id=cause)
