"""Telling people once that a task of theirs is due, and a day and a quarter of an hour before they meet somebody."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from crm.enums import MeetingState
from crm.models import Meeting, Task
from crm.services.notifying import MEETING_SOON, remind, remind_of_meeting
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.notifications.selectors import choices_for
from gtmos.kernel.people.models import User

CLOCK = Actor.system("reminders")
# What fell due while nothing ran is still told a day later; after that the list of tasks says it.
LOOKED_BACK = timedelta(days=1)
AT_ONCE = 1000
# Before a meeting. Each reminder ends where the next one begins: nobody is told twice at once.
BEFORE = ((timedelta(days=1), timedelta(minutes=15)), (timedelta(minutes=15), timedelta()))


def remind_of_tasks() -> int:
    """A task that is put off is told again when it is due then."""
    now = clock.now()
    due = Task.objects.filter(
        done_at=None, owner__is_active=True, due_at__lte=now, due_at__gt=now - LOOKED_BACK
    )
    tasks = {_key(each): each for each in due.select_related("owner", "deal", "contact", "company")[:AT_ONCE]}
    told = set(Notification.objects.filter(key__in=tasks).values_list("key", flat=True))
    new = [key for key in tasks if key not in told]
    for key in new:
        remind(tasks[key], key=key, actor=CLOCK)
    return len(new)


def _key(task: Task) -> str:
    moment = task.due_at.isoformat() if task.due_at else ""
    return f"task-due:{task.pk}:{moment}"


def remind_of_meetings() -> int:
    """Everybody of ours who attends; the leader where nobody of ours does."""
    now = clock.now()
    due = {
        f"meeting-soon:{meeting.pk}:{meeting.starts_at.isoformat()}:{lead}:{person.pk}": (meeting, person)
        for lead, until in BEFORE
        for meeting in _coming(now, lead, until)
        for person in _ours(meeting)
    }
    told = set(Notification.objects.filter(key__in=due).values_list("key", flat=True))
    # Of who wants to hear nothing no row is kept: they would be asked about again at every look.
    choices = choices_for({person for _meeting, person in due.values()}, MEETING_SOON)
    new = [
        key for key, (_meeting, person) in due.items() if key not in told and not choices[person.pk].is_muted
    ]
    for key in new:
        remind_of_meeting(*due[key], key=key, actor=CLOCK)
    return len(new)


def _coming(now: datetime, lead: timedelta, until: timedelta) -> Iterator[Meeting]:
    """One that was planned after its reminder would have been told is known to who planned it."""
    rows = Meeting.objects.filter(
        state=MeetingState.PLANNED, starts_at__gt=now + until, starts_at__lte=now + lead
    )
    rows = rows.select_related("owner", "company").prefetch_related("attendees__user")
    for meeting in rows.order_by("starts_at", "pk")[:AT_ONCE]:
        if meeting.created_at <= meeting.starts_at - lead:
            yield meeting


def _ours(meeting: Meeting) -> list[User]:
    people: list[User | None] = [each.user for each in meeting.attendees.all() if each.user]
    return [each for each in people or [meeting.owner] if each is not None and each.is_active]
