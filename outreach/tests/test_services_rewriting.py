"""Mails that wait follow what was changed meanwhile: the sender, the variant, the message itself."""

from datetime import time, timedelta

import pytest

from benchmarks.outbox import ALWAYS, a_running_campaign, due_touches
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from outreach.engine.announcing import announce
from outreach.models import Campaign, Enrollment, Mailbox, Touch, Variant
from outreach.selectors.suppression import is_suppressed
from outreach.services.campaigns import approve_campaign, pause_campaign, resume_campaign, update_campaign
from outreach.services.experiments import look_at_all, promote_variant
from outreach.services.sequences import add_step, remove_step
from outreach.services.touches import plan_touches, retry_touch
from outreach.tests.campaign_builders import a_mailbox, a_product, a_touch, an_approved_campaign, running
from outreach.tests.sending import a_post

pytestmark = pytest.mark.django_db(transaction=True)

TEST = {"ab_element": "subject", "ab_variants": ("Join our growth", "Scale with us")}


@pytest.fixture
def post(tmp_path):
    with a_post(tmp_path) as opened:
        yield opened


def test_a_bounce_after_trying_again_refuses_the_address_like_any_other():
    touch = due_touches(1).touches.get()
    Touch.objects.update(state="failed", attempts=3, last_error="Given up after 3 tries.")
    announce()

    again = retry_touch(touch, actor=SYSTEM)
    Touch.objects.update(state="failed", bounced_at=clock.now(), last_error="550 5.1.1 no such user")
    announce()

    assert (again.state, again.attempts, again.announced) == ("scheduled", 0, "")
    assert is_suppressed(touch.recipient)


def test_mails_planned_for_one_mailbox_leave_from_the_one_that_replaced_it(post):
    campaign = running(an_approved_campaign(1))
    plan_touches()
    new = a_mailbox(display_name="Nina New")
    pause_campaign(campaign, actor=SYSTEM)
    update_campaign(campaign, changes={"mailbox": new}, actor=SYSTEM)
    approve_campaign(campaign, actor=SYSTEM)
    resume_campaign(campaign, actor=SYSTEM)
    Mailbox.objects.update(**ALWAYS)
    Campaign.objects.update(starts_at=clock.now() - timedelta(hours=1))
    Touch.objects.update(next_at=clock.now() - timedelta(minutes=1))

    post.send()

    assert campaign.touches.get().mailbox == new
    ((_, mail),) = post.sink.mails
    assert f'From: "Nina New" <{new.address}>'.encode() in mail


def test_a_mail_tried_again_counts_for_the_variant_that_it_reads():
    campaign = running(an_approved_campaign(1, **TEST))
    enrollment = campaign.enrollments.get()
    touch = a_touch(enrollment, state="failed")
    other = Variant.objects.exclude(pk=enrollment.variant_id).get()
    Enrollment.objects.update(variant=other)

    again = retry_touch(touch, actor=SYSTEM)

    assert (again.variant, again.subject) == (other, other.text)


@pytest.mark.parametrize("state", ["late", "failed"])
def test_a_promotion_rewrites_mails_that_a_person_may_still_send(state):
    campaign = running(an_approved_campaign(1, **TEST))
    enrollment = campaign.enrollments.get()
    touch = a_touch(enrollment, state=state)
    other = Variant.objects.exclude(pk=enrollment.variant_id).get()

    promote_variant(campaign, other.letter, actor=SYSTEM)

    touch.refresh_from_db()
    assert (touch.state, touch.variant, touch.subject) == (state, other, other.text)


def test_a_message_that_replaces_one_taken_out_is_planned_for_who_waited(post):
    campaign = running(an_approved_campaign(1, touches=2))
    enrollment = campaign.enrollments.get()
    a_touch(enrollment, sent_at=clock.now() - timedelta(days=4))
    Enrollment.objects.update(first_sent_at=clock.now() - timedelta(days=4))
    a_touch(enrollment, step_no=2, state="scheduled")
    pause_campaign(campaign, actor=SYSTEM)

    remove_step(campaign.steps.get(number=2), actor=SYSTEM)
    add_step(campaign, subject="A new last mail", body="Hello {FirstName}", actor=SYSTEM)
    approve_campaign(campaign, actor=SYSTEM)
    resume_campaign(campaign, actor=SYSTEM)
    plan_touches()

    planned = campaign.touches.get(step_no=2)
    assert (planned.state, planned.subject, planned.step) == (
        "scheduled",
        "A new last mail",
        campaign.steps.get(number=2),
    )


def test_a_mail_without_a_message_is_dropped_at_the_hand_over(post):
    campaign = due_touches(1)
    Touch.objects.update(step=None)

    post.send()

    assert campaign.touches.get().state == "cancelled"
    assert post.copies == 0


def test_a_campaign_that_cannot_be_planned_keeps_no_other_waiting(caplog):
    backwards = a_mailbox(window_start=time(17), window_end=time(9))
    bad = a_running_campaign(2, mailbox=backwards, starts_at=clock.now() - timedelta(days=20))
    good = a_running_campaign(2)

    made = plan_touches()

    assert (made, good.touches.count(), bad.touches.count()) == (2, 2, 0)
    assert [record.getMessage() for record in caplog.records] == [
        f"the mails of campaign {bad.pk} could not be planned"
    ]


def test_a_test_that_cannot_be_judged_keeps_no_other_from_being_looked_at(caplog):
    bad, good = (running(an_approved_campaign(1, product=a_product(name), **TEST)) for name in "AB")
    Variant.objects.filter(experiment__campaign=bad).delete()

    seen = look_at_all()

    good.experiment.refresh_from_db()
    assert (seen, good.experiment.looks) == (1, 1)
    assert [record.getMessage() for record in caplog.records] == [
        f"the test {bad.experiment.pk} could not be looked at"
    ]
