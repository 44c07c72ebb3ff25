"""RevOps adds a field, and it is there: on pages, in lists, in the API, in search; refused alike at every door."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from crm.models import Company, Deal
from crm.services.companies import create_company, update_company
from crm.services.deal_stages import lose_deal
from crm.services.restoring import restore_values
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.models import CustomField
from gtmos.kernel.fields.services.definitions import archive_field, update_field
from gtmos.kernel.fields.tests.builders import a_field, an_arr_band
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db
NONE_OF = "ARR band: “2M” is none of <1M, 1-5M, 5-20M."


@pytest.fixture
def revops() -> User:
    return a_user(role=Role.REVOPS)


@pytest.fixture
def me() -> Actor:
    return Actor.of(a_user())


@pytest.fixture
def browser(client: Client, me: Actor) -> Client:
    assert me.user is not None
    client.force_login(me.user)
    return client


@pytest.fixture
def desk(client: Client) -> Client:
    user = a_user(role=Role.REVOPS)
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


def page_of(browser: Client, name: str, *args: Any, **query: str) -> str:
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_revops_adds_a_field_in_the_admin_and_it_is_in_the_form_at_once(desk: Client) -> None:
    before = page_of(desk, "crm:company-create")

    desk.post(
        reverse("admin:kernel_customfield_add"),
        {
            "object_type": "company",
            "label": "ARR band",
            "type": "choice",
            "choices": "<1M\n1-5M",
            "position": 0,
            "in_list": "on",
            "misfits": "refuse",
            "versions-TOTAL_FORMS": 0,
            "versions-INITIAL_FORMS": 0,
        },
    )

    field = CustomField.objects.get()
    assert (field.key, field.options, field.in_list) == ("arr_band", {"choices": ["<1M", "1-5M"]}, True)
    assert ("ARR band" in before, "ARR band" in page_of(desk, "crm:company-create")) == (False, True)


def test_a_company_is_made_with_a_value_and_shows_it(browser: Client, me: Actor) -> None:
    an_arr_band()

    browser.post(reverse("crm:company-create"), {"name": "Northwind", "custom_arr_band": "1-5M"})

    company = Company.objects.get(name="Northwind")
    assert company.custom == {"arr_band": "1-5M"}
    page = page_of(browser, "crm:company", company.pk)
    fact = re.search(r"<dt>ARR band(?P<lock>.*?)</dt><dd>(?P<value>[^<]*)", page, flags=re.DOTALL)
    assert fact is not None
    assert ("Lock ARR band" in fact["lock"], fact["value"].strip()) == (True, "1-5M")


def test_an_edit_page_shows_the_value_and_saves_another(browser: Client, me: Actor) -> None:
    a_field(label="Seats", kind="number")
    company = a_company(actor=me, custom={"seats": "12"})
    shown = page_of(browser, "crm:company-edit", company.pk)

    browser.post(
        reverse("crm:company-edit", args=[company.pk]), {"name": company.name, "custom_seats": "1,500"}
    )

    company.refresh_from_db()
    assert 'value="12"' in shown
    assert company.custom == {"seats": "1500"}


def test_two_people_who_edit_different_fields_of_a_company_lose_nothing(browser: Client, me: Actor) -> None:
    a_field(label="Seats", kind="number")
    an_arr_band()
    company = a_company(actor=me, custom={"seats": "12", "arr_band": "<1M"})
    opened = json.dumps({"name": company.name, "custom.seats": "12", "custom.arr_band": "<1M"})
    update_company(company, changes={"custom": {"seats": 20}}, actor=me)

    browser.post(
        reverse("crm:company-edit", args=[company.pk]),
        {"name": company.name, "custom_seats": "12", "custom_arr_band": "1-5M", "opened": opened},
    )

    company.refresh_from_db()
    assert company.custom == {"seats": "20", "arr_band": "1-5M"}


@pytest.mark.parametrize("make", [a_company, a_contact, a_deal])
def test_every_kind_of_record_takes_fields(make: Any, me: Actor) -> None:
    noun = make.__name__.removeprefix("a_")
    a_field(noun, "Web page", kind="url")

    record = make(actor=me, custom={"web_page": "northwind.example"})

    assert record.custom == {"web_page": "https://northwind.example"}


def test_a_list_has_the_column_the_filter_and_the_order(browser: Client, me: Actor) -> None:
    a_field(label="Seats", kind="number", in_list=True)
    an_arr_band()
    for name, seats, band in (("Alpha", 9, "<1M"), ("Beta", 100, "1-5M"), ("Gamma", None, "1-5M")):
        a_company(actor=me, name=name, custom={"seats": seats, "arr_band": band})

    filtered = page_of(browser, "crm:companies", **{"custom.arr_band": "1-5M"})
    rising = page_of(browser, "crm:companies", sort="custom.seats")
    falling = page_of(browser, "crm:companies", sort="-custom.seats")

    assert [name in filtered for name in ("Alpha", "Beta", "Gamma")] == [False, True, True]
    assert order(rising) == ["Alpha", "Beta", "Gamma"]
    assert order(falling) == ["Beta", "Alpha", "Gamma"]


def test_deals_have_a_list_with_column_filter_and_order_that_is_taken_as_it_stands(
    browser: Client, me: Actor
) -> None:
    a_field("deal", label="Seats", kind="number", in_list=True)
    for name, seats in (("Alpha", 9), ("Beta", 100), ("Gamma", None)):
        a_deal(actor=me, name=name, custom={"seats": seats})
    lose_deal(Deal.objects.get(name="Beta"), reason="price", actor=me)

    filtered = page_of(browser, "crm:deals", **{"custom.seats__gte": "5", "sort": "-custom.seats"})
    lost = page_of(browser, "crm:deals", state="lost")
    address = reverse("crm:export", args=["deals", "csv"])
    taken = browser.get(address, {"choice": "lost", "custom.seats__gte": "5"}).getvalue().decode()
    wrong = browser.get(address, {"custom.nothing": "5"})

    assert [name in filtered for name in ("Alpha", "Beta", "Gamma")] == [True, True, False]
    assert filtered.index('title="Beta"') < filtered.index('title="Alpha"')
    assert 'name="sort" value="-custom.seats"' in filtered
    assert "custom.seats__gte=5" in filtered
    assert [name in lost for name in ("Alpha", "Beta", "Gamma")] == [False, True, False]
    assert [name in taken for name in ("Alpha", "Beta", "Gamma")] == [False, True, False]
    assert (wrong.status_code, wrong.content.decode()) == (422, "There is no field nothing here.")


def order(text: str) -> list[str]:
    return sorted(("Alpha", "Beta", "Gamma"), key=lambda name: text.index(f'title="{name}"'))


def test_a_list_with_fields_costs_the_same_with_one_row_and_with_three(
    browser: Client, me: Actor, django_assert_max_num_queries: Any
) -> None:
    a_field(label="Seats", kind="number", in_list=True)
    a_field(label="Partner", kind="link", options={"to": "company"}, in_list=True)
    counts = []
    for missing in (1, 2):
        for _ in range(missing):
            partner = a_company(actor=me)
            a_company(actor=me, custom={"seats": 3, "partner": str(partner.pk)})
        with django_assert_max_num_queries(12) as captured:
            page_of(browser, "crm:companies")
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_definitions_are_asked_for_with_one_query_in_a_request(
    browser: Client, me: Actor, django_assert_max_num_queries: Any
) -> None:
    an_arr_band()
    company = a_company(actor=me)
    page_of(browser, "crm:company", company.pk)

    with django_assert_max_num_queries(30) as captured:
        page_of(browser, "crm:company", company.pk)

    asked = [each["sql"] for each in captured.captured_queries if "schemastate" in each["sql"]]
    fields = [each["sql"] for each in captured.captured_queries if "kernel_customfield" in each["sql"]]
    assert (len(asked), len(fields)) == (1, 0)


def test_a_company_is_found_by_a_value(browser: Client, me: Actor) -> None:
    a_field(label="Nickname")
    company = a_company(actor=me, custom={"nickname": "Quetzalcoatl"})

    assert company.name in page_of(browser, "crm:companies", q="quetzalcoatl")


def test_a_program_reads_writes_and_filters(me: Actor) -> None:
    an_arr_band()
    api = Api.of(me.user)
    made = api.post("companies", {"name": "Northwind", "custom": {"arr_band": "1-5m"}})
    a_company(actor=me)

    found = api.get("companies", **{"custom.arr_band": "1-5M"})

    assert made.json()["custom"] == {"arr_band": "1-5M"}
    assert [row["name"] for row in found.json()["results"]] == ["Northwind"]


def test_pages_of_the_api_hold_in_the_order_of_a_field(me: Actor) -> None:
    a_field(label="Seats", kind="number")
    for seats in (5, 40, 300, None, 40):
        a_company(actor=me, custom={"seats": seats})
    api = Api.of(me.user)

    seen, cursor = [], {}
    while cursor is not None:
        answer = api.get("companies", sort="-custom.seats", limit="2", **cursor).json()
        seen += [row["custom"].get("seats") for row in answer["results"]]
        cursor = {"cursor": answer["next_cursor"]} if answer["next_cursor"] else None

    assert seen == ["300", "40", "40", "5", None]


@pytest.mark.parametrize(
    "query",
    [
        {"custom.nothing": "1"},
        {"custom.arr_band": "2M"},
        {"custom.arr_band__gte": "1-5M"},
        {"sort": "custom.nothing"},
    ],
)
def test_a_program_that_misspells_a_filter_gets_a_problem(query: dict[str, str], me: Actor) -> None:
    an_arr_band()

    answer = Api.of(me.user).get("companies", **query)

    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


def test_a_program_that_writes_an_unknown_key_is_refused_and_nothing_changes(me: Actor) -> None:
    company = a_company(actor=me)

    answer = Api.of(me.user).patch("companies", company.pk, {"custom": {"bogus": 1}}, match=company.etag)

    company.refresh_from_db()
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_field")
    assert (company.custom, company.version) == ({}, 1)


def test_a_program_that_sends_one_key_keeps_the_others(me: Actor) -> None:
    an_arr_band()
    a_field(label="Seats", kind="number")
    company = a_company(actor=me, custom={"arr_band": "<1M"})

    Api.of(me.user).patch("companies", company.pk, {"custom": {"seats": 3}}, match=company.etag)

    company.refresh_from_db()
    assert company.custom == {"arr_band": "<1M", "seats": "3"}


def test_a_bad_value_is_refused_by_page_api_and_verb_with_one_sentence(browser: Client, me: Actor) -> None:
    an_arr_band()
    company = a_company(actor=me, custom={"arr_band": "<1M"})

    page = browser.post(
        reverse("crm:company-edit", args=[company.pk]), {"name": company.name, "custom_arr_band": "2M"}
    ).content.decode()
    api = Api.of(me.user).patch("companies", company.pk, {"custom": {"arr_band": "2M"}}, match=company.etag)
    with pytest.raises(InvalidInputError) as verb:
        update_company(company, changes={"custom": {"arr_band": "2M"}}, actor=me)

    company.refresh_from_db()
    assert "“2M” is none of &lt;1M, 1-5M, 5-20M." in page
    assert (api.json()["detail"], verb.value.message) == (NONE_OF, NONE_OF)
    assert (company.custom, company.version) == ({"arr_band": "<1M"}, 1)


def test_an_undo_takes_away_only_the_value_that_was_added(me: Actor) -> None:
    an_arr_band()
    a_field(label="Seats", kind="number")
    company = a_company(actor=me, custom={"arr_band": "<1M"})
    update_company(company, changes={"custom": {"seats": 3}}, actor=me)
    change = history.of_record(company).first()
    assert change is not None

    company.refresh_from_db()
    restore_values(company, change, actor=me)

    company.refresh_from_db()
    assert change.summary == "seats from nothing to 3"
    assert company.custom == {"arr_band": "<1M"}


def test_a_field_that_was_put_away_is_gone_and_its_values_stay(browser: Client, me: Actor) -> None:
    field = an_arr_band()
    company = a_company(actor=me, custom={"arr_band": "<1M"})

    archive_field(field, actor=SYSTEM)

    company.refresh_from_db()
    assert "ARR band" not in page_of(browser, "crm:company", company.pk)
    assert company.custom == {"arr_band": "<1M"}


def test_a_link_to_what_somebody_may_not_see_is_refused(me: Actor) -> None:
    a_field(label="Partner", kind="link", options={"to": "company"})
    hidden = create_company("Hidden", actor=Actor.of(a_user()))

    with pytest.raises(InvalidInputError) as refused:
        a_company(actor=me, custom={"partner": str(hidden.pk)})

    assert refused.value.message == "Partner: there is no such company, or you may not see it."


def test_a_field_used_in_long_lists_has_an_index_until_it_is_not(me: Actor) -> None:
    field = a_field(label="Seats", kind="number", is_indexed=True)
    a_company(actor=me, custom={"seats": 4})

    made = indexes_of(field)
    update_field(field, changes={"is_indexed": False}, actor=SYSTEM)

    assert (made, indexes_of(field)) == (1, 0)


def indexes_of(field: CustomField) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = %s", [f"cf_{field.pk.hex[:24]}"])
        return int(cursor.fetchone()[0])
