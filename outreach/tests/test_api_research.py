"""Searches, prospects and saved searches, as a program asks for them."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.services.contacts import opt_out
from crm.tests.builders import a_company, a_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.tests.builders import a_user
from outreach.models import ResearchJob
from outreach.services.research import run_research
from outreach.tests.research_builders import a_search

pytestmark = pytest.mark.django_db
JOBS, PROSPECTS, SEARCHES = "/api/v1/research-jobs/", "/api/v1/prospects/", "/api/v1/saved-searches/"
CMOS = {"titles": ["CMO"], "industries": ["Finance"]}


@pytest.fixture
def person(client):
    user = a_user()
    client.force_login(user)
    return user


def post(client, address: str, **body):
    return client.post(address, json.dumps(body), content_type="application/json")


def found(person, people: int) -> ResearchJob:
    for number in range(people):
        a_contact(company=a_company(industry_vertical="Finance"), name=f"Chief {number}", title="CMO")
    return a_search(CMOS, actor=Actor.of(person))


def test_a_search_is_asked_for_carried_out_and_read(client, person):
    asked = post(client, JOBS, criteria=CMOS, command="CMOs in finance")
    run_research(asked.json()["id"])

    read = client.get(f"{JOBS}{asked.json()['id']}/")

    assert (asked.status_code, asked.json()["state"]) == (201, "queued")
    assert (read.json()["state"], read.json()["command"]) == ("done", "CMOs in finance")
    assert read.json()["criteria"] == {**CMOS, "entity": "people"}


def test_criteria_that_cannot_be_used_are_a_problem_with_a_sentence(client, person):
    answer = post(client, JOBS, criteria={"colour": "red"})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_criteria")
    assert answer.json()["detail"] == "colour is no criterion of a search."


def test_a_search_is_refined_and_cancelled(client, person):
    job = found(person, 1)

    child = post(client, f"{JOBS}{job.pk}/refine/", op="narrow", changes={"locations": ["Berlin"]})
    stopped = post(client, f"{JOBS}{child.json()['id']}/cancel/")
    refused = post(client, f"{JOBS}{job.pk}/cancel/")

    assert child.status_code == 201
    assert (child.json()["parent"], child.json()["criteria"]["locations"]) == (str(job.pk), ["Berlin"])
    assert (stopped.json()["state"], refused.status_code) == ("cancelled", 409)


def test_prospects_come_best_first_page_by_page(client, person):
    job = found(person, 3)

    first = client.get(PROSPECTS, {"research": str(job.pk), "limit": 2}).json()
    second = client.get(first["next"]).json()

    keys = [row["id"] for row in (*first["results"], *second["results"])]
    assert (len(keys), len(set(keys))) == (3, 3)
    assert second["next_cursor"] is None
    row = first["results"][0]
    assert (row["grade"], row["tier"], row["research"]) == ("B", 1, str(job.pk))
    assert {part["criterion"] for part in row["parts"]} == {"titles", "industries", "reach", "role"}


@pytest.mark.parametrize("people", [1, 3])
def test_a_list_takes_as_many_statements_for_three_as_for_one(client, person, people):
    job = found(person, people)

    with CaptureQueriesContext(connection) as statements:
        rows = client.get(PROSPECTS, {"research": str(job.pk)}).json()["results"]

    assert len(rows) == people
    assert len(statements) == 4


def test_one_prospect_is_selected_dismissed_and_restored(client, person):
    row = found(person, 1).prospects.get()

    states = [
        post(client, f"{PROSPECTS}{row.pk}/{verb}/").json()["state"]
        for verb in ("select", "dismiss", "restore")
    ]

    assert states == ["selected", "dismissed", "new"]


def test_whoever_opted_out_cannot_be_selected(client, person):
    job = found(person, 1)
    opt_out(job.prospects.get().contact, at=clock.now(), detail="", actor=SYSTEM)
    row = a_search(CMOS, actor=Actor.of(person)).prospects.get()

    answer = post(client, f"{PROSPECTS}{row.pk}/select/")

    assert (answer.status_code, answer.json()["code"]) == (409, "blocked")


def test_many_are_selected_and_taken_back(client, person):
    job = found(person, 3)

    decision = post(client, f"{JOBS}{job.pk}/select/", top_n=2).json()
    undone = post(client, f"{JOBS}{job.pk}/undo/", decision=decision["id"]).json()

    assert (decision["count"], decision["blocked"], undone) == (2, 0, {"count": 2})
    assert job.prospects.filter(state="selected").count() == 0


def test_a_search_is_saved_and_run_again(client, person):
    job = found(person, 1)

    saved = post(client, SEARCHES, research=str(job.pk), name="Finance CMOs")
    ran = post(client, f"{SEARCHES}{saved.json()['id']}/run/")

    assert saved.status_code == 201
    assert (ran.status_code, ran.json()["name"], ran.json()["state"]) == (201, "Finance CMOs", "queued")


def test_a_stranger_finds_nothing(client, person):
    job = found(person, 1)
    row = job.prospects.get()
    client.force_login(a_user())

    answers = [
        client.get(f"{JOBS}{job.pk}/"),
        client.get(f"{PROSPECTS}{row.pk}/"),
        post(client, f"{JOBS}{job.pk}/select/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert client.get(PROSPECTS).json()["results"] == []
    assert client.get(JOBS).json()["results"] == []
