"""Runs that were left behind: taken up, given up visibly, and none keeps the others waiting."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from agents.enums import RunState, StepState
from agents.models import Message, Run
from agents.services.sweeping import sweep_runs
from agents.tests.builders import a_run, a_thread
from crm.models import Task
from crm.tests.builders import a_deal
from gtmos.kernel.actors import Actor
from gtmos.kernel.tests.builders import an_actor

pytestmark = pytest.mark.django_db


def a_left_run(actor: Actor, *, title: str, minutes: int = 5, **values: Any) -> Run:
    """A run whose worker died before its step was done."""
    run = a_run(("task.create", {"title": title}), actor=actor, thread=a_thread(actor=actor))
    Task.objects.filter(title=title).delete()
    run.steps.update(state=StepState.PLANNED)
    aged(Run.objects.filter(pk=run.pk), minutes=minutes, **{"state": RunState.QUEUED, **values})
    return run


def aged(runs: QuerySet[Run], *, minutes: int = 5, **values: Any) -> None:
    runs.update(updated_at=timezone.now() - timedelta(minutes=minutes), **values)


def test_a_run_that_fails_does_not_keep_the_next_one_waiting() -> None:
    me = an_actor()
    broken = a_left_run(me, title="broken", minutes=9, plan={"no": "outcome"})
    left = a_left_run(me, title="call Bill")

    taken = sweep_runs()

    left.refresh_from_db()
    broken.refresh_from_db()
    assert (taken, left.state, broken.state) == (1, RunState.DONE, RunState.QUEUED)
    assert list(Task.objects.values_list("title", flat=True)) == ["call Bill"]


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_a_run_that_fails_each_time_is_given_up_and_says_so(state: RunState) -> None:
    broken = a_left_run(an_actor(), title="broken", plan={"no": "outcome"}, state=state)

    states = []
    for _ in range(5):
        sweep_runs()
        states.append(Run.objects.get().state)
        aged(Run.objects.all())

    broken.refresh_from_db()
    assert states == [state, state, state, RunState.FAILED, RunState.FAILED]
    assert broken.error == (
        "This could not be finished: it was tried 3 times and failed each time. The server's log names the fault."
    )
    assert Message.objects.filter(run=broken, trust="system").last().text == broken.error
    assert broken.steps.get().state == StepState.FAILED


def test_an_approval_that_nobody_gave_is_closed_after_a_day() -> None:
    me = an_actor()
    a_deal(actor=me, name="Acme Rollout")
    move = {"deal": "Acme Rollout", "set": {"stage": "negotiation"}}
    run = a_run(("deal.update", move), actor=me, confidence=0.3)
    aged(Run.objects.filter(pk=run.pk), minutes=25 * 60)

    sweep_runs()

    assert Run.objects.get().state == RunState.CANCELLED
