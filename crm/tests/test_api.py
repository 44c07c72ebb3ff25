"""The customer record by the API: what is read, what a change needs, and that it is the same verb as everywhere."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from crm.models import Activity, Company, Contact, Deal, Task
from crm.services.companies import update_company
from crm.services.deals import create_deal
from crm.services.pipelines import ensure_default_pipeline
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from gtmos.context.services.messages import create_product
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-4000-8000-000000000000"
KINDS: dict[str, Callable[..., Any]] = {
    "companies": a_company,
    "contacts": a_contact,
    "deals": a_deal,
    "tasks": a_task,
}


@pytest.fixture
def actor(user: User) -> Actor:
    return Actor.of(user)


# Reading

COMPANY_FIELDS = (
    "id name description industry_vertical sub_industry b2b_or_b2c size website_url country_hq other_countries "
    "revenue employee_size child_companies customer_segment_label primary_contact account_team company_hierarchy "
    "decision_country company_address company_legal_entity customer_state momentum_score momentum_last_updated "
    "product_fit_score change_history created_at updated_at"
)
CONTACT_FIELDS = (
    "id company_id name email phone title influence_role is_primary company_name engagement_score "
    "last_contact_date change_history created_at updated_at"
)
DEAL_FIELDS = (
    "id company_id product_id deal_id deal_state deal_amount deal_amount_currency stage deal_payment_status "
    "deal_start_date deal_end_date deal_policy_state deal_health payment_frequency acquisition_channel_source "
    "acquisition_campaign_source deal_activity deal_expected_signing_date deal_signing_date momentum_score "
    "company_name product_name change_history created_at updated_at"
)
CHANGE_FIELDS = (
    "id timestamp change_type change_category changed_fields summary vector_searchable_text source user_id user_name "
    "previous_values new_values"
)


@pytest.mark.parametrize(
    ("plural", "fields"),
    [("companies", COMPANY_FIELDS), ("contacts", CONTACT_FIELDS), ("deals", DEAL_FIELDS)],
)
def test_a_record_has_all_its_fields(plural: str, fields: str, api: Api) -> None:
    record = KINDS[plural]()

    body = api.get(plural, record.pk).json()

    assert [name for name in fields.split() if name not in body] == []


@pytest.mark.parametrize("plural", KINDS)
def test_a_record_of_another_team_does_not_exist(plural: str, api: Api) -> None:
    record = KINDS[plural](actor=Actor.of(a_user(team=a_team())))

    answers = [
        api.get(plural, record.pk),
        api.patch(plural, record.pk, {}),
        api.get(plural, NOBODY),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert api.get(plural).json()["results"] == []


def test_what_stands_around_a_company_is_answered_with_it(api: Api) -> None:
    group = a_company(name="Group")
    company = a_company(name="Contoso", parent=group)
    child = a_company(name="Branch", parent=company)
    contact = a_contact(company=company, name="Ada Byron", is_primary=True)

    body = api.get("companies", company.pk).json()

    assert body["child_companies"] == [{"id": str(child.pk), "name": "Branch"}]
    assert body["primary_contact"] == {"id": str(contact.pk), "name": "Ada Byron"}
    assert body["company_hierarchy"] == [{"id": str(group.pk), "name": "Group"}]


def test_what_the_caller_may_not_see_is_not_named_beside_what_they_may(api: Api) -> None:
    stranger = Actor.of(a_user(team=a_team()))
    hidden = a_company(actor=stranger, name="Hidden group")
    company = a_company(name="Contoso", parent=hidden)
    a_company(actor=stranger, name="Hidden branch", parent=company)
    a_contact(actor=stranger, company=company, is_primary=True)

    body = api.get("companies", company.pk).json()

    assert (body["child_companies"], body["primary_contact"], body["company_hierarchy"]) == ([], None, [])


def test_a_renamed_company_has_its_new_name_in_deals_and_contacts_at_once(api: Api) -> None:
    company = a_company(name="Contoso")
    product = create_product("Ledger", actor=SYSTEM)
    deal, contact = a_deal(company=company, product=product), a_contact(company=company)

    api.patch("companies", company.pk, {"name": "Northwind"})

    body = api.get("deals", deal.pk).json()
    assert (body["company_name"], body["product_name"]) == ("Northwind", "Ledger")
    assert api.get("contacts", contact.pk).json()["company_name"] == "Northwind"


def test_the_history_of_a_company_has_every_change_with_its_eleven_fields(api: Api, actor: Actor) -> None:
    company = a_company(actor=actor, city="Oslo")
    update_company(company, changes={"city": "Bergen"}, actor=actor)

    answer = api.client.get(f"/api/v1/companies/{company.pk}/history/", headers=api.headers).json()

    newest = answer["results"][0]
    assert list(newest) == CHANGE_FIELDS.split()
    assert (newest["previous_values"], newest["new_values"]) == ({"city": "Oslo"}, {"city": "Bergen"})
    assert [row["change_category"] for row in answer["results"]] == ["COMPANY_CLASSIFICATION", "CREATED"]
    assert api.get("companies", company.pk).json()["change_history"] == answer["results"]


def test_a_list_costs_the_same_at_any_length(api: Api, django_assert_max_num_queries: Any) -> None:
    api.get("tasks")
    counts = []
    for plural, build in KINDS.items():
        for missing in (1, 3):
            for _ in range(missing):
                build()
            with django_assert_max_num_queries(8) as captured:
                api.get(plural)
            counts.append(len(captured))

    assert counts[::2] == counts[1::2]


def test_lists_are_filtered_and_searched(api: Api) -> None:
    contoso = a_company(name="Contoso", country_hq="NO")
    northwind = a_company(name="Northwind", country_hq="SE")
    deal = a_deal(company=northwind, name="Pilot")

    def ids(plural: str, **query: str) -> list[str]:
        return [row["id"] for row in api.get(plural, **query).json()["results"]]

    assert ids("companies", country_hq="no") == [str(contoso.pk)]
    assert ids("companies", q="northw") == [str(northwind.pk)]
    assert ids("deals", company_id=str(northwind.pk)) == [str(deal.pk)]
    assert ids("deals", company_id=str(contoso.pk)) == []
    assert ids("companies", updated_since="2200-01-01T00:00:00Z") == []


# Making


def test_a_company_is_made_by_the_same_verb_as_on_the_page(api: Api, user: User) -> None:
    answer = api.post("companies", {"name": "Contoso", "website_url": "https://www.contoso.example/x"})

    company = Company.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/companies/{company.pk}/")
    assert (company.domain, company.owner) == ("contoso.example", user)
    made = Change.objects.filter(subject_id=company.pk)
    assert made.values_list("source", "user_id").get() == ("api", user.pk)
    assert EventRecord.objects.values_list("name", flat=True).get() == "crm.company_created"


def test_a_contact_a_deal_an_activity_and_a_task_are_made(api: Api, actor: Actor) -> None:
    ensure_default_pipeline(actor=SYSTEM)
    company = a_company(actor=actor)
    key = str(company.pk)

    answers = [
        api.post("contacts", {"name": "Ada Byron", "email": "ada@people.example", "company_id": key}),
        api.post("deals", {"name": "Pilot", "company_id": key, "deal_amount": "0.10", "stage": "proposal"}),
        api.post("activities", {"type": "call", "subject": "First call", "company_id": key}),
        api.post("tasks", {"title": "Call back", "company_id": key}),
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 201]
    assert Contact.objects.get().company == company
    assert (Deal.objects.get().deal_amount, Deal.objects.get().stage.key) == (Decimal("0.10"), "proposal")
    assert (Activity.objects.get().company, Task.objects.get().company) == (company, company)


def test_a_record_cannot_be_tied_to_one_that_the_caller_may_not_see(api: Api) -> None:
    hidden = a_company(actor=Actor.of(a_user(team=a_team())))

    answer = api.post("contacts", {"name": "Ada", "company_id": str(hidden.pk)})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["company_id"])
    assert Contact.objects.exists() is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "X", "nothing": 1}, "nothing"),
        ({"name": "X", "version": 7}, "version"),
        ({"name": "X", "momentum_score": 1}, "momentum_score"),
        ({"name": "X", "employee_size": 10**12}, "employee_size"),
        ({"name": "X" * 256}, "name"),
    ],
)
def test_a_field_that_cannot_be_written_is_refused_and_named(api: Api, body: Any, field: str) -> None:
    answer = api.post("companies", body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert Company.objects.exists() is False


def test_a_refusal_of_a_verb_has_its_own_code(api: Api) -> None:
    a_company(domain="contoso.example")

    answer = api.post("companies", {"name": "Contoso", "domain": "contoso.example"})

    assert (answer.status_code, answer.json()["code"]) == (409, "domain_taken")


# Changing


@pytest.mark.parametrize("plural", KINDS)
def test_a_change_names_the_version_that_was_read(plural: str, api: Api) -> None:
    record = KINDS[plural]()
    field = {"deals": "next_step", "tasks": "note"}.get(plural, "city")
    read = api.get(plural, record.pk)

    missing = api.patch(plural, record.pk, {field: "A"}, match=None)
    first = api.patch(plural, record.pk, {field: "B"}, match=read["ETag"])
    stale = api.patch(plural, record.pk, {field: "C"}, match=read["ETag"])
    second = api.patch(plural, record.pk, {field: "D"}, match=first["ETag"])

    assert [each.status_code for each in (missing, first, stale, second)] == [428, 200, 412, 200]
    assert (missing.json()["code"], stale.json()["code"]) == ("version_required", "stale_version")
    assert (read["ETag"], first["ETag"], second["ETag"]) == ('"1"', '"2"', '"3"')
    assert api.get(plural, record.pk).json()[field] == "D"


def test_a_deal_moves_by_the_key_of_its_stage_and_its_state_follows(api: Api) -> None:
    deal = a_deal()

    answer = api.patch("deals", deal.pk, {"stage": "closed_won"})

    body = answer.json()
    assert (body["stage"], body["deal_state"]) == ("closed_won", "won")
    assert body["change_history"][0]["change_category"] == "DEAL_STAGE"


def test_a_stage_that_needs_more_says_what_is_missing(api: Api) -> None:
    deal = a_deal()
    deal.stage.pipeline.stages.filter(key="proposal").update(required_fields=["deal_amount"])

    answer = api.patch("deals", deal.pk, {"stage": "proposal"})

    assert (answer.status_code, answer.json()["code"]) == (409, "stage_criteria_missing")
    assert [(each["kind"], each["name"]) for each in answer.json()["errors"]] == [("field", "deal_amount")]


def test_a_customer_state_moves_only_along_its_lifecycle(api: Api) -> None:
    company = a_company()

    refused = api.patch("companies", company.pk, {"customer_state": "churned"})
    allowed = api.patch("companies", company.pk, {"customer_state": "exploring"})

    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert (allowed.status_code, allowed.json()["customer_state"]) == (200, "exploring")


def test_a_change_that_is_refused_half_way_changes_nothing(api: Api) -> None:
    company = a_company(city="Oslo")

    answer = api.patch("companies", company.pk, {"city": "Bergen", "customer_state": "churned"})

    company.refresh_from_db()
    assert (answer.status_code, company.city, company.version) == (409, "Oslo", 1)


def test_a_task_is_done_and_opened_again(api: Api, actor: Actor) -> None:
    task = a_task(actor=actor)

    done = api.client.post(f"/api/v1/tasks/{task.pk}/complete/", headers=api.headers)
    again = api.client.post(f"/api/v1/tasks/{task.pk}/complete/", headers=api.headers)
    opened = api.client.post(f"/api/v1/tasks/{task.pk}/reopen/", headers=api.headers)

    assert [done.status_code, again.status_code, opened.status_code] == [200, 409, 200]
    assert opened.json()["done_at"] is None


def test_a_deal_made_elsewhere_is_the_same_deal_here(api: Api, actor: Actor) -> None:
    ensure_default_pipeline(actor=SYSTEM)
    deal = create_deal(name="Pilot", company=None, amount=Decimal("99999999999999.99"), actor=actor)

    body = api.get("deals", deal.pk).json()

    assert (body["deal_amount"], body["deal_amount_currency"]) == ("99999999999999.99", "USD")


# Deleting


def test_what_has_a_verb_to_delete_can_be_deleted_with_its_version(api: Api, actor: Actor) -> None:
    deal, task = a_deal(actor=actor), a_task(actor=actor)
    api.post("activities", {"type": "note", "subject": "A note"})
    activity = Activity.objects.get()

    unversioned = api.delete("deals", deal.pk, match=None)
    answers = [
        api.delete(*each) for each in (("deals", deal.pk), ("tasks", task.pk), ("activities", activity.pk))
    ]

    assert unversioned.status_code == 428
    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert (Deal.objects.count(), Task.objects.count(), Activity.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("plural", ["companies", "contacts"])
def test_what_has_no_verb_to_delete_stays(plural: str, api: Api) -> None:
    record = KINDS[plural]()

    answer = api.delete(plural, record.pk)

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
