"""An approval covers each mail as it read when it was given, and nothing else leaves under it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.outbox import ALWAYS, a_running_campaign
from crm.services.contacts import update_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.exceptions import DomainError
from outreach.models import ApprovedContent, Campaign, Mailbox, Touch
from outreach.selectors.approved import WAITS
from outreach.selectors.campaigns import shown_fingerprint
from outreach.selectors.readiness import findings
from outreach.services.approvals import stamp_content
from outreach.services.campaigns import approve_campaign, pause_campaign
from outreach.services.experiments import promote_variant
from outreach.services.sequences import update_step
from outreach.services.touches import plan_touches, rewrite_touch
from outreach.tests.campaign_builders import a_campaign, a_signal, a_touch, an_approved_campaign, running
from outreach.tests.sending import a_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(tmp_path):
    with a_post(tmp_path) as opened:
        yield opened


def send_now(post) -> None:
    Mailbox.objects.update(**ALWAYS)
    Touch.objects.filter(state="scheduled").update(next_at=clock.now() - timedelta(minutes=1))
    post.send()


def test_a_mail_that_reads_otherwise_than_approved_waits_and_the_others_leave(post):
    campaign = running(an_approved_campaign(2))
    changed, other = campaign.enrollments.all()
    update_contact(changed.contact, changes={"first_name": "Buy https://evil.example/x NOW"}, actor=SYSTEM)

    plan_touches()
    send_now(post)

    waiting = Touch.objects.get(enrollment=changed)
    assert (waiting.state, waiting.approved_hash, waiting.last_error) == ("scheduled", "", WAITS)
    assert [recipient for recipient, _ in post.sink.mails] == [other.contact.email]
    (finding,) = (each for each in findings(campaign) if each.code == "words_changed")
    assert finding.sentence.startswith("1 mail reads otherwise than approved")


def test_a_new_approval_lets_the_mail_leave_as_it_reads_now(post):
    campaign = running(an_approved_campaign(1))
    update_contact(campaign.enrollments.get().contact, changes={"first_name": "Anne"}, actor=SYSTEM)
    plan_touches()

    approve_campaign(campaign, actor=SYSTEM)
    send_now(post)

    touch = campaign.touches.get()
    assert (touch.state, touch.last_error) == ("sent", "")
    assert "Anne" in touch.body


def test_a_mail_written_anew_is_held_to_the_approval_too():
    campaign = running(an_approved_campaign(1))
    plan_touches()
    touch = campaign.touches.get()
    update_contact(touch.contact, changes={"first_name": "Anne"}, actor=SYSTEM)

    rewrite_touch(touch.pk, next_at=clock.now())

    touch.refresh_from_db()
    assert (touch.approved_hash, touch.last_error) == ("", WAITS)


def test_every_variant_of_a_test_is_approved_with_it():
    variants = {"ab_element": "subject", "ab_variants": ("Join our growth", "Scale with us, {FirstName}")}
    campaign = running(an_approved_campaign(2, **variants))
    plan_touches()

    for letter in "AB":
        Campaign.objects.get().experiment.__class__.objects.update(state="running", promoted=None)
        promote_variant(campaign, letter, actor=SYSTEM)

    assert set(campaign.touches.values_list("approved_hash", "last_error")) == {(campaign.approved_hash, "")}


def test_time_that_passes_changes_no_mail_that_was_approved(settings):
    settings.SANDBOX = True
    campaign = a_campaign(1, theme="hiring")
    a_signal(campaign.enrollments.get().contact)
    campaign = running(approve_campaign(campaign, actor=SYSTEM))

    clock.advance(timedelta(days=400), actor=SYSTEM)
    plan_touches()

    touch = campaign.touches.get()
    assert touch.last_error == ""
    assert touch.approved_hash == campaign.approved_hash


def test_only_what_was_shown_is_approved():
    campaign = a_campaign(1)
    shown = shown_fingerprint(campaign)
    a_signal(campaign.enrollments.get().contact)

    with pytest.raises(DomainError) as refusal:
        approve_campaign(campaign, actor=SYSTEM, shown=shown)
    approved = approve_campaign(campaign, actor=SYSTEM, shown=shown_fingerprint(campaign))

    assert refusal.value.code == "changed_since_shown"
    assert approved.state == "active"


def test_ten_times_the_people_take_no_more_statements_to_approve():
    counts = []
    for people in (20, 200):
        campaign = a_running_campaign(people, steps=3)
        with CaptureQueriesContext(connection) as seen:
            stamp_content(campaign)
        counts.append(len(seen))

    assert counts[0] == counts[1]
    assert ApprovedContent.objects.count() == 220


def test_a_new_approval_before_the_first_mail_opens_the_window_to_cancel_again():
    campaign = an_approved_campaign(1)
    pause_campaign(campaign, actor=SYSTEM)
    Campaign.objects.update(starts_at=clock.now() - timedelta(hours=20))
    update_step(campaign.steps.get(number=1), changes={"subject": "Other words"}, actor=SYSTEM)

    again = approve_campaign(campaign, actor=SYSTEM)

    assert timedelta(minutes=14) < again.starts_at - clock.now() <= timedelta(minutes=15)


def test_a_new_approval_after_the_first_mail_starts_nothing_anew():
    campaign = running(an_approved_campaign(2))
    a_touch(campaign.enrollments.first())
    pause_campaign(campaign, actor=SYSTEM)
    update_step(campaign.steps.get(number=2), changes={"subject": "Other words"}, actor=SYSTEM)

    again = approve_campaign(campaign, actor=SYSTEM)

    assert again.starts_at == campaign.starts_at


def test_mails_planned_before_a_new_approval_wait_for_its_window_too():
    campaign = an_approved_campaign(1)
    plan_touches()
    pause_campaign(campaign, actor=SYSTEM)
    Campaign.objects.update(starts_at=clock.now() - timedelta(hours=20))
    Touch.objects.update(next_at=clock.now() - timedelta(minutes=1))
    update_step(campaign.steps.get(number=1), changes={"subject": "Other words"}, actor=SYSTEM)

    again = approve_campaign(campaign, actor=SYSTEM)

    assert Touch.objects.get().next_at >= again.starts_at
