"""Kept secrets: sealed anew while the product runs and is killed, and to be read in no dump, log, answer or page."""

import os
import random
import re
import signal
import time
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.management import call_command
from django.test import Client

from gtmos.kernel import secrets
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import UnavailableError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import create_user, issue_token
from gtmos.kernel.secrets import rotate_all, seal, unseal
from gtmos.kernel.signin import factor_services as factors
from gtmos.kernel.tests.processes import in_a_process_of_its_own
from gtmos.kernel.webhooks.models import Webhook
from gtmos.workspace.tests.test_privacy import everything_stored

OLD, NEW = "old " * 10, "new " * 10
ROWS = int(os.environ.get("GTMOS_TEST_SECRETS", "3000"))
KILLS, STATEMENTS = 10, ROWS // 200 * 3  # of a whole rotation
PASSWORD = "canary-of-a-password-81"


def kept(count: int) -> dict[Any, str]:
    """Webhooks with a secret each."""
    rows = [
        Webhook(name=f"Hook {number}", url="https://hooks.example/", secret=seal(f"canary-{number}"))
        for number in range(count)
    ]
    Webhook.objects.bulk_create(rows, batch_size=1000)
    return {row.pk: f"canary-{number}" for number, row in enumerate(rows)}


def read_and_write(expected: dict[Any, str], dice: random.Random) -> None:
    """What the product does meanwhile: every secret is read as it is, some are replaced."""
    for key in dice.sample(sorted(expected), 10):
        assert unseal(Webhook.objects.get(pk=key).secret) == expected[key]
    for key in dice.sample(sorted(expected), 3):
        expected[key] = f"replaced-{dice.random()}"
        Webhook.objects.filter(pk=key).update(secret=seal(expected[key]))


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_all_secrets_are_sealed_anew_through_ten_kills_and_read_and_written_meanwhile(
    settings: Any,
) -> None:
    settings.SECRETS_KEYS = (OLD,)
    expected, dice, killed, rounds = kept(ROWS), random.Random(9), 0, 0
    settings.SECRETS_KEYS = (NEW, OLD)

    for dies_at in [dice.randint(5, STATEMENTS) for _ in range(KILLS)]:
        process = in_a_process_of_its_own(rotate_all, dies_at=dies_at)
        while process.is_alive():
            read_and_write(expected, dice)
            rounds += 1
        process.join()
        killed += process.exitcode == -signal.SIGKILL
    began = time.perf_counter()
    count = rotate_all()
    took = time.perf_counter() - began

    settings.SECRETS_KEYS = (NEW,)
    print(f"{killed} kills, {rounds} rounds of reading and writing meanwhile; undisturbed {took:.1f} s")
    assert {key: unseal(sealed) for key, sealed in Webhook.objects.values_list("pk", "secret")} == expected
    assert (killed, count, rounds >= KILLS) == (KILLS, ROWS, True)


@pytest.mark.django_db
def test_a_rotation_that_leaves_a_secret_under_the_old_key_is_found(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECRETS_KEYS = (OLD,)
    (key,) = kept(1)
    settings.SECRETS_KEYS = (NEW, OLD)
    monkeypatch.setattr(secrets, "reseal", lambda sealed: sealed)
    rotate_all()

    settings.SECRETS_KEYS = (NEW,)
    with pytest.raises(UnavailableError):
        unseal(Webhook.objects.get(pk=key).secret)


@pytest.mark.django_db
def test_what_was_sealed_anew_is_not_read_with_the_old_key(settings: Any) -> None:
    settings.SECRETS_KEYS = (OLD,)
    (key,) = kept(1)
    settings.SECRETS_KEYS = (NEW, OLD)
    call_command("rotate_secrets")

    settings.SECRETS_KEYS = (OLD,)
    with pytest.raises(UnavailableError):
        unseal(Webhook.objects.get(pk=key).secret)


def an_administrator() -> User:
    return create_user("root@gtmos.example", name="Root", role=Role.ADMIN, password=PASSWORD, actor=SYSTEM)


def with_app(user: User) -> str:
    secret: str = totp.generate_totp_secret()
    counter = list(totp.yield_hotp_counters_from_time())[1]
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    factors.add_app(user, secret, code, actor=Actor.of(user))
    return secret


def every_canary(browser: Client, user: User) -> dict[str, str]:
    """Each secret there is, made by its usual door, with what it is."""
    key = issue_token(user, scopes=["read", "write", "admin"], actor=Actor.of(user))
    hook = {"name": "Partner", "url": "https://partner.example/in", "event_names": ["*"]}
    bearer = {"Authorization": f"Bearer {key}", "Idempotency-Key": "once"}
    made = browser.post("/api/v1/webhooks/", hook, content_type="application/json", headers=bearer)
    turned = browser.post(
        f"/api/v1/webhooks/{made.json()['id']}/rotate-secret/", headers=bearer | {"Idempotency-Key": "2"}
    )
    shown = browser.post("/settings/account/keys/", {"name": "Mine", "scopes": "read", "days": "30"})
    browser.post("/settings/people/", {"email": "ada@gtmos.example", "name": "Ada", "role": "ae"})
    found = {
        key: "a token",
        PASSWORD: "a password",
        with_app(user): "the secret of an app",
        **dict.fromkeys(factors.make_recovery_codes(user, actor=Actor.of(user)), "a recovery code"),
    }
    for answer, what in ((made, "a webhook's secret"), (turned, "its next secret")):
        found |= dict.fromkeys(re.findall(r"whsec_[\w+/=]+", answer.content.decode()), what)
    return found | dict.fromkeys(re.findall(r"gtm\w*_\w{20,}", shown.content.decode()), "a token of the page")


PAGES = (
    "/webhooks/",
    "/settings/account/",
    "/settings/people/",
    "/audit/",
    "/audit/export.csv",
    "/settings/events/",
)
DESK = (
    "kernel/webhook",
    "kernel/user",
    "kernel/apitoken",
    "kernel/change",
    "kernel/eventrecord",
    "mfa/authenticator",
)
ASKED = ("webhooks", "users", "webhook-deliveries")


@pytest.mark.django_db(transaction=True)
def test_no_secret_is_in_a_dump_a_log_the_history_an_answer_or_the_desk(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    user = an_administrator()
    client.force_login(user)
    canaries = every_canary(client, user)
    webhook = Webhook.objects.get()
    client.post("/api/v1/webhooks/", "{broken", content_type="application/json")  # an answer about a mistake

    places = [*PAGES, f"/webhooks/{webhook.pk}/", *(f"/api/v1/{noun}/" for noun in ASKED)]
    places += [f"/admin/{each}/" for each in DESK] + [f"/admin/kernel/webhook/{webhook.pk}/change/"]
    answers = {place: client.get(place, follow=True) for place in places}
    read = {place: _body(answer) for place, answer in answers.items()}
    read |= {"the database, files, logs and the broker": everything_stored(), "the log": caplog.text}

    told = {
        (what, place) for secret, what in canaries.items() for place, text in read.items() if secret in text
    }
    assert told == set()
    assert len(canaries) >= 15
    assert sum(answer.status_code == 200 for answer in answers.values()) > len(places) - 3


def _body(answer: Any) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


@pytest.mark.django_db(transaction=True)
def test_a_secret_that_is_kept_as_it_is_would_be_found() -> None:
    Webhook.objects.create(
        name="Careless whsec_canary", url="https://partner.example/", secret=seal("hidden-canary")
    )

    stored = everything_stored()

    assert ("whsec_canary" in stored, "hidden-canary" in stored) == (True, False)
