"""Readiness, performance and previews: what is shown is what is there, at the same price for any size."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gtmos.context.models import Organisation
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.people.models import Role
from outreach.models import Campaign, Enrollment
from outreach.selectors.campaigns import content_fingerprint, find_campaign, list_rows, visible_campaigns
from outreach.selectors.messages import Composer, compose
from outreach.selectors.performance import Figures, performance, replies_by_category
from outreach.selectors.readiness import findings
from outreach.tests.campaign_builders import (
    a_campaign,
    a_product,
    a_reader,
    a_signal,
    a_touch,
    an_actor,
    an_approved_campaign,
    running,
)

pytestmark = pytest.mark.django_db


def codes(campaign: Campaign) -> set[str]:
    return {finding.code for finding in findings(campaign) if finding.blocks}


def test_a_complete_draft_has_nothing_that_blocks():
    assert codes(a_campaign()) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda campaign: campaign.enrollments.all().delete(), "no_recipients"),
        (lambda campaign: Campaign.objects.update(mailbox=None), "no_mailbox"),
        (lambda campaign: campaign.mailbox.__class__.objects.update(is_active=False), "mailbox_inactive"),
        (lambda campaign: campaign.mailbox.__class__.objects.update(daily_cap=0), "no_cap"),
        (lambda campaign: Organisation.objects.update(postal_address=" "), "no_postal_address"),
        (lambda campaign: campaign.steps.all().delete(), "no_steps"),
        (lambda campaign: campaign.steps.filter(number=2).update(body="{Nobody}"), "unknown_field"),
        (lambda campaign: campaign.steps.filter(number=2).update(subject=" "), "empty_subject"),
    ],
)
def test_each_gap_is_found(change, code):
    campaign = a_campaign()

    change(campaign)

    fresh = Campaign.objects.select_related("mailbox", "product").get()
    missing = codes(fresh)
    assert missing - {"missing_field"} == {code}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"do_not_email": True}, "do_not_email"),
        ({"email_status": "bounced"}, "bounced"),
        ({"country": "DE", "consent_basis": ""}, "no_basis"),
        ({"first_name": "", "name": "Solo"}, "missing_field"),
    ],
)
def test_a_person_who_became_unwritable_is_found_and_can_be_taken_out(fields, code):
    campaign = a_campaign(2)
    enrollment = campaign.enrollments.first()
    for name, value in fields.items():
        setattr(enrollment.contact, name, value)
    enrollment.contact.save()

    finding = next(finding for finding in findings(campaign) if finding.blocks)

    assert (finding.code, finding.people, finding.remedy) == (code, (enrollment.pk,), "drop")


def test_europe_with_a_basis_is_fine_and_the_companys_country_counts_when_none_is_known():
    with_basis = a_reader(country="FR", consent_basis="legitimate_interest")
    without = a_reader(country="")
    without.company.country_hq = "FR"
    without.company.save()

    campaign = a_campaign(contacts=[with_basis, without])

    finding = next(finding for finding in findings(campaign) if finding.code == "no_basis")
    assert finding.people == (campaign.enrollments.get(contact=without).pk,)


def test_a_mail_with_a_hole_names_it():
    campaign = a_campaign(contacts=[a_reader(first_name="", name="Solo")])

    message = compose(campaign.enrollments.get(), campaign.steps.get(number=1))

    assert message.missing == ("FirstName",)


def test_each_person_reads_their_own_record_and_nobody_elses():
    readers = [a_reader(first_name=f"Canary{number}") for number in range(20)]
    campaign = a_campaign(contacts=readers)
    composer = Composer(campaign)

    for reader in composer.readers(campaign.enrollments.values_list("pk", flat=True)):
        text = "".join(
            f"{message.subject}{message.body}"
            for message in (composer.compose(reader, step) for step in composer.steps)
        )
        others = {f"{each.first_name}," for each in readers} - {f"{reader.first_name},"}
        assert [name for name in others if name in text] == []


def test_the_hash_is_that_of_the_words():
    campaign = a_campaign(2)
    first, second = campaign.enrollments.all()
    step = campaign.steps.get(number=1)

    assert compose(first, step).content_hash == compose(first, step).content_hash
    second.contact.first_name = "Other"
    second.contact.save()
    assert compose(second, step).content_hash != compose(first, step).content_hash


def test_previews_cost_the_same_for_one_person_as_for_many():
    readers = [a_reader() for _ in range(6)]
    for reader in readers:
        a_signal(reader)
    campaign = a_campaign(contacts=readers, ab_element="subject", ab_variants=("a", "b"))
    keys = list(campaign.enrollments.values_list("pk", flat=True))

    counts = []
    for size in (1, 6):
        with CaptureQueriesContext(connection) as statements:
            composer = Composer(Campaign.objects.select_related("mailbox", "product").get())
            for reader in composer.readers(keys[:size]):
                [composer.compose(reader, step) for step in composer.steps]
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_any_change_of_what_is_sent_changes_the_fingerprint():
    campaign = a_campaign(ab_element="subject", ab_variants=("a", "b"))
    seen = {content_fingerprint(campaign)}

    campaign.steps.filter(number=3).update(body="Hi")
    seen.add(content_fingerprint(campaign))
    campaign.experiment.variants.filter(letter="B").update(text="c")
    seen.add(content_fingerprint(campaign))
    Enrollment.objects.filter(campaign=campaign).first().delete()
    seen.add(content_fingerprint(campaign))

    assert len(seen) == 4


def test_figures_count_people_and_machines_apart_per_step_and_variant():
    campaign = running(an_approved_campaign(3, ab_element="subject", ab_variants=("a", "b")))
    now = clock.now()
    first, second, third = campaign.enrollments.all()
    a_touch(first, opened_at=now, machine_opens=3, replied_at=now, reply_category="interested")
    a_touch(second, machine_opens=1, bounced_at=now, replied_at=now, reply_category="out_of_office")
    a_touch(third, state="failed")
    a_touch(first, step_no=2, clicked_at=now, unsubscribed_at=now, meeting_at=now)

    figures = performance(campaign, actor=SYSTEM)

    step = figures.step(1)
    assert (step.planned, step.sent, step.delivered, step.failed) == (3, 2, 1, 1)
    assert (step.opened, step.machine_opened, step.replied, step.positive) == (1, 1, 1, 1)
    assert step.out_of_office == 1
    assert (figures.step(2).clicked, figures.step(2).unsubscribed, figures.total.meetings) == (1, 1, 1)
    assert figures.variant(first.variant_id, step=1).replied == 1
    assert replies_by_category(campaign, actor=SYSTEM) == {"interested": 1, "out_of_office": 1}
    only = performance(campaign, actor=SYSTEM, variant=first.variant)
    assert only.total == figures.variant(first.variant_id)


def test_who_may_not_see_a_campaign_sees_no_figures():
    campaign = running(an_approved_campaign(1, actor=an_actor(Role.SDR)))
    a_touch(campaign.enrollments.get())
    stranger = an_actor(Role.SDR)

    assert performance(campaign, actor=stranger).total == Figures()
    assert list(visible_campaigns(actor=stranger)) == []


def test_all_figures_are_one_statement():
    campaign = running(an_approved_campaign(3))
    for enrollment in campaign.enrollments.all():
        a_touch(enrollment, sent_at=clock.now() - timedelta(days=1))

    with CaptureQueriesContext(connection) as statements:
        performance(campaign, actor=SYSTEM)

    assert len(statements) == 1


def test_rows_of_the_list_hold_their_figures():
    campaign = running(an_approved_campaign(2))
    a_touch(campaign.enrollments.first(), replied_at=clock.now(), reply_category="question")
    other = a_campaign(1, product=a_product("Other"))

    rows = {row.campaign.pk: row for row in list_rows([campaign, other])}

    assert (rows[campaign.pk].people, rows[campaign.pk].sent, rows[campaign.pk].replies) == (2, 1, 1)
    assert (rows[other.pk].people, rows[other.pk].sent) == (1, 0)


def test_a_campaign_is_found_by_a_part_of_its_name_when_there_is_one():
    campaign = a_campaign(name="Fintech growth hiring")

    assert find_campaign("growth", actor=SYSTEM) == campaign
