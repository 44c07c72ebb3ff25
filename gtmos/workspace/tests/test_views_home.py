"""Today, the banner, search, and what was opened last."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Suggestion
from agents.services.suggestions import suggest
from agents.tests.builders import a_run
from crm.models import Task
from crm.tests.builders import a_company, a_deal, a_task
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.tests.builders import a_user
from gtmos.workspace.models import Recent

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 20


@pytest.fixture
def me():
    return Actor.of(a_user(name="Kary Hendrixson"))


@pytest.fixture
def browser(me):
    client = Client()
    client.force_login(me.user)
    return client


def statements(browser, url):
    with CaptureQueriesContext(connection) as caught:
        response = browser.get(url)
    assert response.status_code == 200
    return len(caught)


def a_suggestion(me, key="k"):
    return suggest(
        key=key,
        owner=me.user,
        kind="task.create",
        title="Call the office",
        command="remind me to call the office tomorrow",
        actor=me,
    )


def fill(me, many):
    for number in range(many):
        a_task(actor=me, due_at=clock.now() - timedelta(hours=1))
        a_run(("task.create", {"title": f"later {number}"}), actor=me)
        a_suggestion(me, key=f"key {many} {number}")


def test_a_new_installation_shows_the_first_steps(browser):
    html = browser.get(reverse("workspace:home")).content.decode()

    assert "First steps" in html
    assert "Import your companies and contacts" in html


def test_today_shows_due_tasks_and_what_was_done(browser, me):
    a_task(actor=me, title="Send the contract", due_at=clock.now() - timedelta(hours=1))
    a_task(actor=me, title="Next year", due_at=clock.now() + timedelta(days=200))
    a_task(actor=Actor.of(a_user()), title="Another's", due_at=clock.now())

    html = browser.get(reverse("workspace:home")).content.decode()

    assert "Send the contract" in html
    assert "Next year" not in html
    assert "Another" not in html


def test_today_asks_the_same_number_of_statements_for_one_row_and_for_three(browser, me):
    fill(me, 1)
    browser.get(reverse("workspace:home"))  # this process reads the configuration
    few = statements(browser, reverse("workspace:home"))

    fill(me, 3)

    assert statements(browser, reverse("workspace:home")) == few
    assert few <= MOST_STATEMENTS


def test_a_suggestion_is_made_once_and_done_once(browser, me):
    first, second = a_suggestion(me), a_suggestion(me)

    browser.post(reverse("workspace:suggestion-accept", args=[first.pk]))
    browser.post(reverse("workspace:suggestion-accept", args=[first.pk]))

    assert first.pk == second.pk
    assert Task.objects.count() == 1
    assert Suggestion.objects.get().state == "accepted"


def test_nobody_decides_another_s_suggestion(browser):
    other = a_suggestion(Actor.of(a_user()))

    assert browser.post(reverse("workspace:suggestion-accept", args=[other.pk])).status_code == 404


def test_a_dismissed_suggestion_can_come_back(browser, me):
    made = a_suggestion(me)
    browser.post(reverse("workspace:suggestion-dismiss", args=[made.pk]))
    dismissed = Suggestion.objects.get().state

    browser.post(reverse("workspace:suggestion-reopen", args=[made.pk]))

    assert (dismissed, Suggestion.objects.get().state) == ("dismissed", "open")


def test_the_banner_says_that_the_worker_is_silent(browser):
    html = browser.get(reverse("workspace:banner")).content.decode()

    assert "The worker is silent." in html


def test_search_finds_only_what_one_may_see(browser, me):
    a_company(actor=me, name="Globex Mine")
    a_company(actor=Actor.of(a_user()), name="Globex Other")

    html = browser.get(reverse("workspace:search"), {"q": "globex"}).content.decode()

    assert "Globex Mine" in html
    assert "Globex Other" not in html


def test_an_opened_record_is_remembered_once(browser, me):
    company = a_deal(actor=me).company

    browser.get(reverse("crm:company", args=[company.pk]))
    browser.get(reverse("crm:company", args=[company.pk]))

    assert [recent.label for recent in Recent.objects.filter(user=me.user)] == [company.name]
