"""The register of what is connected says what the rows say, and nothing else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import Input
from crm.models import ImportBatch
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.webhooks.models import WebhookAttempt, WebhookDelivery
from gtmos.kernel.webhooks.services import create_webhook
from gtmos.workspace.selectors.connections import Connection, connections
from outreach.models import InboundMail, MailboxDay
from outreach.tests.campaign_builders import a_mailbox

pytestmark = pytest.mark.django_db


def of_kind(kind: str) -> list[Connection]:
    return [each for each in connections(actor=SYSTEM) if each.kind == kind]


def test_a_mailbox_shows_its_use_and_that_its_server_is_away() -> None:
    since = timezone.now()
    box = a_mailbox(address="kary@ours.example", failing_since=since, daily_cap=200)
    MailboxDay.objects.create(mailbox=box, day=since.date(), used=7, cap=150)

    (found,) = of_kind("Mail out")

    assert (found.name, found.state, found.failed_at) == ("kary@ours.example", "Fails", since)
    assert (found.used, found.limit, found.succeeded_at) == (7, 150, None)


def test_mail_that_could_not_be_read_is_counted_and_quoted() -> None:
    at = timezone.now()
    InboundMail.objects.create(digest="a", raw=b"", received_at=at, processed_at=at)
    InboundMail.objects.create(digest="b", raw=b"", received_at=at, attempts=5, error="No text")

    (found,) = of_kind("Mail in")

    assert (found.state, found.error, found.succeeded_at, found.used) == (
        "1 could not be read",
        "No text",
        at,
        0,
    )


def test_a_webhook_that_failed_last_fails_and_says_with_what() -> None:
    owner = a_user()
    hook, _ = create_webhook("Partner", url="https://partner.example/in", event_names=["*"], actor=SYSTEM)
    type(hook).objects.filter(pk=hook.pk).update(owner=owner)
    event = EventRecord.objects.create(name="crm.company_created", payload={})
    delivery = WebhookDelivery.objects.create(webhook=hook, event=event, order_key=hook.pk)
    now = timezone.now()
    good = WebhookAttempt.objects.create(delivery=delivery, status=200, attempted_at=now - timedelta(hours=1))
    WebhookAttempt.objects.create(delivery=delivery, status=503, attempted_at=now)

    (found,) = of_kind("Webhook out")

    assert (found.state, found.error, found.failed_at) == ("Fails", "It answered 503.", now)
    assert (found.succeeded_at, found.used, found.owner) == (good.attempted_at, 1, str(owner))


def test_inputs_and_imports_stand_by_their_source() -> None:
    at = timezone.now()
    Input.objects.create(
        source="phone", kind="call", handler="calls", channel="api", state="done", finished_at=at
    )
    Input.objects.create(
        source="desk", kind="call", handler="calls", channel="api", error="Bad", state="failed"
    )
    ImportBatch.objects.create(file_name="a.csv", path="x", shape="hubspot", state="done", finished_at=at)

    told = [(each.kind, each.name, each.succeeded_at, each.error) for each in connections(actor=SYSTEM)]

    assert [each for each in told if each[0] in {"Input", "Import"}] == [
        ("Input", "desk", None, "Bad"),
        ("Input", "phone", at, ""),
        ("Import", "Hubspot", at, ""),
    ]


def test_nothing_connected_invents_nothing() -> None:
    assert [each.kind for each in connections(actor=SYSTEM)] == ["Mail in", *["Installation"] * 6]
    assert of_kind("Mail in")[0].state == "Not used yet"


def test_the_page_is_for_those_who_configure(client: Client) -> None:
    client.force_login(a_user(role=Role.REVOPS))
    shown = client.get(reverse("workspace:connections")).content.decode()
    client.force_login(a_user(role=Role.AE))
    refused = client.get(reverse("workspace:connections")).status_code

    assert ("Message broker" in shown, refused) == (True, 404)
