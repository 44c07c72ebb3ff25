"""Whose turn it is among imports that run, and what is done once they are through."""

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from crm.models import ImportBatch
from gtmos.kernel import jobs, live


def running_of_move(batch: ImportBatch) -> QuerySet[ImportBatch]:
    running = ImportBatch.objects.filter(state="running")
    return running.filter(move=batch.move_id) if batch.move_id else running.none()


def ring_next(batch: ImportBatch) -> None:
    """Files of one move run one after the other; a bell that is lost here is rung by `resume_imports`."""
    following = running_of_move(batch).order_by("started_at").first()
    if following is not None:
        jobs.enqueue("crm.run_import", batch_id=str(following.pk))
    if batch.move_id:
        live.push(f"move:{batch.move_id}")


def tidy_indexes() -> None:
    """Sort the queued entries of the search indexes in, so that searching stays fast after a large import."""
    with connection.cursor() as cursor:
        for index in ("crm_company_search", "crm_company_trigram", "crm_contact_trigram"):
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index])


def resume_imports() -> int:
    """Ring again for imports whose worker died; nothing of them was saved, so they start over."""
    waiting = ImportBatch.objects.filter(state="running").exclude(lease_until__gt=timezone.now())
    for batch in waiting:
        jobs.enqueue("crm.run_import", batch_id=str(batch.pk))
    return len(waiting)
