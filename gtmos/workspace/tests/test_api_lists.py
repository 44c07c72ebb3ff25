"""Lists of the API: comparisons, orders, few columns; and sentences and events in both versions."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openapi_spec_validator import validate

from agents.models import Run
from crm.models import Deal, UsageEvent
from crm.tests.builders import a_company, a_deal
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db
AMOUNTS = (5, None, 100, 20, 20, None, 7)


@pytest.fixture
def api() -> Api:
    return Api.of(a_user(role=Role.ADMIN))


def deals_of(api: Api, **query: str) -> list[Any]:
    found, cursor = [], ""
    while True:
        answer = api.get("deals", limit="2", **query, **({"cursor": cursor} if cursor else {})).json()
        assert "results" in answer, answer
        found += answer["results"]
        cursor = answer["next_cursor"]
        if not cursor:
            return found


def some_deals() -> None:
    for amount in AMOUNTS:
        Deal.objects.filter(pk=a_deal().pk).update(deal_amount=amount)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("deal_amount", ["5.00", "7.00", "20.00", "20.00", "100.00", None, None]),
        ("-deal_amount", ["100.00", "20.00", "20.00", "7.00", "5.00", None, None]),
    ],
)
def test_pages_in_an_order_together_are_the_list_with_the_empty_ones_last(
    order: str, expected: list[Any], api: Api
) -> None:
    some_deals()

    found = deals_of(api, ordering=order)

    assert [each["deal_amount"] for each in found] == expected
    assert len({each["id"] for each in found}) == len(AMOUNTS)


@pytest.mark.parametrize(
    "order", ["name", "-created_at", "stage_entered_at", "deal_expected_signing_date", "version"]
)
def test_every_kind_of_column_gives_an_order(order: str, api: Api) -> None:
    some_deals()

    assert len({each["id"] for each in deals_of(api, ordering=order)}) == len(AMOUNTS)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"deal_amount__gte": "20"}, 3),
        ({"deal_amount__gt": "20"}, 1),
        ({"deal_amount__lt": "7"}, 1),
        ({"deal_amount__isnull": "true"}, 2),
        ({"deal_amount__gte": "6", "deal_amount__lte": "20"}, 3),
        ({"deal_state__in": "open,won"}, 7),
        ({"name__icontains": "no such name"}, 0),
    ],
)
def test_columns_are_compared(query: dict[str, str], count: int, api: Api) -> None:
    some_deals()

    assert len(deals_of(api, **query)) == count


@pytest.mark.parametrize(
    "query",
    [
        {"ordering": "custom"},
        {"ordering": "--name"},
        {"deal_amount__gte": "NaN"},
        {"deal_amount__gte": "many"},
        {"version__gt": "99999999999999999999"},
        {"created_at__gte": "yesterday"},
        {"ordering": "name", "cursor": "bm9uZQ"},
        {"ordering": "name", "cursor": "é"},
    ],
)
def test_what_cannot_be_compared_is_refused(query: dict[str, str], api: Api) -> None:
    assert api.get("deals", **query).status_code == 400


def test_a_cursor_of_another_order_is_refused(api: Api) -> None:
    some_deals()
    cursor = api.get("deals", limit="2", ordering="name").json()["next_cursor"]

    assert api.get("deals", ordering="-name", cursor=cursor).status_code == 400


def test_few_fields_read_few_columns(api: Api) -> None:
    a_company(name="Acme", description="A long text")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = api.get("companies", fields="id,name")

    (statement,) = [each["sql"] for each in queries if 'FROM "crm_company"' in each["sql"]]
    assert answer.json()["results"][0]["name"] == "Acme"
    assert ('"description"' in statement, '"custom"' in statement, '"name"' in statement) == (
        False,
        False,
        True,
    )


@pytest.mark.parametrize(
    "fields", ["id,company_name,owner_id", "stage,deal_amount", "version", "revenue,name"]
)
def test_fields_of_other_records_are_still_read(fields: str, api: Api) -> None:
    a_deal(amount=Decimal(10))
    plural = "companies" if "revenue" in fields else "deals"

    (row,) = api.get(plural, fields=fields).json()["results"][:1]

    assert list(row) == fields.split(",")


def test_the_schema_is_openapi_three_one(client: Client) -> None:
    schema = client.get("/api/v1/schema/?format=json").json()

    validate(schema)
    assert schema["openapi"].startswith("3.1")


def test_the_page_of_the_documentation_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()

    assert ("https://" in page, "/static/drf_spectacular_sidecar/" in page) == (False, True)


def test_a_sentence_is_taken_and_done_once_however_often_it_comes(api: Api) -> None:
    body = {"text": "show my tasks", "message_id": "m-1"}

    first, second = api.post("inputs", body), api.post("inputs", body)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["run_id"] == second.json()["run_id"]
    assert Run.objects.count() == 1


def test_a_sentence_may_come_as_plain_text(api: Api) -> None:
    answer = api.client.post(
        "/api/v1/inputs/?message_id=m-2", "show my tasks", content_type="text/plain", headers=api.headers
    )

    assert (answer.status_code, Run.objects.get().command) == (202, "show my tasks")


def test_both_versions_of_an_event_are_stored_alike(api: Api) -> None:
    company = a_company(domain="acme.example")
    moment = "2026-03-02T09:00:00Z"
    subject = {"company_domain": "acme.example", "contact_email": "ann@acme.example"}
    first = {
        "source": "app",
        "id": "1",
        "name": "login",
        "occurred_at": moment,
        **subject,
        "properties": {"a": 1},
    }
    second = {
        "version": 2,
        "source": "app",
        "id": "2",
        "type": "login",
        "time": moment,
        "subject": subject,
        "data": {"a": 1},
    }

    answer = api.post(
        "events", {"events": [first, second, {**second, "version": 3}, {**second, "subject": "x"}]}
    )

    assert [each["result"] for each in answer.json()["results"]] == [
        "stored",
        "stored",
        "rejected",
        "rejected",
    ]
    kept = UsageEvent.objects.values_list("name", "occurred_at", "company_id", "contact_email", "properties")
    assert len({str(each) for each in kept}) == 1
    assert {each[2] for each in kept} == {company.pk}
