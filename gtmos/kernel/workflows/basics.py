"""The actions that need no app: wait, decide, stop; and who can be named in the others."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import User
from gtmos.kernel.wording import plural
from gtmos.kernel.workflows.about import values_of
from gtmos.kernel.workflows.actions import DAY_FIELD, NUMBER, Call, Outcome, Param, action
from gtmos.kernel.workflows.steps import BRANCH, STOP, WAIT

MORNING = time(9)


def people() -> list[tuple[str, str]]:
    """Those who can be given something, by key."""
    rows = User.objects.filter(is_active=True).order_by("name", "email")
    return [(str(each.pk), each.name or each.email) for each in rows]


def _says_due(call: Call) -> str:
    return f"Waits {_pause(call)}."


def _pause(call: Call) -> str:
    if call.values.get("until"):
        return f"until {due_after(call, timezone.now()):%d %b %Y}"
    days, hours = int(call.values.get("days") or 0), int(call.values.get("hours") or 0)
    return time_in_words(days, hours)


def time_in_words(days: int, hours: int) -> str:
    return " ".join(([plural(days, "day")] if days else []) + ([plural(hours, "hour")] if hours else []))


def _wait_in_words(shown: Mapping[str, Any]) -> str:
    pause = time_in_words(int(shown["days"] or 0), int(shown["hours"] or 0))
    if not shown["until"]:
        return f"Wait {pause}"
    return f"Wait until {pause} before {shown['until']}" if pause else f"Wait until {shown['until']}"


def due_after(call: Call, now: datetime) -> datetime:
    """When the wait is over: some time from now, or the morning of a date that the record holds."""
    days, hours = int(call.values.get("days") or 0), int(call.values.get("hours") or 0)
    name = call.values.get("until")
    if not name:
        return now + timedelta(days=days, hours=hours)
    value = values_of([name], call.event, call.records).get(name)
    if not value:
        raise DomainError(f"{name} is not filled in, so there is no day to wait for.", code="no_date")
    return _morning(value) - timedelta(days=days, hours=hours)


def _morning(value: Any) -> datetime:
    """Of a date its morning; a moment stays what it is."""
    text = str(value)
    if len(text) > len("2026-12-31"):
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_default_timezone())
    return datetime.combine(date.fromisoformat(text), MORNING, timezone.get_default_timezone())


def _wait_fault(values: Any, fields: Any) -> str:
    del fields
    if values.get("until") or values.get("days") or values.get("hours"):
        return ""
    return "Say how many days or hours to wait, or until which date."


@action(
    WAIT,
    label="Wait",
    words=_wait_in_words,
    icon="hourglass",
    dry=_says_due,
    fault=_wait_fault,
    params=(
        Param("days", "Days", NUMBER, "With a date: so many days before it.", default=0),
        Param("hours", "Hours", NUMBER, default=0),
        Param("until", "Until the date in", DAY_FIELD, "Leave empty to count from now."),
    ),
)
def wait(call: Call) -> Outcome:
    """The row was due only now, so the wait is over."""
    del call
    return Outcome("The wait is over.")


@action(BRANCH, label="If", icon="git-branch", dry=lambda _: "")
def branch(call: Call) -> Outcome:
    raise AssertionError(f"{call.event} is decided by the engine")


@action(STOP, label="Stop here", icon="circle-x", dry=lambda _: "Stops here.")
def stop(call: Call) -> Outcome:
    del call
    return Outcome("Stopped here, as written.")
