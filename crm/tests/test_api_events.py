"""Events and signals by the API: batches with a result for each, stored once, tied to who they are about."""

from datetime import date
from typing import Any

import pytest

from crm.models import Signal, UsageEvent
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


def an_event(number: int, **values: Any) -> dict[str, Any]:
    return {
        "source": "app",
        "id": f"e{number}",
        "name": "report_opened",
        "occurred_at": "2026-03-02T09:00:00Z",
        **values,
    }


def test_events_find_their_company_and_person(api: Api) -> None:
    company = a_company(domain="contoso.example")
    contact = a_contact(company=company, email="Ada@Contoso.example")
    posted = [
        an_event(1, company_domain="https://www.Contoso.example/pricing", properties={"pages": 3}),
        an_event(2, contact_email="ada@contoso.EXAMPLE"),
        an_event(3, company_domain="unknown.example"),
    ]

    answer = api.post("events", {"events": posted})

    assert (answer.status_code, answer.json()["stored"]) == (200, 3)
    assert list(UsageEvent.objects.order_by("external_id").values_list("company", "contact")) == [
        (company.pk, None),
        (company.pk, contact.pk),
        (None, None),
    ]
    assert UsageEvent.objects.get(external_id="e1").properties == {"pages": 3}
    assert EventRecord.objects.values_list("payload", flat=True).get(name="crm.usage_stored") == {"stored": 3}


def test_each_event_has_its_own_result_in_the_order_sent(api: Api) -> None:
    api.post("events", {"events": [an_event(1)]})
    posted = [
        an_event(1),
        an_event(2),
        an_event(2, name="again"),
        an_event(3, name=" "),
        an_event(4, occurred_at="yesterday"),
        an_event(5, contact_email="no address"),
        "nothing",
        an_event(6, properties=[]),
    ]

    body = api.post("events", {"events": posted}).json()

    results = [(row["id"], row["result"]) for row in body["results"]]
    assert results == [
        ("e1", "duplicate"),
        ("e2", "stored"),
        ("e2", "duplicate"),
        ("e3", "rejected"),
        ("e4", "rejected"),
        ("e5", "rejected"),
        ("", "rejected"),
        ("e6", "rejected"),
    ]
    assert (body["stored"], body["duplicate"], body["rejected"]) == (1, 2, 5)
    assert body["results"][3]["reason"] == "name is missing."
    assert UsageEvent.objects.get(external_id="e2").name == "report_opened"


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 200), (1000, 200), (1001, 422)])
def test_a_batch_holds_from_one_to_a_thousand_events(count: int, status: int, api: Api) -> None:
    answer = api.post("events", {"events": [an_event(number) for number in range(count)]})

    assert answer.status_code == status
    assert UsageEvent.objects.count() == (count if status == 200 else 0)


def test_a_batch_costs_the_same_statements_as_one_event(api: Api, django_assert_max_num_queries: Any) -> None:
    api.get("tasks")
    counts = []
    for size in (1, 300):
        posted = [
            an_event(
                size * 1000 + number,
                company_domain=f"c{number}.example",
                contact_email=f"p{number}@c.example",
            )
            for number in range(size)
        ]
        with django_assert_max_num_queries(10) as captured:
            api.post("events", {"events": posted})
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_a_viewer_stores_no_events() -> None:
    answer = Api.of(a_user(role=Role.VIEWER)).post("events", {"events": [an_event(1)]})

    assert (answer.status_code, UsageEvent.objects.count()) == (403, 0)


def test_events_of_a_company_are_seen_with_it(api: Api, user: User) -> None:
    a_company(actor=Actor.of(a_user(team=a_team())), domain="hidden.example")
    api.post("events", {"events": [an_event(1, company_domain="hidden.example"), an_event(2)]})

    rows = api.get("events").json()["results"]

    assert [row["external_id"] for row in rows] == ["e2"]


def test_signals_are_recorded_once_by_the_batch(api: Api) -> None:
    company = a_company()
    signal = {
        "company_id": str(company.pk),
        "type": "funding",
        "source": "press",
        "occurred_on": "2026-03-02",
    }

    first = api.post("signals", {"signals": [signal, {**signal, "type": "hiring", "detail": "12 open jobs"}]})
    second = api.post("signals", {"signals": [signal]})

    assert (first.status_code, first.json()) == (201, {"recorded": 2, "known": 0})
    assert second.json() == {"recorded": 0, "known": 1}
    assert list(Signal.objects.values_list("occurred_on", flat=True)) == [date(2026, 3, 2)] * 2


def test_a_signal_without_a_source_or_of_a_hidden_company_stops_its_batch(api: Api) -> None:
    hidden = a_company(actor=Actor.of(a_user(team=a_team())))
    fine = {"company_id": str(a_company().pk), "type": "news", "source": "press", "occurred_on": "2026-03-02"}

    for wrong in ({"source": ""}, {"company_id": str(hidden.pk)}, {"type": "rumour"}):
        answer = api.post("signals", {"signals": [fine, {**fine, **wrong}]})
        assert answer.status_code == 400

    assert Signal.objects.exists() is False
