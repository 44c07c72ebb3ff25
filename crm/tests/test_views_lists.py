"""Lists on their pages: filters in the address, saved views, columns and orders."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company
from crm.tests.builders import a_company, a_contact, a_deal
from crm.tests.test_roles import ann
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.tests.builders import a_field
from gtmos.kernel.lists.models import SavedView
from gtmos.kernel.lists.services.views import create_view, set_preference
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


def text_of(browser: Client, name: str = "crm:companies", **query: str) -> str:
    answer = browser.get(reverse(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


def named(text: str, *names: str) -> list[str]:
    return sorted(
        (name for name in names if f'title="{name}"' in text), key=lambda name: text.index(f'title="{name}"')
    )


def some_companies(admin: Actor) -> None:
    a_field(label="Plan", kind="choice", options={"choices": ["Gold", "Free"]})
    for name, people, plan in (("Alpha", 900, "Gold"), ("Beta", 20, "Gold"), ("Gamma", None, "Free")):
        a_company(actor=admin, name=name, employee_size=people, custom={"plan": plan})


def test_a_filter_in_the_address_narrows_the_list_and_stands_above_it_in_words(
    browser: Client, admin: Actor
) -> None:
    some_companies(admin)

    text = text_of(browser, where="custom.plan:is:Gold,(employee_size:at_least:100|employee_size:empty)")

    assert named(text, "Alpha", "Beta", "Gamma") == ["Alpha"]
    assert "Plan is Gold" in text
    assert "People is at least 100 or People is not known" in text
    assert 'href="/companies/?where=custom.plan:is:Gold"' in text


@pytest.mark.parametrize("count", [1, 3])
def test_a_searched_list_asks_twelve_statements_whatever_it_finds(
    count: int, browser: Client, admin: Actor, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        a_company(actor=admin, name=f"Firm {number}")
    text_of(browser, q="Firm")

    with django_assert_max_num_queries(12):
        text = text_of(browser, q="Firm")

    names = [f"Firm {number}" for number in range(count)]
    assert named(text, *names) == names[::-1]


def test_a_filter_that_cannot_be_read_is_said_and_the_list_is_shown_without_it(
    browser: Client, admin: Actor
) -> None:
    some_companies(admin)

    text = text_of(browser, where="nothing:is:x")

    assert named(text, "Alpha", "Beta", "Gamma") == ["Gamma", "Beta", "Alpha"]
    assert (
        "There is no field “nothing” of a company to filter by. The list is shown without this filter."
        in text
    )


def test_a_saved_view_brings_its_filter_columns_and_order(browser: Client, admin: Actor) -> None:
    some_companies(admin)
    view = create_view(
        "company", "Gold", actor=admin, where="custom.plan:is:Gold", columns=["name", "domain"], order="name"
    )

    text = text_of(browser, saved=str(view.pk))

    assert named(text, "Alpha", "Beta", "Gamma") == ["Alpha", "Beta"]
    assert ("alpha.example" in text, ">Industry<" in text, ">Domain<" in text) == (True, False, True)


def test_a_view_is_saved_from_the_page_as_it_stands(browser: Client, admin: Actor) -> None:
    some_companies(admin)
    address = reverse("workspace:view-create", args=["company"])

    answer = browser.post(
        f"{address}?where=custom.plan:is:Gold&sort=-name&q=al",
        {"name": "Gold", "shared": "everybody", "is_pinned": "1", "is_first": "1"},
    )

    view = SavedView.objects.get()
    assert (view.name, view.shared, view.where, view.order, view.text) == (
        "Gold",
        "everybody",
        "custom.plan:is:Gold",
        "-name",
        "al",
    )
    assert f"saved={view.pk}" in answer["HX-Location"]
    assert browser.get(reverse("crm:companies"))["Location"] == f"/companies/?saved={view.pk}"


def test_a_view_keeps_what_the_row_above_asks_of_custom_fields(browser: Client, admin: Actor) -> None:
    some_companies(admin)
    a_field(label="Renewed", kind="date")
    a_field(label="Seats", kind="number")
    a_field(label="Partner", kind="boolean")
    a_field(label="Regions", kind="multi_choice", options={"choices": ["North", "South"]})
    full = {"plan": "Gold", "renewed": "2026-03-01", "seats": 9, "partner": False, "regions": ["North"]}
    a_company(actor=admin, name="Delta", custom=full)
    asked = (
        "custom.plan=Gold&custom.renewed__gte=2026-03-01&custom.seats__empty=false&custom.seats__lte=9"
        "&custom.partner=false&custom.regions=North"
    )
    create, named_so = (
        reverse("workspace:view-create", args=["company"]),
        {"name": "Gold", "shared": "everybody"},
    )

    browser.post(f"{create}?{asked}&where=city:empty|city:filled", named_so)
    view = SavedView.objects.get()
    shown = text_of(browser, saved=str(view.pk))
    browser.post(f"{reverse('workspace:view-keep', args=[view.pk])}?saved={view.pk}&custom.plan=Free")
    kept = text_of(browser, saved=str(view.pk))

    names = ("Alpha", "Beta", "Gamma", "Delta")
    assert view.where == (
        "custom.plan:is:Gold,custom.renewed:after:2026-02-28,custom.seats:filled,custom.seats:at_most:9,"
        "custom.partner:is:false,custom.regions:has:North,(city:empty|city:filled)"
    )
    assert (named(shown, *names), named(kept, *names)) == (["Delta"], [])


def test_a_filter_that_cannot_be_read_is_not_kept_over_the_one_that_is_there(
    browser: Client, admin: Actor
) -> None:
    view = create_view("company", "Big", actor=admin, where="employee_size:at_least:200", shared="everybody")
    unread = f"saved={view.pk}&where=nothing:is:x"

    kept = browser.post(f"{reverse('workspace:view-keep', args=[view.pk])}?{unread}")
    made = browser.post(f"{reverse('workspace:view-create', args=['company'])}?{unread}", {"name": "All"})

    view.refresh_from_db()
    said = "There is no field “nothing” of a company to filter by."
    assert [json.loads(answer["HX-Trigger"])["toast"]["text"] for answer in (kept, made)] == [said, said]
    assert [kept.status_code, made.status_code] == [409, 409]
    assert (view.where, view.version, SavedView.objects.count()) == ("employee_size:at_least:200", 1, 1)


def test_columns_are_remembered_for_the_person_who_chose_them(
    browser: Client, admin: Actor, client: Client
) -> None:
    some_companies(admin)
    browser.post(reverse("workspace:list-set", args=["company"]), {"column": ["domain"], "order": "-name"})

    mine = text_of(browser)
    other = Client()
    other.force_login(a_user(role=Role.ADMIN))
    theirs = text_of(other)

    assert (">Domain<" in mine, ">Domain<" in theirs) == (True, False)
    assert (named(mine, "Alpha", "Beta", "Gamma"), named(theirs, "Alpha", "Beta", "Gamma")) == (
        ["Gamma", "Beta", "Alpha"],
        ["Gamma", "Beta", "Alpha"],
    )


def test_a_deleted_view_says_how_it_comes_back(browser: Client, admin: Actor) -> None:
    view = create_view("company", "Gold", actor=admin)

    answer = browser.post(reverse("workspace:view-delete", args=[view.pk]))
    again = browser.post(reverse("workspace:view-restore", args=[view.pk]))

    assert reverse("workspace:view-restore", args=[view.pk]) in answer["HX-Trigger"]
    assert f"saved={view.pk}" in again["HX-Location"]


def test_pages_hold_in_every_order_that_a_list_offers(browser: Client, admin: Actor) -> None:
    for number in range(120):
        a_company(actor=admin, name=f"Row {number % 40:02}", domain=f"r{number}.example")

    for order in ("", "name", "-name", "created_at", "-created_at"):
        found, after = [], ""
        while True:
            shown = browser.get(reverse("crm:companies"), {"sort": order, "after": after}).context["page"]
            found += [row.pk for row in shown.rows]
            after = shown.next_cursor
            if not after:
                break

        assert (len(found), set(found)) == (120, set(Company.objects.values_list("pk", flat=True)))


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "WyJ4IiwgIjEiXQ"])
def test_a_cursor_that_is_none_gives_a_page_and_no_error(browser: Client, admin: Actor, cursor: str) -> None:
    some_companies(admin)

    assert named(text_of(browser, sort="created_at", after=cursor), "Alpha") == ["Alpha"]


@pytest.mark.parametrize("name", ["crm:companies", "crm:contacts", "crm:deals"])
def test_a_list_with_a_saved_view_costs_the_same_with_one_row_and_with_many(
    browser: Client, admin: Actor, name: str, django_assert_max_num_queries: Any
) -> None:
    noun = {"crm:companies": "company", "crm:contacts": "contact", "crm:deals": "deal"}[name]
    columns = ["name", "owner", "created_at"] + ([] if noun == "company" else ["company"])
    view = create_view(noun, "Mine", actor=admin, where="owner:is:me", columns=columns)
    make = {"company": a_company, "contact": a_contact, "deal": a_deal}[noun]
    counts = []
    for missing in (1, 4):
        for _ in range(missing):
            make(actor=admin)
        text_of(browser, name, saved=str(view.pk))
        with django_assert_max_num_queries(12) as captured:
            text_of(browser, name, saved=str(view.pk))
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_hidden_fields_are_no_columns_no_orders_and_not_offered(client: Client) -> None:
    careful = ann(fields={"company.domain": "hidden"})
    a_company(name="Alpha", domain="alpha.example")
    assert careful.user is not None
    client.force_login(careful.user)
    set_preference("company", None, actor=careful, columns=["name", "domain"])

    page, builder = text_of(client), client.get(reverse("workspace:list-builder", args=["company"]))

    words = page.replace("Domain health", "")  # where the bar leads to, on every page
    assert ("Alpha" in page, "alpha.example" in page, "Domain" in words) == (True, False, False)
    assert "domain" not in {each["key"] for each in builder.context["fields"]}


def test_programs_keep_and_share_views(admin: Actor) -> None:
    assert admin.user is not None
    api = Api.of(admin.user)

    made = api.post("saved-views", {"noun": "deal", "name": "Big", "where": "deal_amount:at_least:10000"})
    wrong = api.post("saved-views", {"noun": "deal", "name": "Big", "where": "deal_amount:is:much"})
    listed = api.get("saved-views", noun="deal")

    assert (made.status_code, made.json()["where"]) == (201, "deal_amount:at_least:10000")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_filter")
    assert [each["name"] for each in listed.json()["results"]] == ["Big"]


def test_a_file_of_a_list_has_its_filter_and_its_columns(browser: Client, admin: Actor) -> None:
    some_companies(admin)

    answer = browser.get(
        reverse("crm:export", args=["companies", "csv"]),
        {"where": "custom.plan:is:Gold", "columns": "name,custom.plan,employee_size,owner"},
    )

    head, *rows = answer.getvalue().decode().splitlines()
    assert head == '"GTM OS record ID","Company name","Employees","Record owner","Plan"'
    assert admin.user is not None
    assert [row.split(",", 1)[1] for row in rows] == [
        f"Beta,20,{admin.user.email},Gold",
        f"Alpha,900,{admin.user.email},Gold",
    ]
