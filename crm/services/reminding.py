"""Telling people that a task of theirs is due, once for each time that it is due."""

from datetime import timedelta

from crm.models import Task
from crm.services.notifying import remind
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.notifications.models import Notification

CLOCK = Actor.system("reminders")
# What fell due while nothing ran is still told a day later; after that the list of tasks says it.
LOOKED_BACK = timedelta(days=1)
AT_ONCE = 1000


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
