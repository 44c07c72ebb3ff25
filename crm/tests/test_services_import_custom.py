"""A list fills custom fields, keeps what a person locked, and its lines are refused by the same rules as a click."""

import io
from pathlib import Path

import pytest

from crm.models import Company, Contact
from crm.selectors.lists import companies_matching
from crm.services.import_undo import undo_import
from crm.services.importing import run_import, start_import, upload_import
from crm.tests.builders import a_company
from crm.tests.import_builders import imported
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.services.locks import lock_fields
from gtmos.kernel.fields.tests.builders import a_field, an_arr_band
from gtmos.kernel.rules.services.rules import activate_rule, create_rule

pytestmark = pytest.mark.django_db
COMPANIES = (
    b"Company,Website,ARR Band,Seats\nNorthwind,northwind.example,1-5m,12\nGlobex,globex.example,huge,many\n"
)


@pytest.fixture
def fields(me: Actor) -> None:
    an_arr_band()
    a_field(label="Seats", kind="number")


def test_a_column_called_like_a_field_fills_it_and_what_it_does_not_take_is_kept_beside(
    fields: None, me: Actor
) -> None:
    batch = imported(COMPANIES, me)

    custom = {company.name: company.custom for company in Company.objects.all()}
    assert [each["target"] for each in batch.mapping["columns"][2:]] == [
        "company.custom.arr_band",
        "company.custom.seats",
    ]
    assert custom == {
        "Northwind": {"arr_band": "1-5M", "seats": "12"},
        "Globex": {"arr_band (not read)": "huge", "seats (not read)": "many"},
    }


def test_a_person_sends_a_column_to_a_field(fields: None, me: Actor) -> None:
    batch = upload_import(file_name="a.csv", content=io.BytesIO(b"Company,Licences\nNorthwind,7\n"), actor=me)

    start_import(batch, mapping={"Licences": "company.custom.seats"}, actor=me)
    run_import(batch.pk)

    assert Company.objects.get().custom == {"seats": "7"}


def test_a_company_is_found_by_what_a_list_brought(fields: None, me: Actor) -> None:
    imported(COMPANIES, me)

    assert [each.name for each in companies_matching("1-5M", actor=me)] == ["Northwind"]


def test_a_second_list_keeps_the_fields_that_it_does_not_name(fields: None, me: Actor) -> None:
    imported(COMPANIES, me)
    batch = imported(b"Company,Website,Seats\nNorthwind,northwind.example,20\n", me)

    assert Company.objects.get(name="Northwind").custom == {"arr_band": "1-5M", "seats": "20"}
    undo_import(batch, actor=me)
    assert Company.objects.get(name="Northwind").custom == {"arr_band": "1-5M", "seats": "12"}


def test_what_a_person_locked_is_not_overwritten_by_a_list(fields: None, me: Actor) -> None:
    company = a_company(
        actor=me, name="Northwind", domain="northwind.example", city="Oslo", custom={"seats": 3}
    )
    lock_fields(company, ["city", "custom.seats"], actor=me)

    imported(b"Company,Website,City,Seats,ARR Band\nNorthwind,northwind.example,Bergen,9,<1M\n", me)

    company.refresh_from_db()
    assert (company.city, company.custom) == ("Oslo", {"seats": "3", "arr_band": "<1M"})


def test_lines_that_break_a_rule_are_rejected_with_its_sentence_and_the_others_are_taken(me: Actor) -> None:
    rule = create_rule(
        "company",
        "City",
        conditions=[{"field": "employee_size", "operator": "at_least", "value": "100"}],
        requirement={"field": "city", "operator": "filled"},
        sentence="Large companies need a city.",
        actor=SYSTEM,
    )
    activate_rule(rule, actor=SYSTEM)
    a_company(actor=me, name="Globex", domain="globex.example", city="Rome")

    batch = imported(
        b"Company,Website,Employees\nNorthwind,northwind.example,500\nGlobex,globex.example,500\nInitech,initech.example,5\n",
        me,
    )

    assert sorted(Company.objects.values_list("name", flat=True)) == ["Globex", "Initech"]
    assert Company.objects.get(name="Globex").employee_size == 500
    assert batch.result["rejected"] == 1
    assert "Large companies need a city." in Path(batch.rejected_path).read_text(encoding="utf-8")


def test_an_opt_out_in_a_line_that_breaks_a_rule_still_counts(me: Actor) -> None:
    imported(b"First Name,Last Name,Email\nAda,Byron,ada@northwind.example\n", me)
    rule = create_rule(
        "contact",
        "Title",
        requirement={"field": "title", "operator": "filled"},
        sentence="A contact needs a title.",
        actor=SYSTEM,
    )
    activate_rule(rule, actor=SYSTEM)

    batch = imported(
        b"First Name,Last Name,Email,Title,Unsubscribed\nAda,Byron,ada@northwind.example,,yes\nBob,Ray,bob@northwind.example,,no\n",
        me,
    )

    assert batch.result["rejected"] == 1
    assert Contact.objects.get().do_not_email is True


def test_a_field_that_does_not_exist_is_no_target(fields: None, me: Actor) -> None:
    batch = upload_import(
        file_name="list.csv", content=io.BytesIO(b"Company,Licences\nNorthwind,7\n"), actor=me
    )

    with pytest.raises(InvalidInputError, match=r"There is no field company\.custom\.bogus"):
        start_import(batch, mapping={"Licences": "company.custom.bogus"}, actor=me)
