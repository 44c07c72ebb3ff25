"""New deals and people begin at a company also where nobody came from its page."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Contact, Deal, Stage
from crm.services.pipelines import ensure_default_pipeline
from crm.tests.builders import a_company, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(client: Client) -> User:
    ensure_default_pipeline(actor=SYSTEM)
    user = a_user(team=a_team())
    client.force_login(user)
    return user


def a_form(**values: str) -> dict[str, str]:
    stage = Stage.objects.order_by("position").first()
    assert stage is not None
    return {"name": "Northwind pilot", "currency": "USD", "stage": str(stage.pk), **values}


def test_a_deal_is_made_at_a_company_that_is_named(client: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me), name="Northwind", domain="northwind.example")

    client.post(reverse("crm:deal-create"), a_form(company="northwind.example"))

    assert list(Deal.objects.values_list("name", "company")) == [("Northwind pilot", company.pk)]


def test_a_company_that_nobody_sees_is_refused_and_what_was_typed_stays(client: Client, me: User) -> None:
    a_company(actor=Actor.of(a_user(team=a_team())), name="Northwind")

    text = client.post(reverse("crm:deal-create"), a_form(company="Northwind")).content.decode()

    assert "There is no company called Northwind, or you may not see it." in text
    assert ("Northwind pilot" in text, Deal.objects.count()) == (True, 0)


def test_from_the_page_of_a_company_it_is_not_asked_for(client: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me), name="Northwind")
    places = [f"{reverse(name)}?company={company.pk}" for name in ("crm:deal-create", "crm:contact-create")]

    texts = [client.get(place).content.decode() for place in places]
    client.post(places[0], a_form())

    assert ["At <b>Northwind</b>" in text for text in texts] == [True, True]
    assert ["Its name or domain." in text for text in texts] == [False, False]
    assert Deal.objects.get().company == company


def test_a_person_is_made_at_a_company_that_is_named(client: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me), name="Northwind")
    form = {"last_name": "Byron", "influence_role": "unknown", "company_named": "northwind"}

    client.post(reverse("crm:contact-create"), form)

    assert [each.company for each in Contact.objects.all()] == [company]


def test_a_stage_without_amounts_says_no_sum(client: Client, me: User) -> None:
    a_deal(actor=Actor.of(me), amount=500, currency="USD")
    a_deal(actor=Actor.of(me), amount=None, currency="EUR")

    text = client.get(reverse("crm:pipeline")).content.decode()

    assert ('<span class="end small num">$500</span>' in text, "$500, " in text) == (True, False)


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({"city": "Berlin", "region": "Berlin", "country_hq": "DE"}, "Berlin, Berlin, DE"),
        ({"country_hq": "US"}, "US"),
        ({}, ""),
    ],
)
def test_where_a_company_is_is_said_as_far_as_it_is_known(known: dict[str, str], shown: str) -> None:
    assert a_company(**known).whereabouts == shown
