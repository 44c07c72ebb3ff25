"""Many rows in one request."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Company, Contact, Deal
from crm.services.pipelines import ensure_default_pipeline
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


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


def test_a_row_that_states_a_version_changes_only_that_one(api: Api, user: User) -> None:
    ada = a_contact(actor=Actor.of(user), name="Ada", email="ada@x.example")
    row = {"id": str(ada.pk), "title": "CEO", "version": 1}
    fresh = {"email": "new@x.example", "name": "New", "version": 1}

    answers = [bulk(api, "contacts", [row], operation="update", match_on="id") for _ in range(2)]
    unseen = bulk(api, "contacts", [fresh], match_on="email")

    assert answers == [[("updated", None)], [("rejected", "stale_version")]]
    assert unseen == [("rejected", "stale_version")]
    ada.refresh_from_db()
    assert (ada.title, ada.version, Contact.objects.count()) == ("CEO", 2, 1)


def test_who_was_erased_is_not_brought_back_by_a_batch(api: Api, user: User) -> None:
    gone = a_contact(actor=Actor.of(user), name="Gone")
    Contact.objects.filter(pk=gone.pk).update(erased_at=timezone.now())

    results = bulk(api, "contacts", [{"id": str(gone.pk), "name": "Back"}], operation="update")

    assert results == [("rejected", "erased")]


def test_rows_say_the_customer_state_and_the_amount_by_their_columns(api: Api) -> None:
    ensure_default_pipeline(actor=SYSTEM)
    state = {"domain": "contoso.example", "name": "Contoso", "customer_state": "buying"}
    sale = {"name": "Big", "external_id": "D1", "deal_amount": "12.50", "deal_amount_currency": "EUR"}

    company = bulk(api, "companies", [state], match_on="domain")
    again = bulk(api, "companies", [{**state, "customer_state": "using"}], match_on="domain")
    deal = bulk(api, "deals", [sale], match_on="external_id")

    assert (company, again, deal) == ([("created", None)], [("updated", None)], [("created", None)])
    assert Company.objects.get().customer_state == "using"
    assert (str(Deal.objects.get().deal_amount), Deal.objects.get().deal_amount_currency) == ("12.50", "EUR")


def test_a_deal_of_somebody_else_with_the_same_key_is_a_refusal(api: Api) -> None:
    ensure_default_pipeline(actor=SYSTEM)
    other = Api.of(a_user(team=a_team()))
    bulk(other, "deals", [{"name": "Theirs", "external_id": "D1"}], match_on="external_id")

    mine = bulk(api, "deals", [{"name": "Mine", "external_id": "D1"}], match_on="external_id")
    alone = api.post("deals", {"name": "Mine", "external_id": "D1"})

    assert mine == [("rejected", "deal_exists")]
    assert (alone.status_code, alone.json()["code"]) == (409, "deal_exists")


def test_a_batch_counts_as_one_request_and_tells_how_many_are_left(api: Api) -> None:
    answer = api.post("contacts/bulk", {"operation": "create", "rows": [{"name": "A"}, {"name": "B"}]})
    limit = int(answer["RateLimit-Limit"])

    assert int(answer["RateLimit-Remaining"]) == limit - 1


@pytest.mark.parametrize("rows", [[], [{}] * 1001, ["text"], None])
def test_a_batch_of_the_wrong_size_or_shape_is_a_problem(api: Api, rows: Any) -> None:
    answer = api.post("contacts/bulk", {"operation": "create", "rows": rows})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "invalid_input"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("plural", "key"), [("contacts", "email"), ("deals", "external_id")])
def test_batches_at_once_with_the_same_rows_in_other_orders_end_well(api: Api, plural: str, key: str) -> None:
    ensure_default_pipeline(actor=SYSTEM)
    rows = [{key: f"p{number}@x.example", "name": f"P {number}"} for number in range(30)]
    answers: list[Any] = []

    def post(turn: int) -> None:
        mine = [{**row, "name": f"{row['name']} {turn}"} for row in (rows if turn % 2 else rows[::-1])]
        body = {"operation": "upsert", "match_on": key, "rows": mine}
        try:
            answers.append(api.again().post(f"{plural}/bulk", body))
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [200] * 4
    assert {"contacts": Contact, "deals": Deal}[plural].objects.count() == 30
