"""Every page once: what it shows, who may not see it, and that a list costs the same at any length."""

import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Activity, Company, Deal, ImportBatch, Task
from crm.services.importing import run_import
from crm.services.tasks import create_task
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db

LISTS: dict[str, Callable[..., Any]] = {
    "crm:companies": a_company,
    "crm:contacts": a_contact,
    "crm:pipeline": a_deal,
    "crm:deals": a_deal,
}


@pytest.fixture
def owner() -> User:
    return a_user(team=a_team())


@pytest.fixture
def browser(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_with_one_row_and_with_three(
    name: str, browser: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for missing in (1, 2):
        for _ in range(missing):
            LISTS[name](actor=Actor.of(owner))
        with django_assert_max_num_queries(12) as captured:
            assert browser.get(reverse(name)).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_a_company_page_shows_its_people_and_deals(browser: Client, owner: User) -> None:
    company = a_company(actor=Actor.of(owner), name="Northwind")
    a_contact(actor=Actor.of(owner), company=company, name="Ada Byron")
    a_deal(actor=Actor.of(owner), company=company, name="Northwind pilot")

    text = browser.get(reverse("crm:company", args=[company.pk])).content.decode()

    assert [word in text for word in ("Northwind", "Ada Byron", "Northwind pilot")] == [True, True, True]


@pytest.mark.parametrize(
    ("name", "build"), [("crm:company", a_company), ("crm:contact", a_contact), ("crm:deal", a_deal)]
)
def test_a_record_of_another_team_does_not_exist(
    name: str, build: Callable[..., Any], browser: Client
) -> None:
    stranger = a_user(team=a_team())
    record = build(actor=Actor.of(stranger))

    assert browser.get(reverse(name, args=[record.pk])).status_code == 404


def test_a_form_makes_a_company_and_history_says_who(browser: Client, owner: User) -> None:
    browser.post(
        reverse("crm:company-create"), {"name": "Contoso", "website_url": "https://www.contoso.example/x"}
    )

    company = Company.objects.get()
    assert (company.name, company.domain, company.owner) == ("Contoso", "contoso.example", owner)


def test_a_viewer_cannot_make_a_company(client: Client) -> None:
    client.force_login(a_user(role=Role.VIEWER))

    answer = client.post(reverse("crm:company-create"), {"name": "Contoso"})

    assert "has no right to it here" in answer.content.decode()
    assert Company.objects.exists() is False


def test_a_card_dropped_on_a_stage_moves_the_deal(browser: Client, owner: User) -> None:
    deal = a_deal(actor=Actor.of(owner))

    answer = browser.post(
        reverse("crm:deal-move", args=[deal.pk]), {"stage": "proposal"}, headers={"HX-Request": "true"}
    )

    assert (answer.status_code, Deal.objects.get().stage.key) == (200, "proposal")


def test_a_drop_that_lacks_a_required_field_is_refused_and_says_which(browser: Client, owner: User) -> None:
    deal = a_deal(actor=Actor.of(owner))
    stage = deal.stage.pipeline.stages.get(key="proposal")
    stage.required_fields = ["deal_amount"]
    stage.save()

    answer = browser.post(reverse("crm:deal-move", args=[deal.pk]), {"stage": "proposal"})

    assert answer.status_code == 409
    assert "amount is missing" in answer.headers["HX-Trigger"]
    assert Deal.objects.get().stage.key == "lead"


def test_a_task_can_be_done_and_opened_again(browser: Client, owner: User) -> None:
    task = create_task(title="Call back", actor=Actor.of(owner))

    browser.post(reverse("crm:task-complete", args=[task.pk]))
    done = Task.objects.get().done_at
    browser.post(reverse("crm:task-reopen", args=[task.pk]))

    assert (done is not None, Task.objects.get().done_at) == (True, None)


def test_a_note_stands_on_the_timeline(browser: Client, owner: User) -> None:
    company = a_company(actor=Actor.of(owner))

    browser.post(reverse("crm:company-note", args=[company.pk]), {"text": "Wants a quote in May"})

    assert Activity.objects.get().subject == "Wants a quote in May"


def test_an_upload_shows_what_it_would_do_then_does_it_and_can_be_taken_back(browser: Client) -> None:
    file = io.BytesIO(
        b"Company,Website,City\nContoso,contoso.example,Berlin\nNorthwind,northwind.example,Oslo\n"
    )
    file.name = "list.csv"

    browser.post(reverse("crm:import-upload"), {"file": file})
    batch = ImportBatch.objects.get()
    seen = browser.get(reverse("crm:import", args=[batch.pk])).content.decode()
    before = Company.objects.count()
    browser.post(reverse("crm:import-start", args=[batch.pk]))
    run_import(batch.pk)
    after = Company.objects.count()
    browser.post(reverse("crm:import-undo", args=[batch.pk]))

    assert "Nothing has been changed yet" in seen
    assert (before, after, Company.objects.count()) == (0, 2, 0)


def test_a_file_that_is_no_table_is_refused_with_a_sentence(browser: Client) -> None:
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    file.name = "picture.csv"

    answer = browser.post(reverse("crm:import-upload"), {"file": file}, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert ImportBatch.objects.exists() is False


def test_nobody_sees_a_page_without_signing_in(client: Client) -> None:
    for name in ("crm:companies", "crm:contacts", "crm:pipeline", "crm:tasks", "crm:imports"):
        assert client.get(reverse(name)).status_code == 302


def test_a_task_is_put_off_to_tomorrow_or_next_week_and_to_no_other_day(browser: Client, owner: User) -> None:
    task = a_task(actor=Actor.of(owner), due_at=clock.now() - timedelta(days=3))
    put_off = partial(browser.post, reverse("crm:task-later", args=[task.pk]))
    assert task.due_at is not None
    hour, due = task.due_at.time(), list[Any]()

    for to in ("tomorrow", "week"):
        assert put_off({"to": to}).status_code == 200
        task.refresh_from_db()
        due.append((task.due_at.date() - clock.today(), task.due_at.time()))
    refused = put_off({"to": "never"}).status_code
    task.refresh_from_db()

    monday = timedelta(days=7 - clock.today().weekday())
    assert due == [(timedelta(days=1), hour), (monday, hour)]
    assert (refused, task.due_at.date() - clock.today()) == (422, monday)
