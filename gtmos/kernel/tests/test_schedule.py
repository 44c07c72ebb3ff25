"""Scheduled work: each occurrence once, however many schedulers run and die."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role
from gtmos.kernel.schedule import Schedule, registry, running
from gtmos.kernel.schedule.models import Occurrence, ScheduleSetting
from gtmos.kernel.schedule.setting_services import set_schedule
from gtmos.kernel.tests.builders import an_actor

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Declare = Callable[..., None]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Replaces the product's schedules with the test's own."""
    own: dict[str, Schedule] = {}
    monkeypatch.setattr(registry, "_schedules", own)

    def add(
        name: str, seconds: float, work: Callable[[], object], *, catch_up: bool = False, says: str = ""
    ) -> None:
        own[name] = Schedule(name, seconds, work, catch_up, says)

    return add


def fails() -> None:
    raise ConnectionError("nobody answers")


@pytest.mark.django_db
def test_an_occurrence_noted_by_three_schedulers_runs_once(declare: Declare) -> None:
    ran: list[str] = []
    declare("tests.tick", 60, lambda: ran.append("tick"))

    for second in (0, 1, 2):
        running.note_due(START + timedelta(seconds=second))
    counts = [running.run_open() for _ in range(3)]

    assert (counts, ran) == ([1, 0, 0], ["tick"])


@pytest.mark.django_db
def test_what_was_missed_is_made_up_for_only_where_that_was_asked(declare: Declare) -> None:
    ran: list[str] = []
    declare("tests.newest", 60, lambda: ran.append("newest"))
    declare("tests.each", 60, lambda: ran.append("each"), catch_up=True)

    running.note_due(START)
    running.note_due(START + timedelta(minutes=5))
    running.run_open()

    assert (ran.count("newest"), ran.count("each")) == (2, 6)


@pytest.mark.django_db
def test_a_schedule_that_fails_does_not_hold_up_the_others_and_is_given_up_after_five(
    declare: Declare,
) -> None:
    ran: list[str] = []
    declare("tests.broken", 60, fails)
    declare("tests.sound", 60, lambda: ran.append("sound"))
    running.note_due(START)

    for _ in range(7):
        running.run_open()

    broken = Occurrence.objects.get(schedule="tests.broken")
    assert ran == ["sound"]
    assert (broken.attempts, broken.done_at is not None, broken.error) == (5, True, "nobody answers")


@pytest.mark.django_db
def test_work_that_fails_leaves_nothing_behind(declare: Declare) -> None:
    def half() -> None:
        running.beat("half done")
        fails()

    declare("tests.half", 60, half)
    running.note_due(START)

    running.run_open()

    assert running.Heartbeat.objects.filter(process="half done").exists() is False


@pytest.mark.django_db
def test_forgetting_old_occurrences_never_makes_one_due_again(declare: Declare) -> None:
    ran: list[str] = []
    declare("tests.daily", 86_400, lambda: ran.append("daily"))
    moment = timezone.now()
    running.note_due(moment - timedelta(days=1))
    running.note_due(moment)
    running.run_open()
    Occurrence.objects.update(done_at=moment - timedelta(hours=7))

    forgotten = running.forget_old()
    running.note_due(moment)
    running.run_open()

    assert (forgotten, ran) == (1, ["daily", "daily"])


TICKS = 1000
KILL_AT = range(30, 930, 30)  # thirty of them, spread over the run


def schedule_and_report(report: Connection, start: int) -> None:
    """One scheduler and worker in a process of its own, ten ticks of given time a second, as fast as it can."""
    connections.close_all()
    for tick in range(start, TICKS + 1):
        running.note_due(START + timedelta(seconds=tick / 10))
        running.run_open()
        report.send(tick)


class Schedulers:
    """Three processes; each that dies is replaced, until one has got to the end."""

    def __init__(self) -> None:
        self.context: Any = multiprocessing.get_context("fork")
        self.running: dict[Connection, Any] = {}
        self.progress: dict[Connection, int] = {}
        self.kills = 0

    def start(self, at: int = 1) -> None:
        here, there = self.context.Pipe(duplex=False)
        process = self.context.Process(target=schedule_and_report, args=(there, at))
        process.start()
        there.close()
        self.running[here] = process
        self.progress[here] = at - 1

    def kill(self, line: Connection) -> None:
        process = self.running.pop(line)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        self.kills += 1

    def ticks(self) -> Iterator[Connection]:
        """The line of whoever has just done a tick; ends when nobody runs."""
        while self.running:
            for line in wait(list(self.running), timeout=60):
                try:
                    self.progress[line] = line.recv()
                except EOFError:
                    self.running.pop(line).join()
                    continue
                yield line


def effects() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tests_effect")
        return int(cursor.fetchone()[0])


def one_effect() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO tests_effect DEFAULT VALUES")


@pytest.fixture
def effect_table(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE tests_effect (id bigserial PRIMARY KEY)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE tests_effect")


@pytest.mark.kill
@pytest.mark.usefixtures("effect_table")
def test_a_thousand_ticks_of_three_schedulers_that_are_killed_have_a_thousand_effects(
    declare: Declare,
) -> None:
    declare("tests.tick", 0.1, one_effect, catch_up=True)
    running.note_due(START)
    Occurrence.objects.update(done_at=START)
    connections.close_all()
    schedulers = Schedulers()
    waiting = list(KILL_AT)
    for _ in range(3):
        schedulers.start()

    for line in schedulers.ticks():
        if waiting and line in schedulers.running and schedulers.progress[line] >= waiting[0]:
            waiting.pop(0)
            schedulers.kill(line)
            schedulers.start(max(schedulers.progress.values()))
    running.run_open(limit=TICKS)

    assert schedulers.kills == len(KILL_AT)
    assert Occurrence.objects.filter(done_at__isnull=False).count() == TICKS + 1
    assert effects() == TICKS


# What the desk says about it


@pytest.mark.django_db
def test_what_the_desk_pauses_is_not_done_and_goes_on_afterwards(declare: Declare) -> None:
    ran: list[str] = []
    declare("tests.judge", 60, lambda: ran.append("judge"), says="Judge.")
    set_schedule("tests.judge", changes={"is_paused": True}, actor=SYSTEM)

    running.note_due(START)
    running.run_open()
    paused = list(ran)
    set_schedule("tests.judge", changes={"is_paused": False}, actor=SYSTEM)
    running.note_due(START + timedelta(minutes=1))
    running.run_open()

    assert (paused, ran) == ([], ["judge"])
    assert Change.objects.filter(change_category="SCHEDULE").count() == 2


@pytest.mark.django_db
def test_what_the_desk_slows_down_is_done_as_often_as_it_says(declare: Declare) -> None:
    ran: list[str] = []
    declare("tests.judge", 60, lambda: ran.append("judge"), says="Judge.")
    set_schedule("tests.judge", changes={"minutes": 30}, actor=SYSTEM)

    for minute in range(60):
        running.note_due(START + timedelta(minutes=minute))
        running.run_open()

    assert len(ran) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("tests.judge", {"minutes": 4}),
        ("tests.judge", {"minutes": 0}),
        ("tests.judge", {"minutes": 10_081}),
        ("tests.judge", {"seconds": 1}),
        ("tests.sweep", {"is_paused": True}),
        ("tests.nothing", {"is_paused": True}),
    ],
)
def test_what_would_be_too_often_too_rare_or_the_product_itself_is_refused(
    name: str, changes: dict[str, Any], declare: Declare
) -> None:
    declare("tests.judge", 300, list, says="Judge.")
    declare("tests.sweep", 5, list)

    with pytest.raises(DomainError):
        set_schedule(name, changes=changes, actor=SYSTEM)

    assert not ScheduleSetting.objects.exists()


@pytest.mark.django_db
def test_only_those_who_configure_set_a_schedule(declare: Declare) -> None:
    declare("tests.judge", 300, list, says="Judge.")

    with pytest.raises(NotPermittedError):
        set_schedule("tests.judge", changes={"is_paused": True}, actor=an_actor(Role.AE))

    assert not ScheduleSetting.objects.exists()
