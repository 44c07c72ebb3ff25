"""The line of turns that is open, whatever else the thread holds."""

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext

from agents.enums import Trust
from agents.models import Message, Thread
from agents.selectors.threads import MOST_SHOWN, open_line
from agents.services.threads import branch_at, say
from agents.tests.builders import a_thread
from gtmos.kernel.actors import Actor
from gtmos.kernel.tests.builders import an_actor

pytestmark = pytest.mark.django_db


def a_long_thread(turns: int) -> Thread:
    me = an_actor()
    thread = a_thread(actor=me)
    for number in range(turns):
        say(thread, f"turn {number}", actor=me, trust=Trust.USER)
    thread.refresh_from_db()
    return thread


def turns_read(thread: Thread) -> int:
    """How many turns were made into objects to show the line."""
    made: list[object] = []

    def note(sender: object, instance: object, **kwargs: object) -> None:
        del sender, kwargs
        made.append(instance)

    post_init.connect(note, sender=Message)
    try:
        open_line(thread)
    finally:
        post_init.disconnect(note, sender=Message)
    return len(made)


def test_the_newest_turns_are_shown_oldest_first() -> None:
    thread = a_long_thread(MOST_SHOWN + 3)

    line = open_line(thread)

    assert [turn.text for turn in line] == [f"turn {number}" for number in range(3, MOST_SHOWN + 3)]


def test_no_more_turns_are_read_than_are_shown() -> None:
    thread = a_long_thread(MOST_SHOWN + 30)

    assert turns_read(thread) == MOST_SHOWN


def test_a_thread_without_turns_is_empty_and_asks_nothing() -> None:
    thread = a_thread(actor=an_actor())

    with CaptureQueriesContext(connection) as queries:
        line = open_line(thread)

    assert (line, len(queries)) == ([], 0)


def test_only_the_open_branch_is_shown() -> None:
    thread = a_long_thread(3)
    second = Message.objects.get(text="turn 1")
    assert thread.owner is not None
    owner = Actor.of(thread.owner)
    branch_at(second, actor=owner)
    thread.refresh_from_db()
    say(thread, "said differently", actor=owner, trust=Trust.USER)
    thread.refresh_from_db()

    assert [turn.text for turn in open_line(thread)] == ["turn 0", "said differently"]
