"""Facts: written with the change, delivered once to each who listens, in order, until it works or is given up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from django.utils import timezone

from gtmos.kernel import events
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events import dispatch, publishing
from gtmos.kernel.events.enums import Priority
from gtmos.kernel.events.models import Delivery, DeliveryState, EventRecord
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.people.models import Role, Team
from gtmos.kernel.tests.builders import a_team, an_actor


@dataclass(frozen=True, slots=True)
class BellRang(events.Event):
    name: ClassVar[str] = "tests.bell_rang"
    number: int


@dataclass(frozen=True, slots=True)
class FireBroke(events.Event):
    name: ClassVar[str] = "tests.fire_broke"
    priority: ClassVar[Priority] = Priority.HIGH
    number: int


@dataclass(frozen=True, slots=True)
class DustFell(events.Event):
    name: ClassVar[str] = "tests.dust_fell"
    priority: ClassVar[Priority] = Priority.LOW
    number: int


Listen = Callable[..., None]


@pytest.fixture
def listen(monkeypatch: pytest.MonkeyPatch) -> Listen:
    """Lets handlers listen to the bell under a name of their own, for one test."""
    handlers: dict[str, publishing.Handler] = {}
    for each in (BellRang, FireBroke, DustFell):
        monkeypatch.setitem(publishing._subscribers, each.name, handlers)

    def add(**named: publishing.Handler) -> None:
        handlers.update(named)

    return add


def ring(number: int, subject: Team | None = None) -> EventRecord:
    return events.publish(BellRang(number), subject=subject, actor=SYSTEM)


def fails(record: EventRecord) -> None:
    raise ConnectionError(f"nobody answers about {record.name}")


def make_due() -> None:
    Delivery.objects.filter(state=DeliveryState.WAITING).update(next_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_fact_outside_the_transaction_of_its_change_is_refused() -> None:
    with pytest.raises(RuntimeError, match="must be published inside the transaction"):
        ring(1)

    assert EventRecord.objects.count() == 0


@pytest.mark.django_db
def test_each_listener_hears_a_fact_once(listen: Listen) -> None:
    heard: list[tuple[str, UUID]] = []
    listen(one=lambda record: heard.append(("one", record.pk)))
    listen(two=lambda record: heard.append(("two", record.pk)))
    record = ring(1)

    first = dispatch.dispatch_pending()
    second = dispatch.dispatch_pending()

    assert (first, second) == (2, 0)
    assert sorted(heard) == [("one", record.pk), ("two", record.pk)]


@pytest.mark.django_db
def test_a_fact_keeps_who_what_and_about_which_record(listen: Listen) -> None:
    team = a_team()
    actor = an_actor()

    record = events.publish(BellRang(7), subject=team, actor=actor)

    record.refresh_from_db()
    assert (record.name, record.payload) == ("tests.bell_rang", {"number": 7})
    assert (record.subject_type, record.subject_id) == ("kernel.team", team.pk)
    assert (record.user, record.actor_kind) == (actor.user, "user")


@pytest.mark.django_db
def test_a_listener_that_fails_waits_longer_each_time_while_the_others_go_on(listen: Listen) -> None:
    heard: list[UUID] = []
    listen(broken=fails, sound=lambda record: heard.append(record.pk))
    record = ring(1)

    dispatch.dispatch_pending()
    waits = []
    for _ in range(3):
        waits.append(Delivery.objects.get(subscriber="broken").next_at - timezone.now())
        make_due()
        dispatch.dispatch_pending()

    broken = Delivery.objects.get(subscriber="broken")
    assert heard == [record.pk]
    assert [round(wait.total_seconds()) for wait in waits] == [2, 4, 8]
    assert (broken.state, broken.attempts) == ("waiting", 4)
    assert "ConnectionError: nobody answers about tests.bell_rang" in broken.error


@pytest.mark.django_db
def test_what_a_failing_listener_wrote_is_rolled_back(listen: Listen) -> None:
    def writes_then_fails(record: EventRecord) -> None:
        Team.objects.create(name="half done")
        fails(record)

    listen(broken=writes_then_fails)
    ring(1)

    dispatch.dispatch_pending()

    assert Team.objects.filter(name="half done").exists() is False


@pytest.mark.django_db
def test_facts_about_one_record_arrive_in_order_also_when_the_first_has_to_wait(listen: Listen) -> None:
    team = a_team()
    heard: list[int] = []
    refuses = [True]

    def hear(record: EventRecord) -> None:
        if refuses and record.payload["number"] == 1:
            refuses.pop()
            fails(record)
        heard.append(record.payload["number"])

    listen(one=hear)
    for number in (1, 2, 3):
        ring(number, team)
    ring(9, a_team())

    dispatch.dispatch_pending()
    after_the_failure = list(heard)
    make_due()
    dispatch.dispatch_pending()

    assert after_the_failure == [9]
    assert heard == [9, 1, 2, 3]


@pytest.mark.django_db
def test_after_twelve_failures_a_delivery_is_given_up_and_the_next_one_comes_through(listen: Listen) -> None:
    team = a_team()
    heard: list[int] = []

    def hear(record: EventRecord) -> None:
        if record.payload["number"] == 1:
            fails(record)
        heard.append(record.payload["number"])

    listen(one=hear)
    ring(1, team)
    ring(2, team)

    for _ in range(12):
        make_due()
        dispatch.dispatch_pending()

    states = list(Delivery.objects.order_by("id").values_list("state", "attempts"))
    assert states == [("dead", 12), ("done", 1)]
    assert heard == [2]


@pytest.mark.django_db
def test_what_was_given_up_can_be_played_again(listen: Listen) -> None:
    heard: list[int] = []
    listen(one=lambda record: heard.append(record.payload["number"]))
    ring(5)
    Delivery.objects.update(state=DeliveryState.DEAD, attempts=12)

    dispatch.dispatch_pending()
    before = list(heard)
    dispatch.replay(Delivery.objects.get(), actor=an_actor(Role.REVOPS))
    dispatch.dispatch_pending()

    assert (before, heard) == ([], [5])
    assert Delivery.objects.get().state == "done"


@pytest.mark.django_db
def test_only_revops_may_play_a_fact_again(listen: Listen) -> None:
    listen(one=fails)
    ring(5)

    with pytest.raises(NotPermittedError):
        dispatch.replay(Delivery.objects.get(), actor=an_actor(Role.AE))


@pytest.mark.django_db
def test_a_fact_whose_listener_is_gone_is_closed_with_a_note(listen: Listen) -> None:
    listen(one=fails)
    ring(5)
    Delivery.objects.update(subscriber="removed")

    dispatch.dispatch_pending()

    assert Delivery.objects.values_list("state", "error").get() == (
        "done",
        "Nobody listens to this any more.",
    )


def test_the_pause_never_grows_beyond_an_hour() -> None:
    pauses = [dispatch.pause_after(attempts) for attempts in (1, 5, 11, 12)]

    assert pauses == [
        timedelta(seconds=2),
        timedelta(seconds=32),
        timedelta(minutes=34, seconds=8),
        timedelta(hours=1),
    ]


def test_values_become_plain_without_losing_a_digit() -> None:
    actor: Actor = SYSTEM
    values = {"money": publishing.Decimal("0.10"), "many": (1, 2), "word": actor.label}

    assert publishing.plain(values) == {"money": "0.10", "many": [1, 2], "word": "system"}


@pytest.mark.django_db
def test_an_urgent_fact_overtakes_a_hundred_that_can_wait(listen: Listen) -> None:
    heard: list[tuple[str, int]] = []
    listen(one=lambda record: heard.append((record.name, record.payload["number"])))
    for number in range(100):
        events.publish(DustFell(number), actor=SYSTEM)
    ring(100)
    events.publish(FireBroke(101), actor=SYSTEM)

    dispatch.dispatch_pending()

    assert heard[:3] == [("tests.fire_broke", 101), ("tests.bell_rang", 100), ("tests.dust_fell", 0)]
    assert heard[2:] == [("tests.dust_fell", number) for number in range(100)]


@pytest.mark.django_db
def test_an_urgent_fact_never_overtakes_an_earlier_one_about_the_same_record(listen: Listen) -> None:
    team = a_team()
    heard: list[int] = []
    listen(one=lambda record: heard.append(record.payload["number"]))
    for number in range(20):
        events.publish(DustFell(number), actor=SYSTEM)
    events.publish(DustFell(100), subject=team, actor=SYSTEM)
    events.publish(FireBroke(101), subject=team, actor=SYSTEM)

    dispatch.dispatch_pending()

    assert heard[:3] == [100, 101, 0]


@pytest.mark.django_db
def test_what_can_wait_still_gets_its_turn_while_urgent_facts_keep_coming(listen: Listen) -> None:
    heard: list[str] = []
    listen(one=lambda record: heard.append(record.name))
    events.publish(DustFell(0), actor=SYSTEM)
    for number in range(30):
        events.publish(FireBroke(number), actor=SYSTEM)

    dispatch.dispatch_pending()

    assert heard.index("tests.dust_fell") == 9
