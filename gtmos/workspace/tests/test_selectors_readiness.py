"""What the installation says about itself to whoever watches over it."""

from datetime import timedelta

import pytest

from benchmarks.outbox import due_touches
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.workspace.selectors.readiness import readiness
from outreach.models import Mailbox, Touch

pytestmark = pytest.mark.django_db


def test_a_mail_that_waits_too_long_makes_the_installation_unready():
    due_touches(2)
    Touch.objects.update(next_at=clock.now() - timedelta(minutes=6))

    part = readiness()["oldest_due"]

    assert (part["ok"], part["touches_due"], part["seconds"] // 60) == (False, 2, 6)


def test_mails_that_nobody_may_send_now_are_not_late():
    due_touches(2)
    Touch.objects.update(next_at=clock.now() - timedelta(days=1))
    Mailbox.objects.update(is_active=False)

    assert readiness()["oldest_due"] == {
        "ok": True,
        "seconds": 0.0,
        "touches_due": 0,
        "oldest_touch_seconds": 0.0,
    }


def test_a_clock_that_was_moved_ahead_makes_nothing_late_at_once(settings):
    settings.SANDBOX = True
    due_touches(1)

    clock.advance(timedelta(days=3), actor=SYSTEM)

    part = readiness()["oldest_due"]
    assert (part["ok"], part["touches_due"]) == (True, 1)
