from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.services.activities import log_activity
from crm.services.contacts import opt_out
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.dispatch import dispatch_pending
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.people.models import Role
from outreach.enums import Outcome
from outreach.models import Enrollment, Touch
from outreach.selectors.suppression import is_suppressed
from outreach.services.enrollments import finish_enrollment, pause_enrollment, resume_due
from outreach.tests.answering import a_written_to, state_of
from outreach.tests.campaign_builders import a_reader, an_actor

pytestmark = pytest.mark.django_db


def paused(touch, *, since: timedelta) -> Enrollment:
    until = clock.now() - since
    return pause_enrollment(touch.enrollment, until=until, reason="Away.", actor=SYSTEM)


def test_who_is_back_is_written_to_again_in_the_next_open_hours():
    (touch,) = a_written_to(contacts=[a_reader(time_zone="America/New_York")])
    Touch.objects.filter(enrollment=touch.enrollment_id, step_no=2).update(
        next_at=clock.now() - timedelta(days=3)
    )
    paused(touch, since=timedelta(minutes=1))

    resumed = resume_due()

    waiting = Touch.objects.get(enrollment=touch.enrollment_id, step_no=2)
    local = waiting.next_at.astimezone(ZoneInfo("America/New_York"))
    assert (resumed, state_of(touch)[1].state, waiting.state) == (1, "active", "scheduled")
    assert waiting.next_at >= clock.now() - timedelta(seconds=5)
    assert (9 <= local.hour < 17, local.weekday() < 5) == (True, True)


def test_a_mail_that_is_not_due_yet_keeps_its_time():
    (touch,) = a_written_to()
    at = clock.now() + timedelta(days=4)
    Touch.objects.filter(enrollment=touch.enrollment_id, step_no=2).update(next_at=at)
    paused(touch, since=timedelta(minutes=1))

    resume_due()

    assert Touch.objects.get(enrollment=touch.enrollment_id, step_no=2).next_at == at


def test_nobody_comes_back_too_early():
    (touch,) = a_written_to()
    paused(touch, since=timedelta(days=-1))

    assert (resume_due(), state_of(touch)[1].state) == (0, "paused")


def test_a_second_pause_only_makes_it_longer():
    (touch,) = a_written_to()
    now = clock.now()
    for days in (5, 2, 9):
        pause_enrollment(touch.enrollment, until=now + timedelta(days=days), reason="", actor=SYSTEM)

    assert state_of(touch)[1].paused_until == now + timedelta(days=9)


def test_an_end_is_final_and_only_a_graver_one_replaces_it():
    (touch,) = a_written_to()

    outcomes = []
    for outcome in (Outcome.REPLIED, Outcome.COMPLAINED, Outcome.MEETING):
        finish_enrollment(touch.enrollment, outcome=outcome, actor=SYSTEM)
        outcomes.append(state_of(touch)[1].outcome)

    assert outcomes == ["replied", "complained", "complained"]


def test_a_viewer_ends_nothing():
    (touch,) = a_written_to()

    with pytest.raises(NotPermittedError):
        finish_enrollment(touch.enrollment, outcome=Outcome.CANCELLED, actor=an_actor(Role.VIEWER))

    assert state_of(touch)[1].state == "active"


@pytest.mark.django_db(transaction=True)
def test_an_opt_out_by_hand_ends_every_sequence_and_refuses_the_address():
    (touch,) = a_written_to()

    opt_out(touch.contact, at=clock.now(), detail="Said so on the phone.", actor=SYSTEM)
    dispatch_pending()

    assert (state_of(touch)[1].outcome, is_suppressed(touch.recipient)) == ("unsubscribed", True)


@pytest.mark.django_db(transaction=True)
def test_a_meeting_that_somebody_notes_counts_for_the_last_mail_before_it():
    (touch,) = a_written_to()
    at = clock.now()

    log_activity(type="meeting", subject="Demo", contact=touch.contact, happened_at=at, actor=SYSTEM)
    dispatch_pending()

    sent, enrollment = state_of(touch)
    assert (sent.meeting_at, enrollment.outcome) == (at, "meeting")
