"""The block of relations on the pages of companies, contacts and deals."""

import json
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fields.models import Relation, RelationLink
from gtmos.kernel.fields.services.relations import create_relation, link
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def me(client: Client) -> User:
    user = a_user(team=a_team())
    client.force_login(user)
    return user


@pytest.fixture
def partner() -> Relation:
    return a_relation("Partner", "Partner of", "company", "company")


def a_relation(label: str, reverse_label: str, one: str, other: str, **values: bool) -> Relation:
    return create_relation(
        label, reverse_label=reverse_label, from_type=one, to_type=other, actor=SYSTEM, **values
    )


def address(record: Model, *rest: object) -> str:
    noun = record._meta.model_name
    return reverse(f"crm:{noun}-relation{'' if rest else 's'}", args=[record.pk, *rest])


def block_of(client: Client, record: Model) -> str:
    return client.get(address(record), headers=HTMX).content.decode()


def offered(client: Client, record: Model, relation: Relation, end: str, text: str) -> str:
    url = address(record, relation.key, end)
    return client.get(url, {"q": text}, headers=HTMX).content.decode()


def pressed(client: Client, record: Model, relation: Relation, end: str, other: Model, verb: str) -> Any:
    url = reverse(
        f"crm:{record._meta.model_name}-relation-change", args=[record.pk, relation.key, end, other.pk, verb]
    )
    return client.post(url, headers=HTMX)


def test_a_record_is_found_tied_and_untied_and_undo_ties_it_again(
    client: Client, me: User, partner: Relation
) -> None:
    customer = a_company(actor=Actor.of(me), name="Contoso")
    agency = a_company(actor=Actor.of(me), name="Northwind Agency", domain="northwind.example")
    offers = offered(client, customer, partner, "to", "northw")
    assert ("northwind.example" in offers, "Contoso" in offers) == (True, False)

    tied = pressed(client, customer, partner, "to", agency, "tie")
    untied = pressed(client, customer, partner, "to", agency, "untie")
    toast = json.loads(untied["HX-Trigger"])["toast"]
    client.post(toast["undo_url"], headers=HTMX)

    assert "Untie Northwind Agency" in tied.content.decode()
    assert "Untie Northwind Agency" not in untied.content.decode()
    assert toast["text"] == "No longer partner: Northwind Agency."
    assert [(each.from_id, each.to_id) for each in RelationLink.objects.all()] == [(customer.pk, agency.pk)]
    assert offered(client, customer, partner, "to", "northw").count("<button") == 0


def test_the_other_end_ties_the_same_way_around(client: Client, me: User, partner: Relation) -> None:
    customer = a_company(actor=Actor.of(me), name="Contoso")
    agency = a_company(actor=Actor.of(me), name="Northwind")

    pressed(client, agency, partner, "from", customer, "tie")

    assert [(each.from_id, each.to_id) for each in RelationLink.objects.all()] == [(customer.pk, agency.pk)]
    assert [block_of(client, each).count("Untie ") for each in (customer, agency)] == [1, 1]


@pytest.mark.parametrize("noun", ["company", "contact", "deal"])
def test_each_page_leads_to_its_block_where_such_a_relation_was_made(
    client: Client, me: User, noun: str
) -> None:
    record = {"company": a_company, "contact": a_contact, "deal": a_deal}[noun](actor=Actor.of(me))
    page = reverse(f"crm:{noun}", args=[record.pk])
    before = client.get(page).content.decode()
    other = "deal" if noun == "contact" else "contact"

    a_relation("Adviser", "Advises", noun, other)

    assert (address(record) in before, address(record) in client.get(page).content.decode()) == (False, True)
    assert block_of(client, record).count('placeholder="Find among ') == 1
    assert block_of(client, record).count('hx-swap="innerHTML"') == 1  # the page around it says outerHTML


def test_what_somebody_may_not_see_is_not_offered_not_shown_and_not_tied(
    client: Client, me: User, partner: Relation
) -> None:
    customer = a_company(actor=Actor.of(me), name="Contoso")
    hidden = a_company(actor=Actor.of(a_user(team=a_team())), name="Northwind")

    offers = offered(client, customer, partner, "to", "northwind")
    refused = pressed(client, customer, partner, "to", hidden, "tie")
    link(partner, customer, hidden, actor=SYSTEM)

    assert offers.count("<button") == 0
    assert (refused.status_code, RelationLink.objects.count()) == (422, 1)
    assert "Northwind" not in block_of(client, customer)
    assert client.get(address(hidden), headers=HTMX).status_code == 404


def test_who_may_only_look_sees_ties_and_no_button(client: Client, partner: Relation) -> None:
    customer, agency = a_company(name="Contoso"), a_company(name="Northwind")
    link(partner, customer, agency, actor=SYSTEM)
    client.force_login(a_user(role=Role.VIEWER))

    shown, answer = block_of(client, customer), pressed(client, customer, partner, "to", agency, "untie")

    assert ("Northwind" in shown, shown.count("<button"), shown.count("<details")) == (True, 0, 0)
    assert (answer.status_code, RelationLink.objects.count()) == (403, 1)


def test_where_there_is_only_one_no_other_is_asked_for(client: Client, me: User) -> None:
    seat = a_relation("Reseller", "Resells to", "company", "company", is_single=True)
    customer, agency = a_company(actor=Actor.of(me)), a_company(actor=Actor.of(me))
    before = block_of(client, customer).count("Reseller: find among")

    pressed(client, customer, seat, "to", agency, "tie")
    again = pressed(client, customer, seat, "to", a_company(actor=Actor.of(me)), "tie")

    assert (before, block_of(client, customer).count("Reseller: find among")) == (1, 0)
    assert (again.status_code, RelationLink.objects.count()) == (409, 1)
    assert json.loads(again["HX-Trigger"])["toast"]["text"] == f"{customer} has its reseller already."


def test_a_block_costs_the_same_with_one_tie_and_with_three(
    client: Client, me: User, partner: Relation, django_assert_max_num_queries: Any
) -> None:
    customer, counts = a_company(actor=Actor.of(me)), []
    for missing in (1, 2):
        for _ in range(missing):
            link(partner, customer, a_company(actor=Actor.of(me)), actor=SYSTEM)
        with django_assert_max_num_queries(9) as captured:
            block_of(client, customer)
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_an_unknown_relation_end_or_verb_is_not_there(client: Client, me: User, partner: Relation) -> None:
    customer, agency = a_company(actor=Actor.of(me)), a_company(actor=Actor.of(me))
    deal = a_deal(actor=Actor.of(me))
    places = [
        address(customer, "nothing", "to"),
        address(customer, partner.key, "beside"),
        address(deal, partner.key, "to"),
    ]

    assert [client.get(each).status_code for each in places] == [404, 404, 404]
    assert pressed(client, customer, partner, "to", agency, "smash").status_code == 404
