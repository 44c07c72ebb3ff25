"""The pages of campaigns, as a person asks for them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.services.contacts import update_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.people.models import Role
from outreach.enums import CampaignState, TouchState
from outreach.models import Campaign, InboundMail
from outreach.services.experiments import experiment_of, look_at
from outreach.services.touches import plan_touches
from outreach.tests.campaign_builders import (
    a_campaign,
    a_reader,
    a_signal,
    a_touch,
    a_user,
    an_approved_campaign,
    running,
)

pytestmark = pytest.mark.django_db

DETAIL, LIVE, VERB = "outreach:campaign", "outreach:campaign-live", "outreach:campaign-verb"


@pytest.fixture
def person(client):
    user = a_user(Role.SDR)
    client.force_login(user)
    return user


def a_campaign_under_way(people: int) -> Campaign:
    campaign = running(
        an_approved_campaign(people, ab_element="subject", ab_variants=("Join our growth", "Scale with us"))
    )
    now = clock.now()
    for place, enrollment in enumerate(campaign.enrollments.all()):
        touch = a_touch(enrollment, opened_at=now, replied_at=now, reply_category="interested")
        a_touch(enrollment, step_no=2, state=TouchState.IN_DOUBT)
        InboundMail.objects.create(
            digest=f"{place}", raw=b"", received_at=now, kind="reply", touch=touch, contact=touch.contact
        )
    look_at(experiment_of(campaign), actor=SYSTEM)
    return campaign


def test_the_list_shows_each_campaign_with_its_state_and_figures(client, person):
    a_campaign(name="Spring")

    page = client.get(reverse("outreach:campaigns"))

    assert page.status_code == 200
    assert "Spring" in page.text


def test_a_list_without_campaigns_says_what_to_do(client, person):
    assert "No campaign yet" in client.get(reverse("outreach:campaigns")).text


def test_the_list_goes_on_where_the_page_ended(client, person):
    names = [a_campaign(name=f"Campaign {number:02}").name for number in range(52)]

    first = client.get(reverse("outreach:campaigns"))
    second = client.get(reverse("outreach:campaigns"), {"after": first.context["next_cursor"]})

    shown = [row["figures"].campaign.name for page in (first, second) for row in page.context["rows"]]
    assert shown == list(reversed(names))
    assert second.context["next_cursor"] == ""


def test_a_broken_cursor_begins_at_the_start(client, person):
    a_campaign(name="Spring")

    assert "Spring" in client.get(reverse("outreach:campaigns"), {"after": "x%%"}).text


@pytest.mark.parametrize("name", [DETAIL, LIVE, "outreach:campaign-message", "outreach:variant-add"])
def test_a_stranger_finds_nothing(client, person, name):
    campaign = a_campaign()
    Campaign.objects.update(owner=a_user(Role.AE))

    assert client.get(reverse(name, args=[campaign.pk])).status_code == 404


def test_a_stranger_can_do_nothing(client, person):
    campaign = a_campaign()
    Campaign.objects.update(owner=a_user(Role.AE))

    answer = client.post(reverse(VERB, args=[campaign.pk, "approve"]))

    assert (answer.status_code, Campaign.objects.get().state) == (404, CampaignState.DRAFT)


def test_who_is_not_signed_in_is_sent_to_the_door(client):
    answer = client.get(reverse("outreach:campaigns"))

    assert answer.status_code == 302


def test_a_draft_shows_what_blocks_it_and_cannot_be_approved_by_a_click(client, person):
    campaign = a_campaign(contacts=[a_reader(), a_reader(country="FR")])

    page = client.get(reverse(DETAIL, args=[campaign.pk]))
    answer = client.post(reverse(VERB, args=[campaign.pk, "approve"]), shown_on(page))

    assert "1 person in Europe without a lawful basis on record." in page.text
    assert answer.status_code == 409
    assert Campaign.objects.get().state == CampaignState.DRAFT


def test_people_of_a_finding_are_taken_out_with_one_click(client, person):
    campaign = a_campaign(contacts=[a_reader(), a_reader(country="FR")])

    client.post(reverse(VERB, args=[campaign.pk, "drop"]), {"code": "no_basis"})

    assert campaign.enrollments.count() == 1


def shown_on(page):
    """What the page sends with an approval."""
    return {"fingerprint": re.search(r'name="fingerprint" value="([0-9a-f]{64})"', page.text)[1]}


def test_what_changed_since_the_page_was_drawn_is_not_approved(client, person):
    campaign = a_campaign()
    shown = shown_on(client.get(reverse(DETAIL, args=[campaign.pk])))
    contact = campaign.enrollments.first().contact
    update_contact(contact, changes={"first_name": "Somebody else"}, actor=SYSTEM)

    stale = client.post(reverse(VERB, args=[campaign.pk, "approve"]), shown)
    unseen = client.post(reverse(VERB, args=[campaign.pk, "approve"]))

    assert (stale.status_code, unseen.status_code) == (409, 409)
    assert "has changed since you looked at it" in stale.headers["HX-Trigger"]
    assert Campaign.objects.get().state == CampaignState.DRAFT


def test_a_running_campaign_shows_the_mails_that_wait_for_a_new_approval(client, person):
    campaign = an_approved_campaign(2)
    contact = campaign.enrollments.first().contact
    update_contact(contact, changes={"first_name": "Renamed"}, actor=SYSTEM)
    campaign = running(campaign)
    plan_touches()

    page = client.get(reverse(DETAIL, args=[campaign.pk]))
    answer = client.post(reverse(VERB, args=[campaign.pk, "approve"]), shown_on(page))

    assert "1 mail reads otherwise than approved" in page.text
    assert answer.status_code == 204
    assert not campaign.touches.filter(approved_hash="").exists()


def test_approving_reads_the_page_again_with_a_way_to_call_it_back(client, person):
    campaign = a_campaign()
    shown = shown_on(client.get(reverse(DETAIL, args=[campaign.pk])))

    answer = client.post(reverse(VERB, args=[campaign.pk, "approve"]), shown)
    page = client.get(reverse(DETAIL, args=[campaign.pk]))

    assert Campaign.objects.get().approved_by == person
    assert answer.headers["HX-Refresh"] == "true"
    assert reverse(VERB, args=[campaign.pk, "cancel-start"]) in page.text


def test_pausing_answers_with_the_changed_parts_and_a_way_back(client, person):
    campaign = an_approved_campaign()

    answer = client.post(reverse(VERB, args=[campaign.pk, "pause"]))

    assert reverse(VERB, args=[campaign.pk, "resume"]) in answer.headers["HX-Trigger"]
    assert 'id="campaign-state" hx-swap-oob="true"' in answer.text


@pytest.mark.parametrize(
    ("verb", "state"),
    [("pause", CampaignState.PAUSED), ("cancel-start", CampaignState.READY)],
)
def test_a_scheduled_campaign_can_be_held_back(client, person, verb, state):
    campaign = an_approved_campaign()

    client.post(reverse(VERB, args=[campaign.pk, verb]))

    assert Campaign.objects.get().state == state


def test_what_cannot_be_undone_is_asked_first(client, person):
    campaign = a_campaign()

    question = client.get(reverse("outreach:campaign-question", args=[campaign.pk, "delete"]))
    answer = client.post(reverse("outreach:campaign-delete", args=[campaign.pk]))

    assert "Delete this draft?" in question.text
    assert answer.headers["HX-Redirect"] == reverse("outreach:campaigns")
    assert Campaign.objects.count() == 0


def test_a_preview_shows_each_person_their_own_words_with_the_filled_places_marked(client, person):
    readers = [a_reader(first_name="Ann", name="Ann <b>Lee</b>"), a_reader(first_name="Bo")]
    a_signal(readers[0])
    campaign = a_campaign(contacts=readers, theme="hiring")
    url = reverse("outreach:campaign-message", args=[campaign.pk])

    first, second = client.get(url), client.get(url, {"person": "2"})

    assert '<span class="token" title="FirstName, from the record">Ann</span>' in first.text
    assert "is hiring (“Growth lead”" in first.text
    assert "<b>Lee</b>" not in first.text
    assert '<span class="token warn" title="Signal is not known, the fallback">' in second.text


def test_a_preview_can_show_the_other_variant(client, person):
    campaign = a_campaign(1, ab_element="subject", ab_variants=("Join our growth", "Scale with us"))
    url = reverse("outreach:campaign-message", args=[campaign.pk])

    shown = [client.get(url, {"variant": letter}).context["message"]["subject"] for letter in "AB"]

    assert shown == ["Join our growth", "Scale with us"]


@pytest.mark.parametrize("person_number", ["0", "99999", "x", "-1"])
def test_a_preview_of_nobody_shows_somebody(client, person, person_number):
    campaign = a_campaign(2)

    page = client.get(reverse("outreach:campaign-message", args=[campaign.pk]), {"person": person_number})

    assert page.status_code == 200


def test_a_message_is_changed_in_a_dialog_and_a_mistake_is_shown_there(client, person):
    campaign = a_campaign()
    url = reverse("outreach:campaign-step", args=[campaign.pk, 2])

    wrong = client.post(url, {"subject": "Hi {Frist}", "body": "x"})
    right = client.post(url, {"subject": "Hello", "body": "Hi {FirstName}", "offset_days": "4"})

    assert wrong.status_code == 422
    assert "Nobody can fill {Frist}" in wrong.text
    assert right.status_code == 200
    step = campaign.steps.get(number=2)
    assert (step.subject, step.body, step.offset_days) == ("Hello", "Hi {FirstName}", 4)


def test_promoting_before_the_end_asks_and_can_be_taken_back(client, person):
    campaign = a_campaign_under_way(2)
    url = reverse("outreach:variant-promote", args=[campaign.pk, "B"])

    question = client.get(url)
    promoted = client.post(url)
    undone = client.post(reverse("outreach:variant-unpromote", args=[campaign.pk]))

    assert "Promote B before the test has decided?" in question.text
    assert "Promoted B, not proven" in promoted.headers["HX-Trigger"]
    assert undone.status_code == 200
    assert experiment_of(campaign).state == "running"


def test_a_variant_is_added_in_a_dialog(client, person):
    campaign = a_campaign_under_way(1)
    url = reverse("outreach:variant-add", args=[campaign.pk])

    same = client.post(url, {"text": "Scale with us"})
    added = client.post(url, {"text": "A third way"})

    assert same.status_code == 422
    assert added.status_code == 200
    assert experiment_of(campaign).variants.count() == 3


def test_a_mail_in_doubt_is_decided_with_one_click(client, person):
    campaign = a_campaign_under_way(1)
    touch = campaign.touches.get(state=TouchState.IN_DOUBT)

    answer = client.post(reverse("outreach:touch-resolve", args=[touch.pk, "was-sent"]))

    assert answer.status_code == 200
    assert campaign.touches.get(pk=touch.pk).state == TouchState.SENT


def test_a_stranger_decides_about_no_mail(client, person):
    campaign = a_campaign_under_way(1)
    Campaign.objects.update(owner=a_user(Role.AE))
    touch = campaign.touches.get(state=TouchState.IN_DOUBT)

    assert client.post(reverse("outreach:touch-resolve", args=[touch.pk, "was-sent"])).status_code == 404


@pytest.mark.parametrize("name", [DETAIL, LIVE])
def test_the_page_asks_as_little_for_many_people_as_for_one(client, person, name):
    campaign = a_campaign_under_way(1)
    url = reverse(name, args=[campaign.pk])
    client.get(url)

    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(url)
    for _ in range(2):
        campaign.enrollments.create(contact=a_reader())
    for enrollment in campaign.enrollments.filter(touches__isnull=True):
        a_touch(enrollment, replied_at=clock.now() - timedelta(hours=1))
        a_touch(enrollment, step_no=2, state=TouchState.IN_DOUBT)
    with CaptureQueriesContext(connection) as three:
        client.get(url)

    assert len(three) == len(one)
    assert len(three) <= 15


def test_the_list_asks_as_little_for_three_campaigns_as_for_one(client, person):
    url = reverse("outreach:campaigns")
    a_campaign()
    client.get(url)

    with CaptureQueriesContext(connection) as one:
        client.get(url)
    a_campaign(name="Two")
    a_campaign(name="Three")
    with CaptureQueriesContext(connection) as three:
        client.get(url)

    assert len(three) == len(one)
