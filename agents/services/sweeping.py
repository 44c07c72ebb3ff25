"""Runs that a crash left behind, and approvals that nobody gave."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents.enums import RunState
from agents.models import Run
from agents.services.runs import proceed, reject
from gtmos.kernel.actors import Actor

LEFT_BEHIND_AFTER = timedelta(seconds=60)
APPROVAL_LASTS = timedelta(days=1)


def sweep_runs() -> int:
    """Take up what was begun; every step that is done stays done. Returns how many runs were taken up."""
    before = timezone.now() - LEFT_BEHIND_AFTER
    taken = 0
    left = Run.objects.filter(state__in=(RunState.QUEUED, RunState.RUNNING), updated_at__lt=before)
    for key in left.values_list("pk", flat=True)[:100]:
        taken += _take_up(key)
    for run in Run.objects.filter(state=RunState.WAITING, updated_at__lt=timezone.now() - APPROVAL_LASTS)[
        :100
    ]:
        if run.owner is not None:
            reject(run, actor=Actor.of(run.owner, source="task"))
    return taken


def _take_up(key: UUID) -> bool:
    with transaction.atomic():
        run = Run.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
        if run is None or run.owner is None or run.state not in {RunState.QUEUED, RunState.RUNNING}:
            return False
        # A second sweeper sees a fresh row and leaves it.
        run.save(update_fields=["updated_at"])
    proceed(run, actor=Actor.of(run.owner, source="task"))
    return True
