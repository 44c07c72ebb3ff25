"""Two people with the same page open: nobody's change is lost, and a refusal keeps what was typed."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company, Contact, Deal
from crm.services.companies import change_state, update_company
from crm.services.contacts import update_contact
from crm.services.deals import update_deal
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return a_user(team=a_team())


@pytest.fixture
def colleague() -> Actor:
    return Actor.of(a_user(name="Cora", role=Role.REVOPS))


@pytest.fixture
def browser(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def fields_of(response: Any) -> dict[str, str]:
    """What the browser would send back unchanged, the hidden field included."""
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    shown = {name: str(value) for name, value in values.items() if value not in (None, False, "")}
    hidden = re.search(r'name="opened" value="([^"]*)"', response.content.decode())
    return {**shown, "opened": html.unescape(hidden[1])} if hidden else shown


def asked_about_the_city(browser: Client, company: Company, colleague: Actor) -> dict[str, str]:
    """The form that comes back to who typed Chicago while the colleague wrote Denver."""
    page = reverse("crm:company-edit", args=[company.pk])
    form = fields_of(browser.get(page))
    update_company(company, changes={"city": "Denver"}, actor=colleague)
    return fields_of(browser.post(page, {**form, "city": "Chicago"}))


def test_a_colleagues_change_of_another_field_stays(browser: Client, owner: User, colleague: Actor) -> None:
    company = a_company(actor=Actor.of(owner), name="Acme", city="Boston", employee_size=50)
    page = reverse("crm:company-edit", args=[company.pk])
    form = fields_of(browser.get(page))
    update_company(company, changes={"city": "Denver"}, actor=colleague)

    answer = browser.post(page, {**form, "name": "Acme Inc"})

    company = Company.objects.get()
    assert (answer.status_code, company.name, company.city) == (302, "Acme Inc", "Denver")


def test_a_clash_says_who_wrote_what_keeps_what_was_typed_and_can_be_saved_again(
    browser: Client, owner: User, colleague: Actor
) -> None:
    company = a_company(actor=Actor.of(owner), name="Acme", city="Boston")
    page = reverse("crm:company-edit", args=[company.pk])
    form = fields_of(browser.get(page))
    update_company(company, changes={"city": "Denver", "region": "Colorado"}, actor=colleague)

    refused = browser.post(page, {**form, "city": "Chicago", "name": "Acme Inc"})
    between = Company.objects.get()
    typed = fields_of(refused)
    again = browser.post(page, typed)

    after = Company.objects.get()
    assert refused.context["form"].errors["city"] == ["Cora changed this to “Denver” meanwhile."]
    assert (between.name, between.city, typed["city"], typed["name"]) == (
        "Acme",
        "Denver",
        "Chicago",
        "Acme Inc",
    )
    assert (again.status_code, after.name, after.city, after.region) == (
        302,
        "Acme Inc",
        "Chicago",
        "Colorado",
    )


def test_a_third_change_before_the_second_save_is_refused_too(
    browser: Client, owner: User, colleague: Actor
) -> None:
    company = a_company(actor=Actor.of(owner), city="Boston")
    page = reverse("crm:company-edit", args=[company.pk])
    typed = asked_about_the_city(browser, company, colleague)
    update_company(Company.objects.get(), changes={"city": "Austin"}, actor=colleague)

    refused = browser.post(page, typed)

    assert refused.context["form"].errors["city"] == ["Cora changed this to “Austin” meanwhile."]
    assert Company.objects.get().city == "Austin"


def test_a_persons_page_keeps_a_colleagues_change(browser: Client, owner: User, colleague: Actor) -> None:
    contact = a_contact(actor=Actor.of(owner), name="Ada Byron", title="CFO", phone="+49 30 1")
    page = reverse("crm:contact-edit", args=[contact.pk])
    form = fields_of(browser.get(page))
    update_contact(contact, changes={"title": "CEO"}, actor=colleague)

    merged = browser.post(page, {**form, "phone": "+49 30 2"})
    refused = browser.post(page, {**form, "title": "COO"})

    contact = Contact.objects.get()
    assert (merged.status_code, contact.phone, contact.title) == (302, "+49 30 2", "CEO")
    assert refused.context["form"].errors["title"] == ["Cora changed this to “CEO” meanwhile."]


def test_a_deals_page_keeps_a_colleagues_change(browser: Client, owner: User, colleague: Actor) -> None:
    deal = a_deal(actor=Actor.of(owner), name="Pilot", amount=100)
    page = reverse("crm:deal-edit", args=[deal.pk])
    form = fields_of(browser.get(page))
    changes = {"deal_amount": 900, "deal_expected_signing_date": "2026-12-01", "stage": "proposal"}
    update_deal(deal, changes=changes, actor=colleague)

    merged = browser.post(page, {**form, "next_step": "Call them"})
    refused = browser.post(page, {**form, "amount": "200"})

    deal = Deal.objects.get()
    assert (merged.status_code, deal.next_step, deal.deal_amount, deal.stage.key) == (
        302,
        "Call them",
        900,
        "proposal",
    )
    assert refused.context["form"].errors["amount"] == ["Cora changed this to “900.00” meanwhile."]


def test_lines_that_the_browser_ends_its_own_way_are_no_change(
    browser: Client, owner: User, colleague: Actor
) -> None:
    company = a_company(actor=Actor.of(owner), description="one\ntwo")
    page = reverse("crm:company-edit", args=[company.pk])
    form = fields_of(browser.get(page))
    update_company(company, changes={"description": "three"}, actor=colleague)

    answer = browser.post(page, {**form, "description": "one\r\ntwo", "city": "Oslo"})

    company = Company.objects.get()
    assert (answer.status_code, company.description, company.city) == (302, "three", "Oslo")


def test_whoever_saves_second_sees_both_values_and_takes_theirs_field_by_field(
    browser: Client, owner: User, colleague: Actor
) -> None:
    company = a_company(actor=Actor.of(owner), name="Acme", city="Boston", region="East")
    page = reverse("crm:company-edit", args=[company.pk])
    form = fields_of(browser.get(page))
    update_company(company, changes={"city": "Denver", "region": "Rockies"}, actor=colleague)

    refused = browser.post(page, {**form, "city": "Chicago", "region": "Midwest", "name": "Acme Inc"})
    asked = refused.context["form"].merge
    typed = fields_of(refused)
    saved = browser.post(page, {**typed, "merge-city": "theirs", "merge-region": "mine"})

    company = Company.objects.get()
    assert {name: (each.mine, each.theirs, each.by) for name, each in asked.items()} == {
        "city": ("“Chicago”", "“Denver”", "Cora"),
        "region": ("“Midwest”", "“Rockies”", "Cora"),
    }
    assert 'name="merge-city" value="theirs"' in refused.content.decode()
    assert (saved.status_code, company.city, company.region, company.name) == (
        302,
        "Denver",
        "Midwest",
        "Acme Inc",
    )


def test_what_was_chosen_stays_chosen_when_something_else_is_wrong(
    browser: Client, owner: User, colleague: Actor
) -> None:
    company = a_company(actor=Actor.of(owner), city="Boston")
    page = reverse("crm:company-edit", args=[company.pk])
    typed = asked_about_the_city(browser, company, colleague)

    wrong = browser.post(page, {**typed, "merge-city": "theirs", "employee_size": "many"})
    kept = wrong.context["form"].merge["city"]
    again = browser.post(page, {**fields_of(wrong), "merge-city": kept.chosen, "employee_size": "7"})

    company = Company.objects.get()
    assert (wrong.status_code, kept.chosen, kept.theirs) == (200, "theirs", "“Denver”")
    assert (again.status_code, company.city, company.employee_size) == (302, "Denver", 7)


def test_a_state_that_a_colleague_changed_is_not_overwritten_unseen(browser: Client, owner: User) -> None:
    company = a_company(actor=Actor.of(owner))
    change_state(company, "buying", reason="", actor=Actor.of(owner))

    refused = browser.post(
        reverse("crm:company-state", args=[company.pk]), {"state": "exploring", "from": "dormant"}
    )

    assert (refused.status_code, Company.objects.get().customer_state) == (409, "buying")
    assert "changed the state to buying" in refused.headers["HX-Trigger"]
