"""A task that is due is told to its owner once, and again when it was put off."""

from datetime import timedelta

import pytest

from crm.services.reminding import remind_of_tasks
from crm.services.tasks import complete_task, create_task, update_task
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


def test_what_is_due_is_told_once_and_again_after_it_was_put_off() -> None:
    ada = a_user(name="Ada")
    actor, now = Actor.of(ada), clock.now()
    task = create_task(title="Call Bill", due_at=now - timedelta(minutes=5), actor=actor)
    create_task(title="Later", due_at=now + timedelta(hours=1), actor=actor)
    create_task(title="Long ago", due_at=now - timedelta(days=3), actor=actor)
    complete_task(create_task(title="Done", due_at=now - timedelta(minutes=5), actor=actor), actor=actor)

    told = [remind_of_tasks(), remind_of_tasks()]
    update_task(task, changes={"due_at": now - timedelta(minutes=1)}, actor=actor)
    again = remind_of_tasks()

    titles = list(Notification.objects.filter(person=ada, kind="task_due").values_list("title", flat=True))
    assert (told, again, titles) == ([1, 0], 1, ["Due: Call Bill"] * 2)
    assert Notification.objects.exclude(mail=None).count() == 2
