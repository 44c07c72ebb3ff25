"""Facts posted to other systems: signed, in order, until they are taken, over real HTTP."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gtmos.kernel import events
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.people.models import Role, Team
from gtmos.kernel.secrets import rotate_all, unseal
from gtmos.kernel.tests.builders import a_team, an_actor
from gtmos.kernel.tests.receivers import Receiver, receiving
from gtmos.kernel.webhooks import sending, services
from gtmos.kernel.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery
from gtmos.kernel.webhooks.signing import signature

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, slots=True)
class PageTurned(events.Event):
    name: ClassVar[str] = "tests.page_turned"
    number: int


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTGOING_PRIVATE_HOSTS = ("127.0.0.1",)
    with receiving(Receiver()) as running:
        yield running


def a_webhook(receiver: Receiver, *names: str) -> tuple[Webhook, str]:
    names = names or ("tests.page_turned",)
    return services.create_webhook("Partner", url=receiver.url, event_names=names, actor=SYSTEM)


def turn(number: int, subject: Team | None = None) -> None:
    with transaction.atomic():
        events.publish(PageTurned(number), subject=subject, actor=SYSTEM)


def later() -> None:
    """The pauses are over and the leases of the dead have ended."""
    past = timezone.now() - timedelta(seconds=1)
    WebhookDelivery.objects.filter(state="waiting").update(next_at=past)
    WebhookDelivery.objects.exclude(leased_until=None).update(leased_until=past)
    Webhook.objects.update(held_until=None)


def numbers(receiver: Receiver) -> list[int]:
    return [json.loads(body)["data"]["number"] for _, body in receiver.seen]


def test_a_signature_is_that_of_the_published_specification():
    body = b'{"event_type":"ping","data":{"success":true}}'

    signed = signature(
        "whsec_plJ3nmyCDGBKInavdOK15jsl", message_id="msg_loFOjxBNrRLzqYUf", timestamp=1731705121, body=body
    )

    assert signed == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


def test_a_fact_is_posted_signed_with_its_values(receiver):
    _, secret = a_webhook(receiver)
    team = a_team("West")
    turn(7, team)

    assert sending.send_waiting() == 1

    (headers, body) = receiver.seen[0]
    event = WebhookDelivery.objects.get().event
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert (
        headers["webhook-signature"]
        == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    )
    assert json.loads(body) == {
        "type": "tests.page_turned",
        "version": 1,
        "timestamp": event.happened_at.isoformat(),
        "id": f"msg_{event.pk.hex}",
        "subject": {"type": "kernel.team", "id": str(team.pk)},
        "actor": {"kind": SYSTEM.kind, "name": SYSTEM.label},
        "data": {"number": 7},
    }


@pytest.mark.parametrize(("asked", "told"), [("tests.page_turned", 1), ("tests.*", 1), ("*", 1)])
def test_a_webhook_is_told_what_it_asked_for(asked, told, receiver):
    a_webhook(receiver, asked)

    turn(1)

    assert WebhookDelivery.objects.count() == told


def test_a_fact_that_was_rolled_back_is_told_to_nobody(receiver):
    a_webhook(receiver)

    with transaction.atomic():
        events.publish(PageTurned(1), actor=SYSTEM)
        transaction.set_rollback(True)

    assert WebhookDelivery.objects.count() == 0


def test_a_failure_waits_longer_each_time_and_is_given_up_after_days_with_its_log(receiver):
    receiver.answer = lambda number: (500, {})
    a_webhook(receiver)
    turn(1)

    for _ in range(12):
        later()
        sending.send_waiting()

    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("dead", 10)
    assert [each.status for each in delivery.log.all()] == [500] * 10
    assert len({headers["webhook-id"] for headers, _ in receiver.seen}) == 1
    assert sum(sending.PAUSES, timedelta()) > timedelta(days=3)


def test_a_pause_is_spread_but_never_shorter_than_the_schedule():
    waits = [sending.pause_after(2) for _ in range(200)]

    assert min(waits) >= timedelta(minutes=5)
    assert max(waits) <= timedelta(minutes=6)
    assert len(set(waits)) > 100


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("999999999", 86400), ("soon", 0), ("-5", 0), ("Fri, 02 Jan 2026 00:01:00 GMT", 60)],
)
def test_a_wait_is_asked_for_in_seconds_or_by_date(text, seconds):
    now = timezone.datetime.fromisoformat("2026-01-02T00:00:00+00:00")

    assert sending.wait_of(text, now) == timedelta(seconds=seconds)


def test_who_asks_for_time_is_told_nothing_meanwhile(receiver):
    receiver.answer = lambda number: (429, {"Retry-After": "600"}) if number == 1 else (204, {})
    webhook, _ = a_webhook(receiver)
    turn(1)
    sending.send_waiting()

    turn(2)

    assert sending.send_waiting() == 0
    webhook.refresh_from_db()
    assert webhook.held_until > timezone.now() + timedelta(seconds=590)


def test_who_is_gone_is_told_nothing_any_more_until_somebody_resumes(receiver):
    receiver.answer = lambda number: (410, {})
    webhook, _ = a_webhook(receiver)
    turn(1)
    sending.send_waiting()

    turn(2)
    later()

    assert sending.send_waiting() == 0
    webhook.refresh_from_db()
    assert (webhook.state, WebhookDelivery.objects.count()) == ("disabled", 1)


def test_what_happens_while_it_is_paused_is_sent_in_order_when_it_is_resumed(receiver):
    webhook, _ = a_webhook(receiver)
    services.pause_webhook(webhook, actor=SYSTEM)
    team = a_team()
    for number in range(5):
        turn(number, team)

    assert sending.send_waiting() == 0
    services.resume_webhook(webhook, actor=SYSTEM)
    sending.send_waiting()

    assert numbers(receiver) == [0, 1, 2, 3, 4]


def test_a_later_fact_waits_for_an_earlier_one_of_the_same_subject_only(receiver):
    receiver.answer = lambda _: (500 if numbers(receiver) in ([1], [3, 1]) else 204, {})
    a_webhook(receiver)
    one, other = a_team(), a_team()
    turn(1, one)
    turn(2, one)
    turn(3, other)

    sending.send_waiting()
    first = numbers(receiver)
    later()
    sending.send_waiting()

    assert sorted(first) == [1, 3]
    assert numbers(receiver)[2:] == [1, 2]


def test_both_secrets_sign_for_a_day_after_a_change(receiver):
    webhook, old = a_webhook(receiver)
    _, new = services.rotate_webhook_secret(webhook, actor=SYSTEM)
    turn(1)

    sending.send_waiting()

    headers, body = receiver.seen[0]
    parts = {
        "message_id": headers["webhook-id"],
        "timestamp": int(headers["webhook-timestamp"]),
        "body": body,
    }
    assert headers["webhook-signature"].split() == [signature(new, **parts), signature(old, **parts)]


def test_a_message_is_sent_again_with_the_same_id(receiver):
    a_webhook(receiver)
    turn(1)
    sending.send_waiting()

    services.replay_webhook_delivery(WebhookDelivery.objects.get(), actor=SYSTEM)
    sending.send_waiting()

    assert len(receiver.taken) == 2
    assert len(set(receiver.taken)) == 1


def test_an_address_inside_is_refused_when_something_is_sent(receiver, settings):
    a_webhook(receiver)
    turn(1)
    settings.OUTGOING_PRIVATE_HOSTS = ()

    sending.send_waiting()

    assert receiver.seen == []
    assert (
        WebhookAttempt.objects.get().error
        == "127.0.0.1 is not on the public Internet, so nothing is sent there."
    )


def test_nothing_is_lost_and_every_id_is_stable_when_the_receiver_fails_and_workers_die(
    receiver, monkeypatch
):
    receiver.answer = lambda number: (0 if number % 7 == 0 else 503 if number % 5 in {1, 3} else 204, {})
    a_webhook(receiver)
    teams = [a_team() for _ in range(6)]
    for number in range(120):
        turn(number, teams[number % 6])
    died = 0
    noted = sending._note

    def dies_now_and_then(delivery: WebhookDelivery, outcome: sending.Outcome) -> None:
        nonlocal died
        if delivery.pk % 11 == 0 and delivery.attempts == 1:
            died += 1
            raise SystemExit
        noted(delivery, outcome)

    monkeypatch.setattr(sending, "_note", dies_now_and_then)
    for _ in range(200):
        later()
        try:
            if not sending.send_waiting() and not WebhookDelivery.objects.filter(state="waiting").exists():
                break
        except SystemExit:
            continue

    expected = {each.message_id for each in WebhookDelivery.objects.select_related("event")}
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"done"}
    assert (set(receiver.taken), len(expected), died > 0) == (expected, 120, True)
    first_taken: dict[str, int] = {}
    for place, message_id in enumerate(receiver.taken):
        first_taken.setdefault(message_id, place)
    for team in teams:
        of_team = WebhookDelivery.objects.filter(order_key=team.pk).order_by("id")
        places = [first_taken[each.message_id] for each in of_team]
        assert places == sorted(places)


def test_a_secret_is_kept_sealed_and_survives_the_change_of_keys(receiver, settings):
    webhook, secret = a_webhook(receiver)
    old = settings.SECRETS_KEYS

    settings.SECRETS_KEYS = ("n" * 40, *old)
    rotated = rotate_all()
    settings.SECRETS_KEYS = ("n" * 40,)

    webhook.refresh_from_db()
    assert (rotated, unseal(webhook.secret)) == (1, secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM kernel_webhook")
        assert secret.removeprefix("whsec_") not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("name", "url", "names"),
    [
        ("", "https://partner.example/in", ["*"]),
        ("Partner", "gopher://partner.example/in", ["*"]),
        ("Partner", "https://partner.example/" + "x" * 500, ["*"]),
        ("Partner", "https://partner.example/in", []),
        ("Partner", "https://partner.example/in", ["crm.nothing_happened"]),
        ("Partner", "https://partner.example/in", ["nothing.*"]),
    ],
)
def test_a_webhook_that_could_not_work_is_refused(name, url, names):
    with pytest.raises(InvalidInputError):
        services.create_webhook(name, url=url, event_names=names, actor=SYSTEM)


def test_only_who_configures_may_have_webhooks():
    with pytest.raises(NotPermittedError):
        services.create_webhook(
            "Partner", url="https://partner.example/in", event_names=["*"], actor=an_actor(Role.AE)
        )


def test_a_change_is_noted_and_a_step_that_does_not_fit_is_refused(receiver):
    webhook, _ = a_webhook(receiver)

    webhook = services.update_webhook(webhook, changes={"name": "Warehouse"}, actor=SYSTEM)

    assert (webhook.name, webhook.version) == ("Warehouse", 2)
    with pytest.raises(DomainError):
        services.resume_webhook(webhook, actor=SYSTEM)


def test_old_messages_that_were_taken_are_forgotten(receiver):
    a_webhook(receiver)
    turn(1)
    sending.send_waiting()
    WebhookDelivery.objects.update(done_at=timezone.now() - timedelta(days=31))

    assert sending.forget_old() > 0
    assert WebhookDelivery.objects.count() == 0
