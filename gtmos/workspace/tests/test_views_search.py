"""The search page and its address for programs."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.services.activities import log_activity
from crm.tests.builders import a_company
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.api_client import Api
from gtmos.workspace.selectors.finding import marked

pytestmark = pytest.mark.django_db


def a_noted_company(user: User, text: str):
    actor = Actor.of(user)
    company = a_company(actor=actor, name="Initech")
    log_activity(type="note", subject="Visit", body=text, company=company, actor=actor)
    return company


def test_the_page_shows_the_sentence_escaped_and_why(user: User, client: Client) -> None:
    a_noted_company(user, "The <b>invoice</b> was wrong.")
    client.force_login(user)

    html = client.get(reverse("workspace:search"), {"q": "invoice wrong"}).content.decode()

    assert "The &lt;b&gt;<mark>invoice</mark>&lt;/b&gt; was <mark>wrong</mark>." in html
    assert "Found because: has the words" in html
    assert "<b>invoice" not in html


def test_programs_read_the_same_hits(user: User) -> None:
    company = a_noted_company(user, "The invoice was wrong.")

    answer = Api.of(user).get("search", q="invoice wrong")

    (hit,) = answer.json()["results"]
    assert answer.json()["by_meaning"] is False
    assert (hit["kind"], hit["company"]) == ("activity", {"id": str(company.pk), "name": "Initech"})
    assert (hit["sentence"], hit["why"]) == ("The invoice was wrong.", ["has the words"])
    assert hit["url"] == reverse("crm:company", args=[company.pk])


def test_a_kind_that_does_not_exist_is_refused(user: User) -> None:
    answer = Api.of(user).get("search", q="x", kind="dragon")

    assert (answer.status_code, sorted(answer.json()["errors"])) == (400, ["kind"])


def test_words_are_marked_whatever_their_case() -> None:
    assert marked("Slow export.", "slow") == [("Slow", True), (" export.", False)]
