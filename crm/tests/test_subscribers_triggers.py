"""Events that make tasks: once for each event, whatever is killed, repeated or played again."""

from typing import Any

import pytest
from django.utils import timezone

from crm.models import Deal, Task
from crm.services.deals import update_deal
from crm.services.tasks import create_task
from crm.tests.builders import a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events import dispatch
from gtmos.kernel.events.models import Delivery, EventRecord
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_user, an_actor
from gtmos.kernel.triggers.models import EventTrigger
from gtmos.kernel.triggers.selectors import tried
from gtmos.kernel.triggers.services.triggers import (
    activate_trigger,
    create_trigger,
    deactivate_trigger,
    update_trigger,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper() -> User:
    return a_user(name="Kim Keeper", role=Role.REVOPS)


def a_trigger(keeper: User, *, on: bool = True, **values: Any) -> EventTrigger:
    given = {
        "event_name": "crm.deal_stage_changed",
        "title": "Look at {record}: {before} to {after}",
        "assignee": keeper,
        **values,
    }
    trigger = create_trigger("Moved deals", actor=Actor.of(keeper), **given)
    return activate_trigger(trigger, actor=Actor.of(keeper)) if on else trigger


def a_moved_deal() -> Any:
    deal = a_deal()
    stage = deal.pipeline.stages.exclude(pk=deal.stage_id).order_by("position").first()
    update_deal(deal, changes={"stage": stage}, actor=SYSTEM)
    return deal


def made() -> list[str]:
    return list(Task.objects.filter(source_type="kernel.eventtrigger").values_list("title", flat=True))


def test_an_event_makes_its_task_once_however_often_it_is_delivered(keeper: User) -> None:
    a_trigger(keeper)
    deal = a_moved_deal()

    dispatch.dispatch_pending()
    delivery = Delivery.objects.get(subscriber__startswith="trigger:")
    for _ in range(2):
        dispatch.replay(delivery, actor=Actor.of(keeper))
        dispatch.dispatch_pending()

    task = Task.objects.get(source_type="kernel.eventtrigger")
    assert task.title.startswith(f"Look at {deal.name}: ")
    assert (task.deal, task.company) == (deal, deal.company)
    assert Change.objects.filter(change_category="DELIVERY").count() == 2


def test_a_worker_that_dies_before_its_commit_makes_nothing_and_the_next_makes_one(
    keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_trigger(keeper)
    a_moved_deal()

    def dies(*args: object, **kwargs: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Delivery, "save", dies)
        with pytest.raises(SystemExit):
            dispatch.dispatch_pending()
    after_the_kill = len(made())
    dispatch.dispatch_pending()

    assert (after_the_kill, len(made())) == (0, 1)


def test_nothing_starts_while_it_is_off_and_nothing_where_a_condition_does_not_hold(keeper: User) -> None:
    trigger = a_trigger(keeper, on=False)
    a_moved_deal()
    activate_trigger(trigger, actor=Actor.of(keeper))
    update_trigger(
        trigger,
        changes={"conditions": [{"field": "after", "operator": "is", "value": "nowhere"}]},
        actor=Actor.of(keeper),
    )
    a_moved_deal()
    dispatch.dispatch_pending()
    deactivate_trigger(trigger, actor=Actor.of(keeper))

    assert made() == []


def test_the_owner_of_the_record_gets_the_task_and_without_one_who_was_named(keeper: User) -> None:
    owner = a_user(name="Olga Owner", role=Role.AE)
    trigger = a_trigger(keeper, event_name="crm.deal_created", title="Welcome {record}")
    a_deal(owner=owner)
    a_deal(owner=None)

    dispatch.dispatch_pending()

    assert sorted(str(task.owner) for task in Task.objects.all()) == sorted([str(owner), str(keeper)])
    assert trigger.is_active is True


def test_the_task_of_a_record_whose_owner_has_left_goes_to_who_was_named(keeper: User) -> None:
    a_trigger(keeper)
    gone = a_user(name="Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    deal = a_deal()
    Deal.objects.filter(pk=deal.pk).update(owner=gone)
    update_deal(deal, changes={"stage": deal.pipeline.stages.exclude(pk=deal.stage_id)[0]}, actor=SYSTEM)

    dispatch.dispatch_pending()

    assert Task.objects.get(source_type="kernel.eventtrigger").owner == keeper


def test_a_task_that_a_workflow_made_starts_no_workflow(keeper: User) -> None:
    a_trigger(keeper, event_name="crm.task_created", title="Again")
    create_task(title="By hand", actor=SYSTEM)

    for _ in range(3):
        Delivery.objects.update(next_at=timezone.now())
        dispatch.dispatch_pending()

    assert made() == ["Again"]


def test_trying_on_the_last_twenty_events_writes_nothing(keeper: User) -> None:
    trigger = a_trigger(keeper, on=False, event_name="crm.deal_created", title="New: {record}")
    deals = [a_deal() for _ in range(22)]
    before = (Task.objects.count(), EventRecord.objects.count())

    rows = tried(trigger, actor=Actor.of(keeper))

    assert len(rows) == 20
    assert {each.task.title for each in rows if each.task} <= {f"New: {deal.name}" for deal in deals}
    assert (Task.objects.count(), EventRecord.objects.count()) == before


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"event_name": "crm.nothing"}, "There is no event crm.nothing"),
        ({"title": "See {amount}"}, "The event has no value amount"),
        ({"title": "{record.owner.password}", "note": "{password}"}, "no value password"),
        ({"conditions": [{"field": "amount", "operator": "is", "value": "1"}]}, "no value amount"),
        ({"conditions": [{"field": "after", "operator": "like", "value": "1"}]}, "how the value is compared"),
        ({"assignee": None}, "Choose who gets the task"),
    ],
)
def test_what_could_never_work_is_refused_when_it_is_written(
    values: dict[str, Any], words: str, keeper: User
) -> None:
    with pytest.raises(InvalidInputError, match=words):
        a_trigger(keeper, **values)


def test_only_those_who_configure_write_workflows(keeper: User) -> None:
    with pytest.raises(NotPermittedError):
        create_trigger(
            "X", event_name="crm.deal_won", title="Y", assignee=keeper, actor=an_actor(role=Role.AE)
        )
