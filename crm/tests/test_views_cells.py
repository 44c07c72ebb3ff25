"""Cells of lists edited in their place: saved with the version that was read, refused in words, taken back."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.services.companies import update_company
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from crm.tests.test_roles import ann
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.tests.builders import a_field
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def address(record: Any, column: str) -> str:
    return reverse("crm:cell", args=[record._meta.model_name, record.pk, column])


def save(browser: Client, record: Any, column: str, value: str) -> Any:
    record.refresh_from_db()
    return browser.post(address(record, column), {"value": value, "version": record.version})


def undone(browser: Client, answer: Any) -> Any:
    return browser.post(json.loads(answer["HX-Trigger"])["toast"]["undo_url"])


def test_every_kind_of_cell_is_saved_and_taken_back(browser: Client, admin: Actor) -> None:
    a_field(label="Seats", kind="number")
    company, other = a_company(actor=admin, city="Bonn"), a_user()
    person, deal, task = (
        a_contact(actor=admin, company=company),
        a_deal(actor=admin, company=company),
        a_task(actor=admin),
    )
    cells = [
        (company, "city", "Berlin", "Bonn"),
        (company, "employee_size", "1,200", None),
        (a_company(actor=admin), "customer_state", "exploring", "dormant"),
        (company, "owner", other.email, admin.user),
        (company, "tags", "vip, north", []),
        (person, "seniority", "vp", ""),
        (deal, "deal_expected_signing_date", "2027-01-31", None),
        (deal, "deal_amount", "5000", None),
        (task, "title", "Call Ana", task.title),
    ]
    for record, column, value, before in cells[:-1]:
        answer = save(browser, record, column, value)
        record.refresh_from_db()
        after = getattr(record, column)
        back = undone(browser, answer)
        record.refresh_from_db()

        assert (column, answer.status_code, back.status_code) == (column, 200, 200)
        assert (column, after != before, getattr(record, column)) == (column, True, before)
    custom = save(browser, company, "custom.seats", "12")
    company.refresh_from_db()

    assert (custom.content.decode(), company.custom) == ("12", {"seats": "12"})


def test_the_box_holds_the_value_as_it_is_typed(browser: Client, admin: Actor) -> None:
    company = a_company(actor=admin, employee_size=1200)

    text = browser.get(address(company, "employee_size")).content.decode()

    assert ('value="1200"' in text, f'name="version" value="{company.version}"' in text) == (True, True)


def test_the_hour_of_a_task_is_that_of_the_reader_and_stays_when_only_the_day_is_changed(
    browser: Client, admin: Actor
) -> None:
    assert admin.user is not None
    User.objects.filter(pk=admin.user.pk).update(time_zone="Asia/Tokyo")
    task = a_task(actor=admin, due_at=datetime(2027, 1, 4, 23, 30, tzinfo=UTC))

    box = browser.get(address(task, "due_at")).content.decode()
    save(browser, task, "due_at", "2027-01-06T08:30")

    task.refresh_from_db()
    assert 'type="datetime-local" name="value" value="2027-01-05T08:30"' in box
    assert task.due_at == datetime(2027, 1, 5, 23, 30, tzinfo=UTC)


def test_what_somebody_else_changed_since_is_not_written_over(browser: Client, admin: Actor) -> None:
    company = a_company(actor=admin, city="Bonn")
    read = company.version
    update_company(company, changes={"city": "Paris"}, actor=admin)

    answer = browser.post(address(company, "city"), {"value": "Berlin", "version": read})

    company.refresh_from_db()
    assert (answer.status_code, company.city) == (409, "Paris")
    assert "was changed by somebody else since you read the list" in answer["HX-Trigger"]


def test_two_people_in_one_cell_and_the_second_chooses(browser: Client, admin: Actor) -> None:
    company, mia = a_company(actor=admin, city="Bonn"), an_actor(Role.ADMIN)
    read = {"version": company.version, "was": "Bonn"}
    update_company(company, changes={"city": "Paris"}, actor=mia)
    url = address(company, "city")

    asked = browser.post(url, {**read, "value": "Berlin"}, headers=HTMX)
    company.refresh_from_db()
    kept = company.city
    theirs = browser.get(asked.context["theirs_url"], headers=HTMX)
    mine = browser.post(asked.context["mine_url"], dict(asked.context["mine"]), headers=HTMX)

    company.refresh_from_db()
    clash = {"label": "Place", "theirs": "Paris", "mine": "Berlin"}
    assert (asked.context["clashes"], asked.context["by"], kept) == ([clash], mia.label, "Paris")
    assert (theirs.content.decode(), mine.content.decode(), company.city) == ("Paris", "Berlin", "Berlin")


def test_what_somebody_changed_in_another_cell_of_the_row_is_no_clash(browser: Client, admin: Actor) -> None:
    company = a_company(actor=admin, city="Bonn")
    read = {"version": company.version, "was": "Bonn"}
    update_company(company, changes={"region": "North"}, actor=admin)

    saved = browser.post(address(company, "city"), {**read, "value": "Berlin"}, headers=HTMX)
    again = browser.post(address(company, "city"), {**read, "value": "Berlin"}, headers=HTMX)

    company.refresh_from_db()
    assert (saved.content.decode(), again.content.decode()) == ("Berlin", "Berlin")
    assert ("toast" in again["HX-Trigger"], company.city, company.region) == (False, "Berlin", "North")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("employee_size", "many"),
        ("customer_state", "churned"),
        ("owner", "x@y.example"),
        ("customer_state", "?"),
    ],
)
def test_a_value_that_is_none_is_refused_and_nothing_is_saved(
    browser: Client, admin: Actor, column: str, value: str
) -> None:
    company = a_company(actor=admin)

    answer = save(browser, company, column, value)

    version = company.version
    company.refresh_from_db()
    assert (400 <= answer.status_code < 500, company.version) == (True, version)


def test_the_same_value_makes_no_history_and_no_toast(browser: Client, admin: Actor) -> None:
    answer = save(browser, a_company(actor=admin, city="Bonn"), "city", "Bonn")

    assert (answer.status_code, "toast" in answer["HX-Trigger"]) == (200, False)


def test_cells_of_others_of_viewers_and_of_hidden_or_fixed_fields_are_closed(client: Client) -> None:
    theirs, open_to_all = a_company(actor=an_actor(team=a_team())), a_company()
    answers = []
    for actor, record, column in (
        (an_actor(team=a_team()), theirs, "city"),
        (an_actor(Role.VIEWER), open_to_all, "city"),
        (ann(fields={"company.city": "hidden", "company.domain": "read_only"}), open_to_all, "city"),
    ):
        assert actor.user is not None
        client.force_login(actor.user)
        answers.append(client.post(address(record, column), {"value": "x", "version": "1"}).status_code)
    fixed = client.post(address(open_to_all, "domain"), {"value": "x", "version": "1"})

    assert (answers, fixed.status_code) == ([404, 403, 404], 403)
    assert client.post(address(open_to_all, "created_at"), {"value": "x"}).status_code == 404
