"""Pausing and slowing down what the product does again and again."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.schedule.models import ScheduleSetting
from gtmos.kernel.schedule.registry import Schedule, schedules

EDITABLE = frozenset({"is_paused", "minutes"})
SLOWEST = 7 * 24 * 60  # minutes


def settable() -> dict[str, Schedule]:
    return {name: each for name, each in schedules().items() if each.says}


def ensure_settings() -> None:
    """A row for each that can be set, so that the desk shows them all."""
    known = set(ScheduleSetting.objects.values_list("name", flat=True))
    missing = [ScheduleSetting(name=name) for name in settable() if name not in known]
    if missing:
        ScheduleSetting.objects.bulk_create(missing, ignore_conflicts=True)


@transaction.atomic
def set_schedule(name: str, *, changes: Mapping[str, Any], actor: Actor) -> ScheduleSetting:
    """From the next round of the scheduler on."""
    require(actor, "kernel.configure_schedules")
    if name not in settable():
        raise InvalidInputError(f"There is nothing to set about {name}.", code="unknown_schedule")
    if unknown := sorted(set(changes) - EDITABLE):
        raise InvalidInputError(f"A schedule has no {unknown[0]} to change.", code="unknown_field")
    setting, _ = ScheduleSetting.objects.select_for_update().get_or_create(name=name)
    before = {each: getattr(setting, each) for each in changes}
    for each, value in changes.items():
        setattr(setting, each, value)
    _refuse_wrong(setting, settable()[name])
    after = {each: getattr(setting, each) for each in changes}
    if history.record(setting, before=before, after=after, actor=actor, category="SCHEDULE"):
        save_changes(setting, *sorted(changes))
    return setting


def _refuse_wrong(setting: ScheduleSetting, schedule: Schedule) -> None:
    """Not oftener than the product does it, or it would not be done in time for itself; and not so rarely that it is forgotten."""
    least = max(1, round(schedule.seconds / 60))
    if setting.minutes is not None and not least <= setting.minutes <= SLOWEST:
        raise InvalidInputError(
            f"Write from {least} to {SLOWEST:,} minutes, or nothing for every {least}.", code="bad_minutes"
        )
