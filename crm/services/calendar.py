"""Moving a task or a meeting to another day, by the clock of who moves it."""

from datetime import date, datetime, tzinfo

from django.utils import timezone

from crm.enums import MeetingState
from crm.models import Meeting, Task
from crm.services.meetings import update_meeting
from crm.services.tasks import update_task
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError


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
