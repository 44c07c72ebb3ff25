"""Saying when one may be booked."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.models import BookingHours
from outreach.timing.hours import OFFICE_WEEK, read_hours, written_hours

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Column, in words, least and most.
BOUNDS = {
    "length": ("A meeting lasts", "minutes", 10, 480),
    "buffer": ("The buffer is", "minutes", 0, 240),
    "notice": ("The notice is", "hours", 0, 336),
    "days_ahead": ("Times are offered for", "days", 1, 90),
}


@transaction.atomic
def set_booking_hours(*, changes: Mapping[str, Any], actor: Actor) -> BookingHours:
    """One's own hours; nobody sets another's."""
    require(actor, "outreach.set_booking_hours")
    if actor.user is None:
        raise NotPermittedError("Only a person has hours.", code="not_signed_in")
    values = checked_hours(changes)
    hours, _is_new = BookingHours.objects.get_or_create(user=actor.user, defaults={"week": list(OFFICE_WEEK)})
    hours = BookingHours.objects.select_for_update().get(pk=hours.pk)
    before = history.changed_values(hours, values)
    for name, value in values.items():
        setattr(hours, name, value)
    if history.record(hours, before=before, after=values, actor=actor, category="BOOKING_HOURS"):
        save_changes(hours, *values)
    return hours


def checked_hours(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they would be kept; a refusal names its day or its number."""
    strange = sorted(set(changes) - {"week", *BOUNDS})
    if strange:
        raise InvalidInputError(f"{strange[0]} cannot be changed.", code="unknown_field")
    values: dict[str, Any] = {name: _number(name, changes[name]) for name in BOUNDS if name in changes}
    if "week" in changes:
        values["week"] = _week(changes["week"])
    return values


def _number(name: str, value: int) -> int:
    words, unit, least, most = BOUNDS[name]
    if not least <= value <= most:
        raise InvalidInputError(f"{words} {least} to {most} {unit}.", code="out_of_bounds")
    return value


def _week(written: Any) -> list[str]:
    if len(written) != len(DAYS):
        raise InvalidInputError("A week has seven days.", code="bad_week")
    kept = []
    for day, text in zip(DAYS, written, strict=True):
        try:
            kept.append(written_hours(read_hours(str(text))))
        except ValueError as error:
            raise InvalidInputError(f"{day}: {error}", code="bad_hours") from error
    return kept
