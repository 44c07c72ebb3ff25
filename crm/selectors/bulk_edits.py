"""Reading bulk edits: everybody their own."""

from uuid import UUID

from django.db.models import QuerySet

from crm.models import BulkEdit
from crm.selectors.visibility import one
from gtmos.kernel.actors import Actor


def visible_bulk_edits(*, actor: Actor) -> QuerySet[BulkEdit]:
    edits = BulkEdit.objects.select_related("person")
    if actor.is_system:
        return edits
    return edits.filter(person=actor.user) if actor.user else edits.none()


def get_bulk_edit(key: UUID | str, *, actor: Actor) -> BulkEdit:
    return one(visible_bulk_edits(actor=actor), key)
