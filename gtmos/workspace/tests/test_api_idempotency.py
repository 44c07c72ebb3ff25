"""What a request that is sent again does: its effect once, its answer as often as it is asked for."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from crm.models import Company
from crm.tests.builders import a_company
from gtmos.kernel import api_idempotency
from gtmos.kernel.api_models import StoredAnswer
from gtmos.kernel.people.models import ApiToken
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


def test_the_same_key_has_its_effect_once_and_gets_the_same_bytes(api: Api) -> None:
    first = api.post("companies", {"name": "Contoso"}, key="one")
    second = api.post("companies", {"name": "Contoso"}, key="one")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (first["ETag"], first["Location"]) == (second["ETag"], second["Location"])
    assert (first.get("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (None, "true")
    assert Company.objects.count() == 1


def test_without_a_key_a_request_is_done_as_often_as_it_is_sent(api: Api) -> None:
    for _ in range(2):
        api.post("companies", {"name": "Contoso"})

    assert Company.objects.count() == 2


def test_the_same_key_for_another_body_is_refused(api: Api) -> None:
    api.post("companies", {"name": "Contoso"}, key="one")

    answer = api.post("companies", {"name": "Northwind"}, key="one")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_the_same_key_at_another_address_is_refused(api: Api) -> None:
    api.post("products", {"name": "Contoso"}, key="one")

    answer = api.post("companies", {"name": "Contoso"}, key="one")

    assert answer.status_code == 422


def test_the_keys_of_two_callers_have_nothing_to_do_with_each_other(api: Api) -> None:
    other = Api.of(a_user(team=a_team()))

    answers = [caller.post("companies", {"name": "Contoso"}, key="one") for caller in (api, other)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Company.objects.count() == 2


def test_a_refusal_keeps_nothing_so_the_same_key_may_be_tried_again(api: Api) -> None:
    a_company(name="Contoso", domain="contoso.example")
    body = {"name": "Contoso", "domain": "contoso.example"}

    refused = api.post("companies", body, key="one")
    Company.objects.all().delete()
    again = api.post("companies", body, key="one")

    assert (refused.status_code, again.status_code) == (409, 201)


def test_a_kept_answer_is_forgotten_after_a_day(api: Api) -> None:
    api.post("companies", {"name": "Contoso"}, key="one")
    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(hours=23))
    kept = api_idempotency.forget_requests()
    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))

    answer = api.post("companies", {"name": "Contoso"}, key="one")

    assert (kept, answer.status_code, Company.objects.count()) == (0, 201, 2)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_a_length(api: Api, key: str) -> None:
    answer = api.post("companies", {"name": "Contoso"}, key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")


@pytest.fixture
def elsewhere(transactional_db: None) -> Iterator[Callable[[str], None]]:
    """Holds a lock in a session of its own, as a request that is still running does."""
    other = connections.create_connection("default")

    def hold(name: str) -> None:
        number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])

    yield hold
    other.close()


def test_a_request_that_is_still_running_is_not_run_beside_itself(
    elsewhere: Callable[[str], None], api: Api
) -> None:
    elsewhere(f"token:{ApiToken.objects.get().pk} one")

    answer = api.post("companies", {"name": "Contoso"}, key="one")

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_running")
    assert Company.objects.exists() is False


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_has_the_effect_and_the_others_get_its_answer_or_are_told_to_wait(
    api: Api,
) -> None:
    answers: list[Any] = []

    def post() -> None:
        answers.append(api.again().post("companies", {"name": "Contoso"}, key="one"))
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    made = {answer.content for answer in answers if answer.status_code == 201}
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert (len(answers), len(made), Company.objects.count()) == (8, 1, 1)


def test_an_answer_is_kept_only_with_its_effect(api: Api) -> None:
    with transaction.atomic():
        api.post("companies", {"name": "Contoso"}, key="one")
        transaction.set_rollback(True)

    assert (StoredAnswer.objects.count(), Company.objects.count()) == (0, 0)
