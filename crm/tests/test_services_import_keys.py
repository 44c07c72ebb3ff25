"""Keys of other systems: the same number in two of them is not the same record."""

import pytest

from crm.models import Company, Contact, Deal
from crm.tests.builders import a_contact
from crm.tests.import_builders import created, imported
from gtmos.kernel.actors import Actor

pytestmark = pytest.mark.django_db

PIPEDRIVE = b"Person - ID,Person - Name,Person - Organization,Person - Title\n17,Ann Lee,Alpha Ltd,CEO\n"
HUBSPOT_HEAD = "Record ID,First Name,Last Name,Job Title,Company Name,Contact owner\n"


def test_the_same_number_in_two_systems_is_two_people(me: Actor) -> None:
    imported(PIPEDRIVE, me, name="pipedrive.csv")

    batch = imported(f"{HUBSPOT_HEAD}17,Ann,Lee,Nurse,Beta Inc,\n".encode(), me, name="hubspot.csv")

    people = Contact.objects.order_by("external_source")
    assert created(batch) == (1, 1, 0)
    assert [(p.external_source, p.external_id, p.title) for p in people] == [
        ("hubspot", "17", "Nurse"),
        ("pipedrive", "17", "CEO"),
    ]


def test_the_same_number_in_the_same_system_is_the_same_person(me: Actor) -> None:
    imported(PIPEDRIVE, me)

    batch = imported(PIPEDRIVE.replace(b"CEO", b"Chair").replace(b"Alpha Ltd", b""), me)

    person = Contact.objects.get()
    assert (person.title, person.company.name, batch.result["updated"]["contacts"]) == (
        "Chair",
        "Alpha Ltd",
        1,
    )


def test_a_number_alone_never_overwrites_somebody_of_another_name(me: Actor) -> None:
    imported(PIPEDRIVE, me)

    imported(PIPEDRIVE.replace(b"Ann Lee", b"Bob Stone").replace(b"CEO", b"Nurse"), me)

    assert sorted(Contact.objects.values_list("name", "title")) == [
        ("Ann Lee", "CEO"),
        ("Bob Stone", "Nurse"),
    ]


def test_a_key_of_no_system_is_not_the_key_of_another_system(me: Actor) -> None:
    known = a_contact(actor=me, name="Ann Lee", email="", external_id="17")

    imported(PIPEDRIVE, me)

    known.refresh_from_db()
    assert (Contact.objects.count(), known.title, known.external_source) == (2, "", "")


def test_a_key_of_no_system_is_found_by_a_plain_list(me: Actor) -> None:
    known = a_contact(actor=me, name="Ann Lee", email="", external_id="17")

    imported(b"ID,Full name,Title\n17,Ann Lee,CEO\n", me)

    known.refresh_from_db()
    assert (Contact.objects.count(), known.title, known.external_source) == (1, "CEO", "plain")


def test_a_company_first_named_by_a_person_is_the_one_that_the_list_of_companies_brings(me: Actor) -> None:
    people = f"{HUBSPOT_HEAD.strip()},Associated Company IDs (Primary)\n17,Ann,Lee,Nurse,Beta,,5\n"
    companies = (
        b"Record ID,Company name,Company owner,City,Company Domain Name\n5,Beta Inc,,Oslo,beta.example\n"
    )

    imported(people.encode(), me)
    batch = imported(companies, me)

    assert (created(batch)[0], Company.objects.count()) == (0, 1)
    assert str(Contact.objects.get().company) == "Beta Inc"


def test_a_person_is_not_put_at_the_company_of_another_system(me: Actor) -> None:
    imported(b"Organization - ID,Organization - Name\n5,Alpha Ltd\n", me)
    head = b"Record ID,First Name,Last Name,Email,Associated Company IDs (Primary)\n"

    imported(head + b"900,Bob,Stone,bob@beta.example,5\n", me)

    assert Contact.objects.get().company is None


def test_a_deal_is_not_put_at_the_company_of_another_system(me: Actor) -> None:
    imported(b"Record ID,Company name,Company owner\n5,Alpha Ltd,\n6,Gamma,\n", me, into="companies")
    imported(b"Organization - ID,Organization - Name\n6,Delta\n", me)

    imported(b"Deal - ID,Deal - Title,Deal - Value,Deal - Organization ID\n1,Big,5,5\n2,Small,6,6\n", me)

    found = {deal.name: deal.company and deal.company.name for deal in Deal.objects.all()}
    assert (Company.objects.count(), found) == (3, {"Big": None, "Small": "Delta"})
