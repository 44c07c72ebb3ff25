"""Business time: one row, forward only, and only in the sandbox."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from gtmos.kernel import clock
from gtmos.kernel.clock import BusinessClock
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_without_a_row_business_time_is_real_time() -> None:
    before = timezone.now()
    now = clock.now()

    assert before <= now <= timezone.now()
    assert clock.is_moved() is False


def test_the_clock_can_be_moved_forward() -> None:
    before = clock.now()

    moved = clock.advance(timedelta(days=3), actor=an_actor())

    assert timedelta(days=3) <= moved - before < timedelta(days=3, minutes=1)
    assert (clock.now() >= moved, clock.is_moved()) == (True, True)


def test_moving_twice_adds_up() -> None:
    actor = an_actor()
    before = clock.now()

    clock.advance(timedelta(days=1), actor=actor)
    clock.advance(timedelta(days=2), actor=actor)

    assert timedelta(days=3) <= clock.now() - before < timedelta(days=3, minutes=1)


def test_the_clock_never_goes_back() -> None:
    with pytest.raises(DomainError) as refused:
        clock.advance(timedelta(seconds=-1), actor=an_actor())

    assert (refused.value.code, BusinessClock.objects.exists()) == ("clock_backwards", False)


def test_only_the_sandbox_may_move_time(settings: Any) -> None:
    settings.SANDBOX = False

    with pytest.raises(DomainError) as refused:
        clock.advance(timedelta(days=1), actor=an_actor())

    assert (refused.value.code, BusinessClock.objects.exists()) == ("clock_is_real", False)


def test_outside_the_sandbox_a_row_left_behind_has_no_effect(settings: Any) -> None:
    clock.advance(timedelta(days=30), actor=an_actor())

    settings.SANDBOX = False

    assert abs(clock.now() - timezone.now()) < timedelta(minutes=1)


def test_a_viewer_may_not_move_time() -> None:
    with pytest.raises(NotPermittedError):
        clock.advance(timedelta(days=1), actor=an_actor(Role.VIEWER))


def test_time_may_run_faster() -> None:
    row = BusinessClock(base_at=MOMENT, set_at=MOMENT, rate=60)

    assert row.at(MOMENT + timedelta(minutes=2)) == MOMENT + timedelta(hours=2)


def test_a_burst_of_work_reads_the_row_once(django_assert_num_queries: Any) -> None:
    clock.advance(timedelta(days=1), actor=an_actor())

    with django_assert_num_queries(1):
        now = clock.reader()
        moments = [now() for _ in range(5)]

    assert moments == sorted(moments)
