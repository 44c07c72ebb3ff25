"""Campaigns for programs: the same verbs, the same refusals."""

import pytest

from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import issue_token
from outreach.enums import CampaignState
from outreach.models import Campaign
from outreach.services.experiments import experiment_of
from outreach.services.sequences import update_step
from outreach.tests.campaign_builders import (
    a_campaign,
    a_product,
    a_reader,
    a_research,
    a_touch,
    a_user,
    an_approved_campaign,
    running,
)

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture
def api(client):
    """A client with a token of a person who may send."""

    def with_scopes(*scopes: str, role: Role = Role.SDR):
        token = issue_token(a_user(role), scopes=scopes, actor=SYSTEM)
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return with_scopes


def test_without_a_token_nothing_is_said(client):
    assert client.get(f"{ROOT}/campaigns/").status_code == 401


def test_a_campaign_is_drafted_from_a_search(api):
    a_product()
    research = a_research([a_reader(), a_reader()])
    client = api("write", "read")
    body = {
        "research": str(research.pk),
        "theme": "hiring",
        "ab_element": "subject",
        "ab_variants": ["a", "b"],
    }

    made = client.post(f"{ROOT}/campaigns/", body, content_type="application/json")

    assert made.status_code == 201
    assert made.json()["state"] == "draft"
    assert Campaign.objects.get().enrollments.count() == 2
    assert experiment_of(Campaign.objects.get()).variants.count() == 2


def test_a_token_without_the_scope_to_send_approves_nothing(api):
    campaign = a_campaign()

    refused = api("read", "write").post(f"{ROOT}/campaigns/{campaign.pk}/approve/")

    assert (refused.status_code, Campaign.objects.get().state) == (403, CampaignState.DRAFT)


def test_a_campaign_is_approved_paused_and_resumed(api):
    campaign = a_campaign()
    client = api("read", "write", "send")
    url = f"{ROOT}/campaigns/{campaign.pk}"

    headers = {"If-Match": campaign.etag}
    states = [
        client.post(f"{url}/{verb}/", {}, content_type="application/json", headers=headers).json()["state"]
        for verb in ("approve", "pause", "resume", "cancel-start", "archive")
    ]

    assert states == ["active", "paused", "active", "ready", "archived"]


def test_an_approval_names_the_version_that_was_read(api):
    campaign = a_campaign()
    client = api("read", "write", "send")
    url = f"{ROOT}/campaigns/{campaign.pk}/"
    etag = client.get(url).headers["ETag"]
    update_step(campaign.steps.get(number=1), changes={"subject": "Other words"}, actor=SYSTEM)

    without = client.post(f"{url}approve/")
    stale = client.post(f"{url}approve/", headers={"If-Match": etag})

    assert [answer.status_code for answer in (without, stale)] == [428, 412]
    assert Campaign.objects.get().state == CampaignState.DRAFT


def test_what_is_not_ready_is_refused_with_the_codes(api):
    campaign = a_campaign(contacts=[a_reader(country="DE")])
    client = api("read", "write", "send")

    refused = client.post(f"{ROOT}/campaigns/{campaign.pk}/approve/", headers={"If-Match": campaign.etag})
    findings = client.get(f"{ROOT}/campaigns/{campaign.pk}/readiness/").json()

    assert (refused.status_code, refused.json()["code"], refused.json()["errors"]) == (
        409,
        "not_ready",
        ["no_basis"],
    )
    assert findings[0]["code"] == "no_basis"


def test_a_change_names_the_version_it_was_made_on(api):
    campaign = a_campaign()
    client = api("read", "write")
    url, body = f"{ROOT}/campaigns/{campaign.pk}/", {"name": "Autumn"}

    without = client.patch(url, body, content_type="application/json")
    stale = client.patch(url, body, content_type="application/json", headers={"If-Match": '"99"'})
    etag = client.get(url).headers["ETag"]
    right = client.patch(url, body, content_type="application/json", headers={"If-Match": etag})

    assert [answer.status_code for answer in (without, stale, right)] == [428, 412, 200]
    assert Campaign.objects.get().name == "Autumn"


def test_a_message_is_changed_and_the_approval_is_void(api):
    campaign = an_approved_campaign()
    step = campaign.steps.get(number=2)

    changed = api("read", "write").patch(
        f"{ROOT}/sequences/{step.pk}/",
        {"subject": "Hello"},
        content_type="application/json",
        headers={"If-Match": step.etag},
    )

    assert changed.status_code == 200
    assert Campaign.objects.get().state == CampaignState.DRAFT


def test_a_test_is_looked_at_promoted_and_reopened(api):
    campaign = running(an_approved_campaign(2, ab_element="subject", ab_variants=("a", "b")))
    client = api("read", "write", "send")
    url = f"{ROOT}/experiments/{experiment_of(campaign).pk}"

    looked = client.post(f"{url}/look/").json()
    promoted = client.post(f"{url}/promote/", {"letter": "B"}, content_type="application/json").json()
    reopened = client.post(f"{url}/unpromote/").json()
    added = client.post(f"{url}/variants/", {"text": "c"}, content_type="application/json")

    assert [each["state"] for each in (looked, promoted, reopened)] == [
        "running",
        "promoted_by_hand",
        "running",
    ]
    assert promoted["decision"]["words"] == "not proven"
    assert (added.status_code, added.json()["letter"]) == (201, "C")


def test_figures_and_mails_can_be_read(api):
    campaign = running(an_approved_campaign(1))
    touch = a_touch(campaign.enrollments.get())
    client = api("read")

    figures = client.get(f"{ROOT}/campaigns/{campaign.pk}/performance/").json()
    mails = client.get(f"{ROOT}/touches/", {"campaign": str(campaign.pk), "state": "sent"}).json()

    assert figures["total"]["sent"] == 1
    assert [mail["id"] for mail in mails["results"]] == [touch.pk]


@pytest.mark.parametrize(
    ("noun", "parameter", "value"),
    [
        ("touches", "campaign", "x"),
        ("touches", "state", "zzz"),
        ("campaigns", "state", "zzz"),
        ("campaigns", "bogus", "1"),
        ("sequences", "bogus", "1"),
        ("touches", "bogus", "1"),
        ("touches", "q", "words"),
        ("experiments", "campain", "1"),
        ("runs", "state", "zzz"),
    ],
)
def test_a_filter_that_cannot_be_used_is_refused_and_named(api, noun, parameter, value):
    answer = api("read").get(f"{ROOT}/{noun}/", {parameter: value})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [parameter])


def test_campaigns_are_filtered_by_state_and_found_by_name(api):
    wanted = a_campaign(name="Spring leaders")
    a_campaign(name="Autumn")
    running(an_approved_campaign(name="Spring running"))
    client = api("read")

    found = client.get(f"{ROOT}/campaigns/", {"state": "draft", "q": "spring", "limit": 5, "fields": "id"})

    assert found.json()["results"] == [{"id": str(wanted.pk)}]


@pytest.mark.parametrize("noun", ["campaigns", "sequences", "touches", "experiments"])
def test_a_stranger_finds_nothing(api, noun):
    campaign = running(an_approved_campaign(1, ab_element="subject", ab_variants=("a", "b")))
    touch = a_touch(campaign.enrollments.get())
    Campaign.objects.update(owner=a_user(Role.AE))
    keys = {
        "campaigns": campaign.pk,
        "sequences": campaign.steps.first().pk,
        "touches": touch.pk,
        "experiments": campaign.experiment.pk,
    }
    client = api("read", "write", "send")

    assert client.get(f"{ROOT}/{noun}/{keys[noun]}/").status_code == 404
    assert client.get(f"{ROOT}/{noun}/").json()["results"] == []
