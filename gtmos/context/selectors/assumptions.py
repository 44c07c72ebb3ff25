"""Reading beliefs and what moved them."""

from uuid import UUID

from django.db.models import QuerySet

from gtmos.context.models import Assumption, Evidence
from gtmos.kernel.actors import Actor


def assumptions(*, actor: Actor) -> QuerySet[Assumption]:
    return Assumption.objects.all() if actor.user or actor.is_system else Assumption.objects.none()


def evidence_from(source_ids: list[UUID], *, actor: Actor) -> QuerySet[Evidence]:
    """What these records taught, with the belief it moved."""
    return Evidence.objects.filter(
        assumption__in=assumptions(actor=actor), source_id__in=source_ids
    ).select_related("assumption")
