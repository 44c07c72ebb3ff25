"""Merges, seen by whoever sees the record that was kept."""

from uuid import UUID

from django.db.models import Model, Q, QuerySet

from crm.models import Merge
from crm.selectors.visibility import one, visible_companies, visible_contacts, visible_deals
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import MovedError

VISIBLE = {"company": visible_companies, "contact": visible_contacts, "deal": visible_deals}


def visible_merges(*, actor: Actor) -> QuerySet[Merge]:
    seen = Q(pk=None)
    for kind, visible in VISIBLE.items():
        keys = visible(actor=actor).select_related(None).order_by().values("pk")
        seen |= Q(subject_type=kind, kept_id__in=keys)
    return Merge.objects.filter(seen)


def get_merge(key: UUID | str, *, actor: Actor) -> Merge:
    return one(visible_merges(actor=actor), key)


def led_on(kind: str, key: UUID | str, *, actor: Actor) -> MovedError | None:
    """Where a record that was merged away goes on, through merges of merges, if the reader may see that."""
    first, now = _standing(kind, key), None
    merge, passed = first, set[UUID]()
    while merge is not None and merge.kept_id not in passed:
        now = merge.kept_id
        passed.add(now)
        merge = _standing(kind, now)
    if first is None or now is None:
        return None
    record = VISIBLE[kind](actor=actor).filter(pk=now).first()
    if record is None:
        return None
    return MovedError(f"{first.absorbed_name} was merged into {record}.", old=key, new=now)


def _standing(kind: str, key: UUID | str) -> Merge | None:
    merges = Merge.objects.filter(subject_type=kind, absorbed_id=key, undone_at__isnull=True)
    return merges.only("kept_id", "absorbed_name").order_by("-created_at").first()


def merges_of(record: Model) -> QuerySet[Merge]:
    """What was merged into this record and can be taken back."""
    return Merge.objects.filter(kept_id=record.pk, undone_at__isnull=True)
