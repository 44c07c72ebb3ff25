"""Merges, seen by whoever sees the record that was kept."""

from uuid import UUID

from django.db.models import Model, Q, QuerySet

from crm.models import Merge
from crm.selectors.visibility import one, visible_companies, visible_contacts, visible_deals
from gtmos.kernel.actors import Actor

VISIBLE = {"company": visible_companies, "contact": visible_contacts, "deal": visible_deals}


def visible_merges(*, actor: Actor) -> QuerySet[Merge]:
    seen = Q(pk=None)
    for kind, visible in VISIBLE.items():
        keys = visible(actor=actor).select_related(None).order_by().values("pk")
        seen |= Q(subject_type=kind, kept_id__in=keys)
    return Merge.objects.filter(seen)


def get_merge(key: UUID | str, *, actor: Actor) -> Merge:
    return one(visible_merges(actor=actor), key)


def merges_of(record: Model) -> QuerySet[Merge]:
    """What was merged into this record and can be taken back."""
    return Merge.objects.filter(kept_id=record.pk, undone_at__isnull=True)
