"""Moving a task or a meeting to another day, by the clock of who moves it."""

from datetime import date, datetime, timedelta, tzinfo

from django.utils import timezone

from crm.enums import MeetingState
from crm.models import Meeting, Task
from crm.services.meetings import update_meeting
from crm.services.tasks import update_task
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError

LATER = {"tomorrow": "tomorrow", "week": "next week"}


def move_task(task: Task, to: date, *, zone: tzinfo, actor: Actor) -> Task:
    """The hour stays; one without a day gets the morning."""
    if task.done_at is not None:
        raise DomainError(f"{task} is done already.", code="wrong_state")
    due = (
        _on(task.due_at, to, zone)
        if task.due_at
        else datetime.combine(to, datetime.min.time(), zone).replace(hour=9)
    )
    return update_task(task, changes={"due_at": due}, actor=actor)


def put_off(task: Task, to: str, *, today: date, zone: tzinfo, actor: Actor) -> Task:
    """To tomorrow or to the Monday of next week, by the calendar of who puts it off."""
    if to not in LATER:
        raise InvalidInputError(f"A task is put off to {' or '.join(LATER.values())}.", code="unknown_day")
    days = 1 if to == "tomorrow" else 7 - today.weekday()
    return move_task(task, today + timedelta(days=days), zone=zone, actor=actor)


def move_meeting(meeting: Meeting, to: date, *, zone: tzinfo, actor: Actor) -> Meeting:
    """The hour and the length stay; what was held or cancelled keeps its day."""
    if meeting.state != MeetingState.PLANNED:
        raise DomainError(
            f"{meeting} is {meeting.get_state_display()}; only planned ones are moved.", code="wrong_state"
        )
    starts = _on(meeting.starts_at, to, zone)
    ends = starts + (meeting.ends_at - meeting.starts_at)
    return update_meeting(meeting, changes={"starts_at": starts, "ends_at": ends}, actor=actor)


def _on(moment: datetime, day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, timezone.localtime(moment, zone).time(), zone)
