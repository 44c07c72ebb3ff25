"""Webhooks through the API."""

import json
from dataclasses import fields
from typing import Any

import pytest
from django.db import transaction

from gtmos.kernel import events
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.api_models import StoredAnswer
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.webhooks.models import Webhook, WebhookDelivery

pytestmark = pytest.mark.django_db
HOOK = {"name": "Partner", "url": "https://partner.example/in", "event_names": ["*"]}


@pytest.fixture
def api() -> Api:
    return Api.of(a_user(role=Role.REVOPS))


def made(api: Api) -> Any:
    return api.post("webhooks", HOOK).json()


def test_the_secret_is_shown_once(api: Api) -> None:
    created = made(api)

    assert created["signing_secret"].startswith("whsec_")
    assert "signing_secret" not in api.get("webhooks", created["id"]).json()


def test_a_kept_answer_with_a_secret_is_sealed_and_repeated_byte_for_byte(api: Api) -> None:
    first, second = (api.post("webhooks", HOOK, key="once") for _ in range(2))

    kept = StoredAnswer.objects.get()
    assert first.content == second.content
    assert first.json()["signing_secret"].encode() not in bytes(kept.body)
    assert Webhook.objects.count() == 1


def test_it_is_changed_paused_resumed_and_deleted(api: Api) -> None:
    key = made(api)["id"]

    changed = api.patch("webhooks", key, {"name": "Warehouse"}, match='"1"')
    states = [api.post(f"webhooks/{key}/{verb}", {}).json()["state"] for verb in ("pause", "resume")]
    deleted = api.delete("webhooks", key)

    assert (changed.status_code, changed.json()["name"]) == (200, "Warehouse")
    assert (states, deleted.status_code) == (["paused", "active"], 204)


def test_a_new_secret_is_another(api: Api) -> None:
    created = made(api)

    rotated = api.post(f"webhooks/{created['id']}/rotate-secret", {})

    assert rotated.status_code == 200
    assert rotated.json()["signing_secret"] != created["signing_secret"]


def test_a_delivery_shows_its_message_and_log_and_is_sent_again(api: Api) -> None:
    made(api)
    name = api.get("event-types").json()["results"][0]["name"]
    event = next(each for each in events.Event.__subclasses__() if getattr(each, "name", "") == name)
    with transaction.atomic():
        record = events.publish(event(*([1] * len(fields(event)))), actor=SYSTEM)
    WebhookDelivery.objects.update(state="dead", attempts=10)

    (line,) = api.get("webhook-deliveries", state="dead").json()["results"]
    again = api.post(f"webhook-deliveries/{line['id']}/replay", {}).json()

    assert (line["event"], again["state"], again["attempts"]) == (name, "waiting", 0)
    assert again["payload"]["data"] == json.loads(json.dumps(record.payload))


@pytest.mark.parametrize("role", [Role.AE, Role.VIEWER])
def test_who_does_not_configure_sees_and_makes_none(role: Role, api: Api) -> None:
    made(api)
    other = Api.of(a_user(role=role))

    assert other.get("webhooks").json()["results"] == []
    assert other.post("webhooks", HOOK).status_code == 403
