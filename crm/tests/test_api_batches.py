"""Many rows in one request."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Contact, Deal
from crm.services.pipelines import ensure_default_pipeline
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return a_user(team=a_team())


@pytest.fixture
def api(user: User) -> Api:
    return Api.of(user)


def bulk(api: Api, plural: str, rows: list[dict[str, Any]], **how: Any) -> list[Any]:
    key = how.pop("key", None)
    answer = api.post(f"{plural}/bulk", {"operation": "upsert", **how, "rows": rows}, key=key)
    assert answer.status_code == 200, answer.content
    return [(each["result"], (each["problem"] or {}).get("code")) for each in answer.json()["results"]]


def test_each_row_says_what_became_of_it_and_one_event_tells_of_all(api: Api, user: User) -> None:
    company = a_company(actor=Actor.of(user))
    a_contact(actor=Actor.of(user), name="Ada", email="ada@x.example")
    a_contact(actor=Actor.of(user), name="Bob", email="bob@x.example")
    rows = [
        {"email": "Ada@x.example", "title": "CEO", "company_id": str(company.pk)},
        {"email": "bob@x.example", "name": "Bob"},
        {"email": "new@x.example", "name": "New"},
        {"email": "new@x.example", "name": "Newer"},
        {"email": "no address"},
        {"email": "c@x.example", "nothing": 1},
        {"name": "Nobody"},
    ]
    before = EventRecord.objects.filter(name="crm.batch_written").count()

    results = bulk(api, "contacts", rows, match_on="email")

    assert [result for result, _ in results[:4]] == ["updated", "unchanged", "created", "updated"]
    assert [result for result, _ in results[4:]] == ["rejected"] * 3
    ada = Contact.objects.get(email_key="ada@x.example")
    assert (ada.title, ada.company, ada.version, ada.seniority != "") == ("CEO", company, 2, True)
    assert Change.objects.filter(subject_id=ada.pk).count() == 2
    assert Contact.objects.get(email_key="new@x.example").name == "Newer"
    assert EventRecord.objects.filter(name="crm.batch_written").count() == before + 1


def test_a_thousand_rows_take_few_statements(api: Api) -> None:
    rows = [{"email": f"p{number}@x.example", "name": f"P {number}"} for number in range(1000)]

    with CaptureQueriesContext(connection) as made:
        created = bulk(api, "contacts", rows, match_on="email")
    with CaptureQueriesContext(connection) as changed:
        updated = bulk(api, "contacts", [{**row, "title": "CEO"} for row in rows], match_on="email")

    assert {result for result, _ in created} == {"created"}
    assert {result for result, _ in updated} == {"updated"}
    assert (len(made) < 40, len(changed) < 40) == (True, True)
    assert Change.objects.filter(subject_type="crm.contact").count() == 2000


def test_what_is_somebody_elses_is_neither_changed_nor_made_twice(api: Api) -> None:
    theirs = a_contact(actor=Actor.of(a_user(team=a_team())), email="t@x.example", name="Theirs")

    by_email = bulk(api, "contacts", [{"email": "t@x.example", "name": "Mine"}], match_on="email")
    by_id = bulk(api, "contacts", [{"id": str(theirs.pk), "name": "Mine"}], operation="update", match_on="id")

    assert [by_email[0][0], by_id[0][0]] == ["rejected", "rejected"]
    assert Contact.objects.get().name == "Theirs"


def test_a_viewer_writes_no_batch() -> None:
    answer = Api.of(a_user(role=Role.VIEWER)).post(
        "contacts/bulk", {"operation": "create", "rows": [{"name": "X"}]}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_an_opt_out_in_a_batch_is_final(api: Api) -> None:
    row = {"email": "o@x.example", "name": "O", "opted_out_at": "2026-05-01T10:00:00Z"}
    bulk(api, "contacts", [row], match_on="email")

    again = bulk(api, "contacts", [{"email": "o@x.example", "do_not_email": False}], match_on="email")

    assert again == [("rejected", "opt_out_is_final")]
    assert Contact.objects.get().do_not_email is True


def test_deals_and_companies_come_by_the_same_address(api: Api) -> None:
    companies = [{"domain": "contoso.example", "name": "Contoso"}, {"domain": "b.example"}]

    ensure_default_pipeline(actor=SYSTEM)

    made = bulk(api, "companies", companies, match_on="domain")
    deals = bulk(api, "deals", [{"name": "Big", "external_id": "D1"}], match_on="external_id")
    again = bulk(api, "deals", [{"name": "Bigger", "external_id": "D1"}], match_on="external_id")

    assert made == [("created", None), ("rejected", "name_missing")]
    assert (deals, again) == ([("created", None)], [("updated", None)])
    assert Deal.objects.get().name == "Bigger"


def test_the_same_key_writes_a_batch_once(api: Api) -> None:
    for _ in range(2):
        bulk(api, "contacts", [{"name": "Ada"}], operation="create", key="one")

    assert Contact.objects.count() == 1


@pytest.mark.parametrize(("operation", "match_on"), [("upsert", "id"), ("upsert", "domain")])
def test_what_cannot_be_matched_is_refused_as_a_whole(api: Api, operation: str, match_on: str) -> None:
    answer = api.post(
        "contacts/bulk", {"operation": operation, "match_on": match_on, "rows": [{"name": "X"}]}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_match")
