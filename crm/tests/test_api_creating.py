"""Making a record by the API: what it costs, and that its answer is what is read afterwards."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Company
from crm.tests.builders import a_company
from crm.tests.routing_builders import a_rule, routed_by
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.fields.services.definitions import create_field
from gtmos.kernel.people.access_models import AccessRole
from gtmos.kernel.people.models import User
from gtmos.kernel.people.territory_services import create_territory
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
COMPANY = {
    "name": " Nordwind ",
    "domain": "https://www.nordwind.example/about",
    "tags": ["a", "b"],
    "revenue_amount": "1000",
    "revenue_currency": "EUR",
    "country_hq": "DE",
    "employee_size": 40,
    "funded_on": "2026-01-31",
    "custom": {"renewal": "2026-12-31", "worth": {"amount": "12.5", "currency": "EUR"}},
}
CONTACT = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "Ada@Nordwind.example",
    "title": "CEO",
    "linkedin_url": "https://linkedin.com/in/ada/",
    "consent_on": "2026-01-31",
    "custom": {"shoe": 42},
}
CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")


@pytest.fixture
def user() -> User:
    return a_user(team=a_team())


@pytest.fixture
def api(user: User) -> Api:
    return Api.of(user)


def asked(captured: CaptureQueriesContext) -> list[str]:
    """The statements, without those that only hold them together."""
    return [each["sql"] for each in captured if not each["sql"].lstrip().startswith(CONTROL)]


@pytest.fixture
def _fields() -> None:
    create_field("company", "Renewal", type="date", actor=SYSTEM)
    create_field("company", "Worth", type="money", actor=SYSTEM)
    create_field("contact", "Shoe", type="number", actor=SYSTEM)


@pytest.mark.usefixtures("_fields")
@pytest.mark.parametrize("placed", [False, True])
def test_the_answer_to_a_new_record_is_what_is_read_afterwards(api: Api, *, placed: bool) -> None:
    if placed:
        create_territory("Germany", conditions={"countries": ["DE"]}, actor=SYSTEM)
        routed_by(a_rule(a_team("Desk")), a_rule("account", about="contact", name="People"))
    company = api.post("companies", {**COMPANY, "parent_id": str(a_company(name="Above").pk)}).json()

    contact = api.post("contacts", {**CONTACT, "company_id": company["id"]}).json()

    assert company == api.get("companies", company["id"]).json()
    assert contact == api.get("contacts", contact["id"]).json()


def test_the_answer_hides_what_the_role_hides(user: User) -> None:
    AccessRole.objects.create(
        key=user.role,
        name="Rep",
        based_on=user.role,
        scope="all",
        fields={"company.revenue_amount": "hidden"},
    )
    api = Api.of(User.objects.get(pk=user.pk))

    made = api.post("companies", {"name": "Nordwind"}).json()

    assert "revenue_amount" not in made
    assert made == api.get("companies", made["id"]).json()


@pytest.mark.parametrize(
    ("plural", "body"),
    [
        ("companies", lambda number: {"name": f"C{number}", "domain": f"c{number}.example"}),
        ("contacts", lambda number: {"name": f"P{number}", "email": f"p{number}@c.example", "title": "CEO"}),
    ],
)
def test_a_new_record_with_its_history_and_event_takes_at_most_nine_statements(
    api: Api, plural: str, body: Any
) -> None:
    create_territory("Germany", conditions={"countries": ["DE"]}, actor=SYSTEM)
    api.post(plural, body(0))  # this process reads the configuration

    with CaptureQueriesContext(connection) as captured:
        answer = api.post(plural, body(1))

    most = 9 if plural == "companies" else 8  # a company is looked for in its territory
    assert answer.status_code == 201
    assert len(asked(captured)) == most


def test_a_company_that_is_there_already_is_refused_and_nothing_is_made(api: Api) -> None:
    api.post("companies", {"name": "Nordwind", "domain": "nordwind.example"})

    again = api.post("companies", {"name": "Nordwind again", "domain": "nordwind.example"})

    assert (again.status_code, again.json()["code"]) == (409, "domain_taken")
    assert Company.objects.count() == 1
