"""Filling a form from notes: values with their sentences, and nothing saved before the form is."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company, Contact, Reading
from crm.services.contacts import update_contact
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(client: Client) -> User:
    user = a_user(team=a_team())
    client.force_login(user)
    return user


def test_a_value_is_offered_with_the_sentence_it_comes_from_and_nothing_is_saved(
    client: Client, me: User
) -> None:
    company = a_company(actor=Actor.of(me), name="Acme")

    page = client.post(
        reverse("crm:company-fill", args=[company.pk]),
        {"notes": "Good call today. Acme has 250 employees by now. They liked it."},
    ).content.decode()

    assert 'data-fill="employee_size" data-fill-value="250"' in page
    assert "“Acme has 250 employees by now.”" in page
    assert (Company.objects.get().employee_size, Reading.objects.count()) == (None, 0)


def test_another_value_says_what_it_stands_against(client: Client, me: User) -> None:
    contact = a_contact(actor=Actor.of(me), name="Ana Silva")
    update_contact(contact, changes={"title": "CFO"}, actor=Actor.of(me))

    page = client.post(
        reverse("crm:contact-fill", args=[contact.pk]), {"notes": "Met Ana Silva, CEO at last."}
    ).content.decode()

    assert ('data-fill="title"' in page, "instead of CFO" in page) == (True, True)
    assert Contact.objects.get().title == "CFO"


def test_a_text_about_others_offers_nothing_and_an_empty_one_is_refused(client: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me), name="Acme")
    url = reverse("crm:company-fill", args=[company.pk])

    page = client.post(url, {"notes": "Nice weather in Oslo."}).content.decode()

    assert "Nothing in this text fills a field" in page
    assert client.post(url, {"notes": " "}).status_code == 422


def test_somebody_who_may_change_nothing_is_refused(client: Client) -> None:
    company = a_company()
    client.force_login(a_user(role=Role.VIEWER))

    assert (
        client.post(reverse("crm:company-fill", args=[company.pk]), {"notes": "250 people"}).status_code
        == 403
    )
