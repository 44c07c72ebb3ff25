"""Closing days for sending, and opening them again. Mails that are due on one go out on the next open day."""

from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.models import ClosedDay
from outreach.selectors.calendar import closed_from_today, first_open_to_change

DEFINED = ("day", "name")
RIGHT = "outreach.configure_closed_days"
CATEGORY = "CLOSED_DAY"
MOST = 100  # from today on; together with weekends and holidays a window still opens within a year


@transaction.atomic
def close_day(day: date, *, name: str, actor: Actor) -> ClosedDay:
    require(actor, RIGHT)
    _one_at_a_time()
    closed = ClosedDay(**_checked({"day": day, "name": name}))
    _refuse_too_many(closed)
    _save(closed, new=True)
    history.record_creation(closed, actor=actor)
    return closed


@transaction.atomic
def change_closed_day(closed: ClosedDay, *, changes: dict[str, Any], actor: Actor) -> ClosedDay:
    require(actor, RIGHT, closed)
    _one_at_a_time()
    closed = ClosedDay.objects.select_for_update().get(pk=closed.pk)
    values = _checked(
        {name: value for name, value in changes.items() if getattr(closed, name, None) != value}
    )
    if "day" in values:
        _refuse_too_many(closed)
    before = history.changed_values(closed, values)
    for name, value in values.items():
        setattr(closed, name, value)
    if history.record(closed, before=before, after=values, actor=actor, category=CATEGORY):
        _save(closed)
    return closed


@transaction.atomic
def open_day(closed: ClosedDay, *, actor: Actor) -> None:
    """Mails may leave on this day again."""
    require(actor, RIGHT, closed)
    closed = ClosedDay.objects.select_for_update().get(pk=closed.pk)
    before = {name: getattr(closed, name) for name in DEFINED}
    after = dict.fromkeys(DEFINED)
    history.record(
        closed, before=before, after=after, actor=actor, category="DELETED", summary=f"Opened {closed}"
    )
    closed.delete()


def _one_at_a_time() -> None:
    """Two that close days at once count each other's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('outreach.closed_days'))")


def _refuse_too_many(closed: ClosedDay) -> None:
    if closed_from_today().exclude(pk=closed.pk).count() >= MOST:
        raise DomainError(f"At most {MOST} days from today on can be closed.", code="too_many_closed_days")


def _checked(changes: dict[str, Any]) -> dict[str, Any]:
    strange = sorted(set(changes) - set(DEFINED))
    if strange:
        raise InvalidInputError(f"A closed day has no {', '.join(strange)}.", code="unknown_field")
    values = dict(changes)
    if "name" in values:
        values["name"] = " ".join(values["name"].split())
        if not 0 < len(values["name"]) <= 80:
            raise InvalidInputError("Say in at most 80 letters why the day is closed.", code="bad_name")
    if "day" in values and not isinstance(values["day"], date):
        raise InvalidInputError("Choose the day.", code="bad_day")
    if "day" in values and values["day"] < first_open_to_change():
        raise InvalidInputError("This day is over: close one that comes.", code="day_over")
    return values


def _save(closed: ClosedDay, *, new: bool = False) -> None:
    try:
        with transaction.atomic():
            closed.save(force_insert=True) if new else save_changes(closed, *DEFINED)
    except IntegrityError as error:
        raise DomainError(f"{closed.day:%d %B %Y} is closed already.", code="closed_already") from error
