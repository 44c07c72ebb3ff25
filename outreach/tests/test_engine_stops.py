"""Stopping wins, and nothing is done twice however often it is asked for."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.outbox import due_touches
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from outreach import tasks
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
from outreach.models import Campaign, Enrollment, Touch, TouchAttempt
from outreach.services.suppression import suppress
from outreach.services.touches import plan_touches
from outreach.tests.sending import QUICK, a_post

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_hand_over_begins_after_a_stop_has_committed(tmp_path) -> None:
    """Two hundred people stop while six hundred mails go out. Both sides are timed by the database's clock."""
    campaign = due_touches(600)
    touches = list(campaign.touches.select_related("contact").order_by("?")[:200])
    stopped: dict[int, object] = {}

    def stop_them() -> None:
        dice = random.Random(3)
        for touch in touches:
            _stop(touch, dice.randrange(3))
            stopped[touch.pk] = _database_time()
        connection.close()

    stopper = threading.Thread(target=stop_them)
    with a_post(tmp_path) as post:
        stopper.start()
        post.send(connections=4)
        stopper.join()
        post.send()

        accepted = dict(post.sink.accepted)
    violations = [
        touch.pk
        for touch in Touch.objects.filter(pk__in=stopped, handed_at__isnull=False)
        if touch.handed_at > stopped[touch.pk]
    ]
    ended = Touch.objects.filter(pk__in=stopped)
    assert violations == []
    assert ended.exclude(state="sent").count() > 0
    assert all((touch.message_id in accepted) == (touch.state == "sent") for touch in ended)


def _stop(touch: Touch, kind: int) -> None:
    if kind == 0:
        suppress(touch.recipient, reason="unsubscribed", actor=SYSTEM)
        return
    with transaction.atomic():
        enrollment = Enrollment.objects.select_for_update().get(pk=touch.enrollment_id)
        enrollment.pause() if kind == 1 else enrollment.finish()
        enrollment.save()


def _database_time() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def test_no_hand_over_begins_after_the_campaign_was_paused(tmp_path) -> None:
    campaign = due_touches(300)
    paused_at: list[object] = []

    def pause() -> None:
        while TouchAttempt.objects.count() < 60:
            continue
        with transaction.atomic():
            row = Campaign.objects.select_for_update().get(pk=campaign.pk)
            row.pause()
            row.save()
        paused_at.append(_database_time())
        connection.close()

    stopper = threading.Thread(target=pause)
    with a_post(tmp_path) as post:
        stopper.start()
        post.send(connections=4)
        stopper.join()

    assert 60 <= campaign.touches.filter(state="sent").count() < 300
    assert campaign.touches.filter(handed_at__gt=paused_at[0]).count() == 0
    assert set(campaign.touches.values_list("state", flat=True)) == {"sent", "scheduled"}


def test_every_job_of_sending_done_twice_is_done_once(tmp_path) -> None:
    campaign = due_touches(4)
    Touch.objects.filter(pk=campaign.touches.order_by("pk")[0].pk).update(
        state="in_doubt", handed_at=timezone.now() - timedelta(hours=1)
    )
    stale = campaign.touches.order_by("pk")[1]
    Touch.objects.filter(pk=stale.pk).update(state="claimed", lease_until=timezone.now() - timedelta(hours=1))

    with a_post(tmp_path) as post:
        for _ in range(2):
            plan_touches()
            reap(terms=QUICK)
            reconcile(way=post.way, terms=QUICK)
            post.send()

        assert post.copies == 4
        assert post.doubles == 0
    assert set(campaign.touches.values_list("state", flat=True)) == {"sent"}


def test_the_jobs_are_known_by_their_names_and_do_nothing_where_nothing_is_due() -> None:
    jobs = (tasks.plan_due_touches, tasks.reap_touches, tasks.reconcile_touches)

    done = [job() for job in jobs for _ in range(2)]

    assert done == [0] * 6
    assert [job.name for job in (tasks.drain_touches, *jobs)] == [
        "outreach.drain_touches",
        "outreach.plan_touches",
        "outreach.reap_touches",
        "outreach.reconcile_touches",
    ]
    assert clock.now().tzinfo is not None
