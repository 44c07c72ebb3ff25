"""Pages of webhooks."""

import re

import pytest
from django.test import Client

from crm.services.companies import create_company
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.webhooks.models import Webhook, WebhookDelivery
from gtmos.kernel.webhooks.services import create_webhook

pytestmark = pytest.mark.django_db
HOOK = {"name": "Partner", "url": "https://partner.example/in", "event_names": ["*"]}


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(a_user(role=Role.REVOPS))
    return client


def a_webhook() -> Webhook:
    return create_webhook("Partner", url=HOOK["url"], event_names=["*"], actor=SYSTEM)[0]


def test_a_webhook_is_made_on_the_page_and_its_secret_shown_once(browser: Client) -> None:
    made = browser.post("/webhooks/", HOOK)
    again = browser.get("/webhooks/")

    assert (made.status_code, Webhook.objects.count()) == (201, 1)
    assert len(set(re.findall(r"whsec_[\w+/=]+", made.content.decode()))) == 1
    assert (made["Cache-Control"], "whsec_" in again.content.decode()) == ("no-store", False)


def test_an_address_that_cannot_be_is_told_on_the_form(browser: Client) -> None:
    answer = browser.post("/webhooks/", {**HOOK, "url": "gopher://inside"})

    assert (answer.status_code, Webhook.objects.count()) == (422, 0)
    assert "Write a web address" in answer.content.decode()


@pytest.mark.parametrize(
    ("verb", "state"), [("pause", "paused"), ("disable", "disabled"), ("rotate", "active")]
)
def test_a_webhook_is_changed_on_its_page(verb: str, state: str, browser: Client) -> None:
    webhook = a_webhook()

    browser.post(f"/webhooks/{webhook.pk}/change/", {"verb": verb})

    webhook.refresh_from_db()
    assert (webhook.state, webhook.version) == (state, 2)


def test_a_message_is_sent_again_from_the_page(browser: Client) -> None:
    webhook = a_webhook()
    create_company("Acme", actor=SYSTEM)
    WebhookDelivery.objects.update(state="dead", attempts=10)
    delivery = WebhookDelivery.objects.get()

    shown = browser.get(f"/webhooks/{webhook.pk}/").content.decode()
    answer = browser.post(f"/webhooks/{webhook.pk}/deliveries/{delivery.pk}/replay/")

    delivery.refresh_from_db()
    assert ("crm.company_created" in shown, answer.status_code, delivery.state) == (True, 302, "waiting")


def test_who_does_not_configure_has_no_form(client: Client) -> None:
    client.force_login(a_user(role=Role.AE))

    page, made = client.get("/webhooks/"), client.post("/webhooks/", HOOK)

    assert ("New webhook" in page.content.decode(), Webhook.objects.count()) == (False, 0)
    assert made.status_code == 422
