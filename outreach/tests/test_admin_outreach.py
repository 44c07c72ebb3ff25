"""The RevOps desk shows sending and sets mailboxes up."""

import pytest
from django.urls import reverse

from gtmos.context.models import Organisation, Product
from gtmos.context.services.assumptions import create_assumption
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.history import of_record
from gtmos.kernel.people.models import Role
from outreach.models import Mailbox
from outreach.tests.campaign_builders import a_touch, a_user, an_approved_campaign, an_organisation, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(a_user(Role.ADMIN, is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize(
    "model",
    [
        *("outreach_campaign", "outreach_mailbox", "outreach_experiment", "outreach_touch"),
        *("outreach_channeladdress", "context_organisation", "context_product", "context_messagetree"),
        *("context_claim", "context_assumption"),
    ],
)
def test_every_list_opens(desk, model):
    campaign = running(an_approved_campaign(1, ab_element="subject", ab_variants=("a", "b")))
    a_touch(campaign.enrollments.get())
    create_assumption("Short subjects work", actor=SYSTEM)

    assert desk.get(reverse(f"admin:{model}_changelist")).status_code == 200


def test_a_campaign_can_be_read_and_not_changed(desk):
    campaign = an_approved_campaign(1)

    page = desk.get(reverse("admin:outreach_campaign_change", args=[campaign.pk]))
    answer = desk.post(reverse("admin:outreach_campaign_change", args=[campaign.pk]), {"name": "x"})

    assert (page.status_code, answer.status_code) == (200, 403)


def test_a_mailbox_is_set_up_with_history(desk):
    form = {
        "address": "sales@ours.example",
        "display_name": "Sales",
        "daily_cap": "40",
        "ramp_first": "20",
        "ramp_step": "10",
        "window_start": "09:00",
        "window_end": "17:00",
        "is_active": "on",
    }

    desk.post(reverse("admin:outreach_mailbox_add"), form)

    mailbox = Mailbox.objects.get()
    assert (mailbox.address, mailbox.daily_cap) == ("sales@ours.example", 40)
    assert of_record(mailbox).count() == 1


def test_the_postal_address_is_entered_at_the_desk(desk):
    an_organisation(postal_address="")
    form = {"name": "Northwind", "postal_address": "1 Example Street", "time_zone": "UTC", "currency": "USD"}

    desk.post(reverse("admin:context_organisation_change", args=[1]), form)

    assert Organisation.objects.get().postal_address == "1 Example Street"


def test_a_product_is_added_with_its_message_tree(desk):
    desk.post(reverse("admin:context_product_add"), {"name": "Compass", "description": ""})

    assert Product.objects.get().message_tree.headline == ""
