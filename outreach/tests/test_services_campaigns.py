"""What happens to a campaign from its draft to its end."""

from datetime import timedelta

import pytest

from crm.models import Contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.history import of_record
from gtmos.kernel.people.models import Role
from outreach.enums import CampaignState, Outcome, ProspectState, TouchState
from outreach.models import Campaign, Step, Variant
from outreach.selectors.campaigns import content_fingerprint
from outreach.selectors.readiness import blockers
from outreach.services import campaigns, finishing, sequences
from outreach.services.suppression import suppress
from outreach.services.touches import plan_touches
from outreach.tests.campaign_builders import (
    a_campaign,
    a_product,
    a_reader,
    a_research,
    a_touch,
    an_actor,
    an_approved_campaign,
    running,
)

pytestmark = pytest.mark.django_db


def test_a_draft_has_three_touches_on_days_0_3_and_7_at_least_two_days_apart():
    campaign = a_campaign()

    steps = campaign.steps.values_list("number", "offset_days", "minimum_gap_hours")
    assert list(steps) == [(1, 0, 48), (2, 3, 48), (3, 7, 48)]


def test_later_touches_follow_weekly_and_an_interval_replaces_all_days():
    weekly = a_campaign(touches=5, product=a_product("One"))
    every_five = a_campaign(touches=3, interval_days=5, product=a_product("Two"))

    assert list(weekly.steps.values_list("offset_days", flat=True)) == [0, 3, 7, 14, 21]
    assert list(every_five.steps.values_list("offset_days", flat=True)) == [0, 5, 10]


def test_everybody_not_dismissed_is_enrolled_in_the_order_of_priority():
    readers = [a_reader() for _ in range(3)]
    research = a_research(readers)
    research.prospects.filter(contact=readers[1]).update(state=ProspectState.DISMISSED)

    campaign = a_campaign(research=research, contacts=[readers[0]])

    assert list(campaign.enrollments.values_list("contact", flat=True)) == [readers[0].pk, readers[2].pk]


def test_selected_prospects_are_taken_alone_when_there_are_any():
    readers = [a_reader() for _ in range(3)]
    research = a_research(readers)
    research.prospects.filter(contact=readers[2]).update(state=ProspectState.SELECTED)

    campaign = a_campaign(research=research, contacts=[readers[2]])

    assert list(campaign.enrollments.values_list("contact", flat=True)) == [readers[2].pk]


def test_people_who_may_not_be_written_to_are_left_out_and_counted_with_the_reason():
    later = clock.now() + timedelta(days=3)
    suppressed = a_reader()
    suppress(suppressed.email, reason="by_hand", detail="", actor=SYSTEM)
    chosen = [
        a_reader(),
        a_reader(do_not_email=True),
        a_reader(opted_out_at=clock.now()),
        a_reader(email_status="bounced"),
        a_reader(paused_until=later),
        a_reader(email=""),
        suppressed,
    ]

    campaign = a_campaign(contacts=chosen)

    assert campaign.enrollments.count() == 1
    assert campaign.skipped == {
        "do_not_email": 1,
        "opted_out": 1,
        "bounced": 1,
        "paused": 1,
        "no_address": 1,
        "suppressed": 1,
    }


def test_a_person_whose_pause_is_over_is_enrolled():
    campaign = a_campaign(contacts=[a_reader(paused_until=clock.now() - timedelta(minutes=1))])

    assert campaign.enrollments.count() == 1


def test_a_name_is_made_from_the_theme_and_the_search_and_is_never_given_twice():
    reader = a_reader()
    criteria = {"titles": ["cmo"], "industries": ["fintech"], "locations": ["New York"]}
    research = a_research([reader], criteria=criteria)

    first = a_campaign(research=research, theme="hiring", contacts=[reader])
    second = a_campaign(research=research, theme="hiring", contacts=[reader])

    assert (first.name, second.name) == ("Hiring, New York fintech CMOs", "Hiring, New York fintech CMOs 2")


def test_a_given_name_must_be_free():
    a_campaign(name="Spring")

    with pytest.raises(DomainError) as refusal:
        a_campaign(name="spring")

    assert refusal.value.code == "name_taken"


@pytest.mark.parametrize(
    ("slot", "value"), [("touches", 0), ("touches", 11), ("interval_days", 1), ("kind", "spam")]
)
def test_a_draft_refuses_what_makes_no_sense(slot, value):
    with pytest.raises(InvalidInputError):
        a_campaign(**{slot: value})

    assert Campaign.objects.count() == 0


def test_approving_records_who_and_what_and_leaves_a_quarter_of_an_hour_to_cancel():
    actor = an_actor(Role.SDR)
    campaign = a_campaign(actor=actor)
    before = clock.now()

    approved = campaigns.approve_campaign(campaign, actor=actor)

    assert approved.state == CampaignState.ACTIVE
    assert approved.approved_by == actor.user
    assert approved.approved_hash == content_fingerprint(approved)
    assert timedelta(minutes=15) <= approved.starts_at - before < timedelta(minutes=16)
    assert set(EventRecord.objects.filter(subject_id=campaign.pk).values_list("name", flat=True)) == {
        "outreach.campaign_drafted",
        "outreach.campaign_approved",
        "outreach.campaign_activated",
    }
    assert of_record(campaign).filter(change_category="STATE").get().new_values == {"state": "active"}


def test_approving_twice_changes_nothing():
    campaign = an_approved_campaign()

    again = campaigns.approve_campaign(campaign, actor=SYSTEM)

    assert again.starts_at == campaign.starts_at
    assert EventRecord.objects.filter(name="outreach.campaign_approved").count() == 1


def test_what_is_not_ready_is_not_approved_and_the_codes_are_named():
    campaign = a_campaign()
    campaign.mailbox.is_active = False
    campaign.mailbox.save()

    with pytest.raises(DomainError) as refusal:
        campaigns.approve_campaign(campaign, actor=SYSTEM)

    assert refusal.value.missing == ("mailbox_inactive",)
    assert Campaign.objects.get().state == CampaignState.DRAFT


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CSM, Role.EXECUTIVE])
def test_who_may_not_send_may_not_approve(role):
    campaign = a_campaign()

    with pytest.raises(NotPermittedError):
        campaigns.approve_campaign(campaign, actor=an_actor(role))


def test_cancelling_the_start_takes_the_approval_back():
    campaign = campaigns.cancel_start(an_approved_campaign(), actor=SYSTEM)

    assert (campaign.state, campaign.approved_hash, campaign.starts_at) == (CampaignState.READY, "", None)


def test_a_running_campaign_cannot_be_called_back():
    campaign = running(an_approved_campaign())

    with pytest.raises(DomainError) as refusal:
        campaigns.cancel_start(campaign, actor=SYSTEM)

    assert refusal.value.code == "wrong_state"


@pytest.mark.parametrize("start", [CampaignState.ACTIVE, CampaignState.RUNNING])
def test_resuming_goes_back_to_where_it_was_paused(start):
    campaign = an_approved_campaign()
    campaign = running(campaign) if start == CampaignState.RUNNING else campaign

    paused = campaigns.pause_campaign(campaign, reason="holidays", actor=SYSTEM)
    resumed = campaigns.resume_campaign(paused, actor=SYSTEM)

    assert (paused.state, paused.pause_reason) == (CampaignState.PAUSED, "holidays")
    assert (resumed.state, resumed.pause_reason, resumed.paused_from) == (start, "", "")


def test_a_change_after_the_approval_brings_it_back_to_a_draft():
    campaign = an_approved_campaign()

    sequences.update_step(
        campaign.steps.get(number=2), changes={"body": "Hi {FirstName}, short."}, actor=SYSTEM
    )

    campaign.refresh_from_db()
    assert (campaign.state, campaign.approved_hash, campaign.starts_at) == (CampaignState.DRAFT, "", None)


def test_a_running_campaign_is_changed_only_while_paused_and_then_approved_again():
    campaign = running(an_approved_campaign())
    a_touch(campaign.enrollments.first())
    step = campaign.steps.get(number=2)
    with pytest.raises(DomainError) as refusal:
        sequences.update_step(step, changes={"body": "Hi {FirstName}."}, actor=SYSTEM)
    assert refusal.value.code == "running"

    campaigns.pause_campaign(campaign, actor=SYSTEM)
    sequences.update_step(step, changes={"body": "Hi {FirstName}."}, actor=SYSTEM)
    with pytest.raises(DomainError) as unapproved:
        campaigns.resume_campaign(campaign, actor=SYSTEM)
    assert unapproved.value.code == "needs_approval"
    campaigns.approve_campaign(campaign, actor=SYSTEM)
    resumed = campaigns.resume_campaign(campaign, actor=SYSTEM)

    assert resumed.state == CampaignState.RUNNING


def test_a_text_with_a_field_that_nobody_knows_is_refused():
    campaign = a_campaign()

    with pytest.raises(InvalidInputError) as refusal:
        sequences.update_step(
            campaign.steps.get(number=1), changes={"body": "Hi {contact.owner.password}"}, actor=SYSTEM
        )

    assert refusal.value.code == "unknown_merge_field"


def test_a_message_can_be_added_at_the_end_and_taken_out_again():
    campaign = a_campaign()

    step = sequences.add_step(campaign, subject="Last", body="Hi {FirstName}", actor=SYSTEM)
    assert (step.number, step.offset_days) == (4, 14)
    sequences.remove_step(step, actor=SYSTEM)

    assert Step.objects.filter(campaign=campaign).count() == 3


def test_people_without_an_answer_are_finished_when_the_window_has_closed_and_the_campaign_with_them():
    campaign = running(an_approved_campaign(1, touches=1))
    touch = a_touch(campaign.enrollments.get(), sent_at=clock.now() - timedelta(days=7, minutes=1))

    assert finishing.finish_due() == 1

    assert touch.enrollment.__class__.objects.get().outcome == Outcome.NO_REPLY
    assert Campaign.objects.get().state == CampaignState.COMPLETED
    assert finishing.finish_due() == 0


def test_people_whose_window_is_open_or_who_have_mails_to_come_are_not_finished():
    campaign = running(an_approved_campaign(2, touches=2))
    first, second = campaign.enrollments.all()
    a_touch(first, sent_at=clock.now() - timedelta(days=30))
    a_touch(second, step_no=2, sent_at=clock.now() - timedelta(days=6))

    assert finishing.finish_due() == 0

    assert campaign.enrollments.filter(state="active").count() == 2


def test_a_person_to_whom_nothing_could_be_sent_leaves_the_campaign():
    campaign = running(an_approved_campaign(1))
    a_touch(campaign.enrollments.get(), state=TouchState.FAILED)

    finishing.finish_due()

    assert campaign.enrollments.get().outcome == Outcome.CANCELLED


def test_completing_by_hand_takes_everybody_out():
    campaign = running(an_approved_campaign(2))
    plan_touches()

    campaign = campaigns.complete_campaign(campaign, actor=SYSTEM)
    finishing.finish_due()

    assert campaign.state == CampaignState.COMPLETED
    assert list(campaign.touches.values_list("state", flat=True)) == ["cancelled", "cancelled"]
    assert campaign.enrollments.filter(state="finished", outcome="cancelled", version=2).count() == 2
    (told,) = of_record(campaign.enrollments.first()).filter(change_category="STATE")
    assert told.new_values == {"state": "finished", "outcome": "cancelled"}


def test_a_campaign_that_cannot_be_ended_keeps_no_other_open(caplog):
    tested = {"ab_element": "subject", "ab_variants": ("Join our growth", "Scale with us")}
    both = [running(an_approved_campaign(1, touches=1, product=a_product(name), **tested)) for name in "AB"]
    for campaign in both:
        a_touch(campaign.enrollments.get(), sent_at=clock.now() - timedelta(days=8))
    bad, good = sorted(both, key=lambda each: each.pk)
    Variant.objects.filter(experiment__campaign=bad).delete()

    assert finishing.finish_due() == 1

    assert dict(Campaign.objects.values_list("pk", "state")) == {bad.pk: "running", good.pk: "completed"}
    assert [record.getMessage() for record in caplog.records] == [
        f"the campaign {bad.pk} could not be finished"
    ]


def test_nobody_gets_a_mail_twice_because_an_address_is_spelt_in_two_ways():
    spellings = ("ann.lee@gmail.com", "AnnLee+work@googlemail.com", "annlee@gmail.com")
    first, second, third = (a_reader(email=email) for email in spellings)

    campaign = a_campaign(contacts=[first, second])
    skipped = campaigns.add_recipients(campaign, [third], actor=SYSTEM)

    assert (campaign.skipped, skipped) == ({"same_address": 1}, {"same_address": 1})
    assert campaign.enrollments.get().contact == first


def test_an_address_that_became_the_same_blocks_and_can_be_taken_out():
    campaign = a_campaign(contacts=[a_reader(email="ann@corp.example"), a_reader(email="bob@corp.example")])
    Contact.objects.filter(email="bob@corp.example").update(email="Ann+b@corp.example")

    found = [finding.code for finding in blockers(campaign)]
    campaigns.drop_recipients(campaign, code="same_address", actor=SYSTEM)

    assert found == ["same_address"]
    assert campaign.enrollments.get().contact.email == "ann@corp.example"
    assert blockers(campaign) == []


def test_a_draft_can_be_deleted_and_a_running_campaign_cannot():
    draft, sent = a_campaign(), running(an_approved_campaign(product=a_product("Other")))

    campaigns.delete_draft(draft, actor=SYSTEM)
    campaigns.delete_draft(draft, actor=SYSTEM)
    with pytest.raises(DomainError) as refusal:
        campaigns.delete_draft(sent, actor=SYSTEM)

    assert refusal.value.code == "not_a_draft"
    assert list(Campaign.objects.all()) == [sent]


def test_people_of_a_finding_can_be_taken_out_in_one_step():
    campaign = a_campaign(contacts=[a_reader(), a_reader(country="DE")])

    dropped = campaigns.drop_recipients(campaign, code="no_basis", actor=SYSTEM)

    assert (dropped, campaign.enrollments.count()) == (1, 1)


def test_adding_people_voids_the_approval():
    campaign = an_approved_campaign(1)

    skipped = campaigns.add_recipients(campaign, [a_reader(), a_reader(do_not_email=True)], actor=SYSTEM)

    campaign.refresh_from_db()
    assert skipped == {"do_not_email": 1}
    assert (campaign.state, campaign.enrollments.count()) == (CampaignState.DRAFT, 2)
