"""Making occurrences due and running each exactly once."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from gtmos.kernel.schedule.models import Heartbeat, Occurrence, ScheduleSetting
from gtmos.kernel.schedule.registry import Schedule, schedules

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = 5
KEEP_DONE = timedelta(hours=6)


def slot_of(schedule: Schedule, moment: datetime) -> datetime:
    """The newest moment of the schedule's fixed grid that is not after `moment`."""
    seconds = moment.timestamp() // schedule.seconds * schedule.seconds
    return datetime.fromtimestamp(seconds, tz=UTC)


def note_due(moment: datetime | None = None) -> int:
    """Write the occurrences that are due; the ones already there stay as they are."""
    moment = moment or timezone.now()
    due = [row for schedule in as_set() for row in _due_rows(schedule, moment)]
    return len(Occurrence.objects.bulk_create(due, ignore_conflicts=True))


def as_set() -> list[Schedule]:
    """Those that are done, as often as the desk says."""
    said = {each.name: each for each in ScheduleSetting.objects.all()}
    return [
        _slowed(schedule, said.get(schedule.name))
        for schedule in schedules().values()
        if not (schedule.says and schedule.name in said and said[schedule.name].is_paused)
    ]


def _slowed(schedule: Schedule, setting: ScheduleSetting | None) -> Schedule:
    if setting is None or not setting.minutes or not schedule.says:
        return schedule
    return replace(schedule, seconds=setting.minutes * 60)


def _due_rows(schedule: Schedule, moment: datetime) -> list[Occurrence]:
    slot = slot_of(schedule, moment)
    if not schedule.catch_up:
        return [Occurrence(schedule=schedule.name, due_at=slot)]
    newest = Occurrence.objects.filter(schedule=schedule.name).order_by("-due_at").first()
    start = newest.due_at if newest else slot - timedelta(seconds=schedule.seconds)
    missed = round((slot - start).total_seconds() / schedule.seconds)
    step = timedelta(seconds=schedule.seconds)
    return [
        Occurrence(schedule=schedule.name, due_at=slot - step * back) for back in range(missed - 1, -1, -1)
    ]


def run_open(*, limit: int = 100) -> int:
    """Run open occurrences, each in one transaction with the mark that it was done."""
    ran = 0
    while ran < limit and _run_next():
        ran += 1
    return ran


@transaction.atomic
def _run_next() -> bool:
    occurrence = (
        Occurrence.objects.select_for_update(skip_locked=True)
        .filter(done_at__isnull=True, due_at__lte=timezone.now())
        .order_by("attempts", "due_at", "id")  # one that fails does not hold up the others
        .first()
    )
    if occurrence is None:
        return False
    occurrence.attempts += 1
    schedule = schedules().get(occurrence.schedule)
    try:
        with transaction.atomic():
            if schedule is not None:
                schedule.work()
    except Exception as error:  # outermost loop: work that fails is tried again and holds up no other
        logger.exception("schedule %s failed", occurrence.schedule, exc_info=error)
        occurrence.error = str(error)[:2000]
        finished = occurrence.attempts >= GIVE_UP_AFTER
    else:
        occurrence.error = ""
        finished = True
    occurrence.done_at = timezone.now() if finished else None
    occurrence.save(update_fields=["attempts", "done_at", "error"])
    return finished


def forget_old() -> int:
    """Done occurrences are kept for a few hours; the newest of each schedule stays, or it would be due again."""
    newer = Occurrence.objects.filter(schedule=OuterRef("schedule"), due_at__gt=OuterRef("due_at"))
    old = Occurrence.objects.filter(Exists(newer), done_at__lt=timezone.now() - KEEP_DONE)
    return old.delete()[0]


def beat(process: str, **detail: str | int) -> None:
    Heartbeat.objects.update_or_create(
        process=process, defaults={"beat_at": timezone.now(), "detail": detail}
    )
