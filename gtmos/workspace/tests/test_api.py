"""What every address of the API does alike: who may enter, how it refuses, repeats, limits and pages."""

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from crm.models import Company
from crm.tests.builders import a_company
from gtmos.kernel import api_idempotency, api_limits
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.api_models import RequestCount
from gtmos.kernel.people.models import ApiToken, Role, User
from gtmos.kernel.people.services import issue_token
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db
PLURALS = (
    "activities",
    "approvals",
    "companies",
    "contacts",
    "deals",
    "events",
    "products",
    "runs",
    "signals",
    "tasks",
)


def routes() -> list[str]:
    patterns = get_resolver("gtmos.workspace.api_urls").url_patterns
    return sorted({str(each.pattern) for each in patterns} - {"<whatever:rest>"})


# Who may enter


@pytest.mark.parametrize("plural", PLURALS)
def test_nothing_is_readable_without_a_token(plural: str, client: Client) -> None:
    answer = client.get(f"/api/v1/{plural}/")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("plural", PLURALS)
def test_a_token_that_may_read_reads_every_list(plural: str, user: User) -> None:
    answer = Api.of(user, "read").get(plural)

    assert (answer.status_code, answer.json()["results"]) == (200, [])


@pytest.mark.parametrize(
    "plural", ["companies", "contacts", "deals", "products", "activities", "tasks", "events"]
)
def test_a_token_that_may_only_read_changes_nothing(plural: str, user: User) -> None:
    answer = Api.of(user, "read").post(plural, {})

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    "change", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(seconds=1)}]
)
def test_a_token_that_was_revoked_or_has_expired_is_refused(api: Api, change: dict[str, Any]) -> None:
    ApiToken.objects.update(**change)

    answer = api.get("companies")

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")


def test_a_token_has_the_rights_of_its_person_and_no_more() -> None:
    viewer = a_user(role=Role.VIEWER)

    answer = Api.of(viewer).post("companies", {"name": "Contoso"})

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert Company.objects.exists() is False


def test_a_signed_in_person_needs_the_form_token_to_change_something(user: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)

    read = browser.get("/api/v1/companies/")
    write = browser.post("/api/v1/companies/", {"name": "X"}, content_type="application/json")

    assert (read.status_code, write.status_code) == (200, 403)


def test_a_key_is_not_kept_in_the_clear(user: User) -> None:
    key = issue_token(user, scopes=["read"], actor=Actor.of(user))

    token = ApiToken.objects.get()
    assert token.digest == hashlib.sha256(key.encode()).hexdigest()
    assert token.prefix == key[:10]


# How it refuses


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "nothing/"),
        ("post", "nothing/at/all/"),
        ("get", "companies/12/"),
        ("get", "companies"),
        ("post", "merges/two%0Alines/undo/"),
    ],
)
def test_an_address_that_does_not_exist_is_a_problem_and_no_page(api: Api, method: str, path: str) -> None:
    answer = getattr(api.client, method)(f"/api/v1/{path}", headers=api.headers)

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_a_problem_has_a_stable_code_and_an_id_that_stands_in_the_log(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "gtmos.kernel.api"):
        answer = api.post("companies", {"name": ""})

    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"]) == (400, 400, "invalid_input")
    assert list(body["errors"]) == ["name"]
    assert answer["X-Request-ID"] == body["request_id"]
    assert [body["request_id"] in record.message for record in caplog.records] == [True]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"name": NaN}',
        b"\xff\xfe",
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        b'{"custom": {"a": ["\\u0000"]}}',
        b"[" * 100_000,
        b"",
        b"[]",
        b"null",
    ],
)
def test_a_body_that_cannot_be_read_or_kept_is_refused_with_a_sentence(api: Api, body: bytes) -> None:
    answer = api.client.post("/api/v1/companies/", body, content_type="application/json", headers=api.headers)

    assert answer.status_code == 400
    assert Company.objects.exists() is False


def test_a_body_that_is_too_large_is_refused(api: Api, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = api.post("companies", {"name": "x" * 2000})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=nonsense",
        "q=%00",
        "nothing=1",
        "fields=nothing",
        "owner_id=7",
    ],
)
def test_a_parameter_that_means_nothing_is_refused_and_not_ignored(api: Api, query: str) -> None:
    a_company()

    answer = api.client.get(f"/api/v1/companies/?{query}", headers=api.headers)

    assert answer.status_code == 400


# How it limits


@pytest.fixture
def quiet_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute that does not end while the test runs."""
    moment = timezone.now().replace(second=10)
    monkeypatch.setattr(api_limits.timezone, "now", lambda: moment)


@pytest.mark.usefixtures("quiet_minute")
def test_each_answer_says_how_many_are_left_and_the_last_is_refused(api: Api, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = {"": 2, "events": 2}

    answers = [api.get("companies") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Limit"] for answer in answers] == ["2", "2", "2"]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert [answer["RateLimit-Reset"] for answer in answers] == ["50", "50", "50"]
    assert (answers[2]["Retry-After"], answers[2].json()["code"]) == ("50", "throttled")


@pytest.mark.usefixtures("quiet_minute")
def test_posting_events_is_counted_apart(api: Api, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = {"": 1, "events": 3}
    api.get("companies")

    answers = [api.get("companies").status_code, api.post("events", {"events": [{}]}).status_code]

    assert answers == [429, 200]


@pytest.mark.usefixtures("quiet_minute")
def test_tokens_are_counted_one_by_one(api: Api, user: User, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = {"": 1, "events": 1}

    answers = [each.get("companies").status_code for each in (api, Api.of(user), api)]

    assert answers == [200, 200, 429]


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_are_all_counted() -> None:
    moment = timezone.now()

    def twenty() -> None:
        for _ in range(20):
            api_limits.count("token:x", moment)
        connection.close()

    threads = [threading.Thread(target=twenty) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert RequestCount.objects.get().used == 80


def test_counts_of_past_hours_are_forgotten(api: Api) -> None:
    api.get("companies")
    RequestCount.objects.update(minute=timezone.now() - timedelta(hours=2))

    assert (api_idempotency.forget_requests(), RequestCount.objects.count()) == (1, 0)


# How it pages


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_the_pages_together_are_the_list_also_when_all_rows_are_of_one_moment(api: Api, limit: int) -> None:
    made = {str(a_company().pk) for _ in range(5)}
    Company.objects.update(created_at=timezone.now())
    seen: list[str] = []
    following = f"/api/v1/companies/?limit={limit}"

    while following:
        page = api.client.get(following, headers=api.headers).json()
        seen += [row["id"] for row in page["results"]]
        following = page["next"]

    assert (len(seen), set(seen)) == (5, made)


def test_only_the_fields_that_were_asked_for_are_answered(api: Api) -> None:
    company = a_company(name="Contoso")

    rows = api.get("companies", fields="name,domain").json()["results"]
    one = api.client.get(f"/api/v1/companies/{company.pk}/?fields=name", headers=api.headers).json()

    assert (rows, one) == ([{"name": "Contoso", "domain": "contoso.example"}], {"name": "Contoso"})


# What it says about itself


def test_the_schema_is_valid_and_nothing_in_it_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True)

    assert capsys.readouterr().out.startswith("openapi: 3.1")


def test_the_schema_and_its_page_need_no_token(client: Client) -> None:
    schema, page = client.get("/api/v1/schema/"), client.get("/api/v1/docs/")

    assert (schema.status_code, page.status_code) == (200, 200)
    assert "https://" not in page.content.decode()


def test_every_change_in_the_schema_names_its_header_and_its_refusals(client: Client) -> None:
    schema = client.get("/api/v1/schema/?format=json").json()

    for operations in schema["paths"].values():
        for method, operation in operations.items():
            names = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
            wanted = {"post": {"Idempotency-Key"}, "patch": {"If-Match"}, "delete": {"If-Match"}}
            more = {"If-Match"} if operation["operationId"] == "campaigns_approve_create" else set()
            assert names == wanted.get(method, set()) | more
            assert "429" in operation["responses"]


def test_nothing_is_written_by_a_read(api: Api, user: User) -> None:
    company = a_company(actor=Actor.of(user))
    before = Company.objects.values("version", "updated_at").get()

    for path in ("companies/", f"companies/{company.pk}/", f"companies/{company.pk}/history/"):
        assert api.client.get(f"/api/v1/{path}", headers=api.headers).status_code == 200

    assert Company.objects.values("version", "updated_at").get() == before


def test_every_route_passes_through_the_door() -> None:
    from gtmos.kernel.api_door import Door  # noqa: PLC0415 -- beside what it is about

    views = [
        each.callback.cls
        for each in get_resolver("gtmos.workspace.api_urls").url_patterns
        if hasattr(each.callback, "initkwargs") and hasattr(each.callback, "actions")
    ]

    assert [view.__name__ for view in views if not issubclass(view, Door)] == []
    assert len(routes()) > 20
    assert SYSTEM.user is None
