"""Runs that a crash left behind, and approvals that nobody gave."""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents.enums import RunState
from agents.models import Run
from agents.services.runs import give_up, proceed, reject
from gtmos.kernel.actors import Actor

logger = logging.getLogger(__name__)

LEFT_BEHIND_AFTER = timedelta(seconds=60)
APPROVAL_LASTS = timedelta(days=1)
MOST_ATTEMPTS = 3
AT_ONCE = 100


def sweep_runs() -> int:
    """Take up what was begun; every step that is done stays done. Returns how many runs were taken up."""
    states = (RunState.QUEUED, RunState.RUNNING)
    taken = sum(_safely(_take_up, key) for key in _untouched_for(LEFT_BEHIND_AFTER, states))
    for key in _untouched_for(APPROVAL_LASTS, (RunState.WAITING,)):
        _safely(_close_unanswered, key)
    return taken


def _untouched_for(time: timedelta, states: tuple[RunState, ...]) -> list[UUID]:
    """Longest untouched first, so none waits behind one that fails again and again."""
    before = timezone.now() - time
    runs = Run.objects.filter(state__in=states, updated_at__lt=before, owner__isnull=False)
    return list(runs.order_by("updated_at").values_list("pk", flat=True)[:AT_ONCE])


def _safely(work: Callable[[UUID], bool], key: UUID) -> bool:
    try:
        return work(key)
    except Exception:  # outermost loop: a run that fails must not keep the others from their turn
        logger.exception("run %s could not be taken up", key)
        return False


def _take_up(key: UUID) -> bool:
    with transaction.atomic():
        run = Run.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
        if run is None or run.owner is None or run.state not in {RunState.QUEUED, RunState.RUNNING}:
            return False
        attempts = int(run.plan.get("attempts", 0)) + 1
        run.plan = {**run.plan, "attempts": attempts}
        # Noted before it is tried, so that what kills the worker counts; a second sweeper sees a fresh row.
        run.save(update_fields=["plan", "updated_at"])
    actor = Actor.of(run.owner, source="task")
    if attempts > MOST_ATTEMPTS:
        give_up(run, attempts=MOST_ATTEMPTS, actor=actor)
        return False
    proceed(run, actor=actor)
    return True


def _close_unanswered(key: UUID) -> bool:
    run = Run.objects.select_related("owner").filter(pk=key).first()
    if run is None or run.owner is None:
        return False
    reject(run, actor=Actor.of(run.owner, source="task"))
    return True
