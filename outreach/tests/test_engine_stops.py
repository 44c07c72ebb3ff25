"""Stopping wins, and nothing is done twice however often it is asked for."""

import os
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.outbox import due_touches
from crm.services.contacts import mark_bounced, opt_out, pause_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from outreach import tasks
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
from outreach.models import Campaign, Touch, TouchAttempt
from outreach.services.enrollments import finish_enrollment, pause_enrollment
from outreach.services.finishing import finish_due
from outreach.services.launching import complete_campaign
from outreach.services.suppression import suppress, suppress_all
from outreach.services.touches import plan_touches
from outreach.tests.sending import QUICK, a_post

pytestmark = pytest.mark.django_db(transaction=True)


MAILS, STOPS = int(os.environ.get("GTMOS_TEST_MAILS", "3000")), 5


def test_no_hand_over_begins_after_a_stop_has_committed(tmp_path) -> None:
    """A fifth of the people stop in one of seven ways while the mails go out; both sides are timed by the database's clock."""
    campaign = due_touches(MAILS)
    touches = list(campaign.touches.select_related("contact", "enrollment__campaign").order_by("?"))
    touches = touches[: MAILS // STOPS]
    stopped: dict[int, object] = {}

    def stop_them(mine: list[Touch]) -> None:
        for touch in mine:
            WAYS_TO_STOP[touch.pk % len(WAYS_TO_STOP)](touch)
            stopped[touch.pk] = _database_time()
        connection.close()

    stoppers = [threading.Thread(target=stop_them, args=(touches[start::2],)) for start in range(2)]
    with a_post(tmp_path) as post:
        for stopper in stoppers:
            stopper.start()
        post.send(connections=4, budget_seconds=120)
        for stopper in stoppers:
            stopper.join()
        post.send(budget_seconds=120)

        accepted = dict(post.sink.accepted)
    ended = list(Touch.objects.filter(pk__in=stopped))
    violations = [
        touch.pk for touch in ended if touch.handed_at is not None and touch.handed_at > stopped[touch.pk]
    ]
    assert len(stopped) == len(touches)
    assert violations == []
    assert sum(touch.state != "sent" for touch in ended) > len(ended) // 20
    assert all((touch.message_id in accepted) == (touch.state == "sent") for touch in ended)
    assert post.doubles == 0
    assert campaign.touches.filter(state="sent").count() == len(accepted)


def _pause(touch: Touch) -> None:
    until = clock.now() + timedelta(days=3)
    pause_enrollment(touch.enrollment, until=until, reason="Rests.", actor=SYSTEM)


# None of them needs the mail to have left: people stop for reasons of their own.
WAYS_TO_STOP = (
    lambda touch: suppress(touch.recipient, reason="unsubscribed", actor=SYSTEM),
    lambda touch: suppress_all([touch.recipient], reason="imported", actor=SYSTEM),
    _pause,
    lambda touch: finish_enrollment(touch.enrollment, outcome="replied", actor=SYSTEM),
    lambda touch: opt_out(touch.contact, at=clock.now(), detail="", actor=SYSTEM),
    lambda touch: mark_bounced(touch.contact, actor=SYSTEM),
    lambda touch: pause_contact(touch.contact, until=clock.now() + timedelta(days=3), actor=SYSTEM),
)


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


@pytest.mark.parametrize("mails", [300, 600])
def test_no_hand_over_begins_after_the_campaign_was_completed_and_its_people_are_out(tmp_path, mails) -> None:
    campaign = due_touches(mails)
    completed_at: list[object] = []

    def complete() -> None:
        while TouchAttempt.objects.count() < 40:
            continue
        complete_campaign(campaign, actor=SYSTEM)
        completed_at.append(_database_time())
        while finish_due() or campaign.enrollments.exclude(state="finished").exists():
            continue
        connection.close()

    stopper = threading.Thread(target=complete)
    with a_post(tmp_path) as post:
        stopper.start()
        post.send(connections=4)
        stopper.join()
    finish_due()

    assert 40 <= campaign.touches.filter(state="sent").count() < mails
    assert campaign.touches.filter(handed_at__gt=completed_at[0]).count() == 0
    assert set(campaign.touches.values_list("state", flat=True)) == {"sent", "cancelled"}
    assert set(campaign.enrollments.values_list("state", "outcome")) == {("finished", "cancelled")}
    assert Campaign.objects.get().state == "completed"


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
