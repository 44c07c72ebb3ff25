"""A task that is due is told to its owner once, and again when it was put off."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.models import Meeting
from crm.services.meetings import cancel_meeting, plan_meeting
from crm.services.reminding import remind_of_meetings, remind_of_tasks
from crm.services.tasks import complete_task, create_task, update_task
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.notifications.services import set_preference
from gtmos.kernel.people.models import User
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


def planned(begins: timedelta, actor: Actor, *, days_ago: int = 7, **said) -> Meeting:
    """A meeting that was agreed on a while ago."""
    at = clock.now() + begins
    meeting = plan_meeting(title="Demo", starts_at=at, ends_at=at, actor=actor, **said)
    Meeting.objects.filter(pk=meeting.pk).update(created_at=at - timedelta(days=days_ago))
    return meeting


def told_of_meetings() -> list[tuple[str, str]]:
    rows = Notification.objects.filter(kind="meeting_soon").order_by("created_at")
    return list(rows.values_list("person__name", "text"))


def test_a_meeting_is_told_a_day_before_and_a_quarter_of_an_hour_before_once_each() -> None:
    ada = Actor.of(a_user(name="Ada"))
    meeting = planned(timedelta(hours=23), ada, place="Room 1", link="https://meet.example/1")
    planned(timedelta(hours=25), ada)

    day_before = [remind_of_meetings(), remind_of_meetings()]
    soon = clock.now() + timedelta(minutes=14)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=soon, ends_at=soon)
    just_before = [remind_of_meetings(), remind_of_meetings()]

    assert (day_before, just_before) == ([1, 0], [1, 0])
    assert told_of_meetings() == [("Ada", "Room 1 · https://meet.example/1")] * 2


def test_everybody_of_ours_who_attends_is_told_and_by_their_own_clock() -> None:
    ada, bea = a_user(name="Ada"), a_user(name="Bea")
    User.objects.filter(pk=bea.pk).update(time_zone="Asia/Tokyo")
    meeting = planned(timedelta(minutes=10), Actor.of(ada), users=[ada, bea])

    assert remind_of_meetings() == 2
    (title,) = Notification.objects.filter(person=bea).values_list("title", flat=True)
    assert title == f"{meeting.starts_at.astimezone(ZoneInfo('Asia/Tokyo')):%A %H:%M}: Demo"


def test_what_is_over_cancelled_or_was_planned_just_now_is_not_told() -> None:
    ada = Actor.of(a_user(name="Ada"))
    planned(-timedelta(minutes=1), ada)
    cancel_meeting(planned(timedelta(minutes=10), ada), actor=ada)
    planned(timedelta(minutes=10), ada, days_ago=0)

    assert (remind_of_meetings(), told_of_meetings()) == (0, [])


def test_a_meeting_that_was_moved_is_told_anew() -> None:
    ada = Actor.of(a_user(name="Ada"))
    meeting = planned(timedelta(minutes=5), ada)
    first = remind_of_meetings()
    later = clock.now() + timedelta(minutes=12)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=later, ends_at=later)

    assert (first, remind_of_meetings()) == (1, 1)


def test_who_wants_to_hear_nothing_of_meetings_is_not_counted_as_told(django_assert_num_queries) -> None:
    ada = a_user(name="Ada")
    set_preference(ada, "meeting_soon", in_app=False, by_mail="never", actor=Actor.of(ada))
    planned(timedelta(minutes=10), Actor.of(ada))

    with django_assert_num_queries(7):
        assert remind_of_meetings() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_looking_costs_the_same_for_one_meeting_as_for_three_that_were_told(
    count: int, django_assert_num_queries
) -> None:
    ada = Actor.of(a_user(name="Ada"))
    for _ in range(count):
        planned(timedelta(minutes=10), ada)
    remind_of_meetings()

    with django_assert_num_queries(7):
        remind_of_meetings()
