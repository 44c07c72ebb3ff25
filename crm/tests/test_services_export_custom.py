"""Custom fields leave in files under their names, and come back as they were."""

import csv
import io
from typing import Any

import pytest

from crm.models import Company, Deal
from crm.services.exporting import export_records
from crm.tests.builders import a_company, a_deal
from crm.tests.import_builders import imported
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fields.tests.builders import BANDS, a_field, an_arr_band

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_files")]
OF_EACH_TYPE: dict[str, tuple[Any, str]] = {
    "text": ("=1+1", "'=1+1"),
    "number": ("-1234.5", "'-1234.5"),
    "money": ({"amount": "1200.50", "currency": "EUR"}, "1200.50 EUR"),
    "date": ("2026-03-01", "2026-03-01"),
    "choice": ("<1M", "<1M"),
    "multi_choice": (["<1M", "5-20M"], "<1M; 5-20M"),
    "link": ("018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000001"),
    "url": ("https://a.example/b", "https://a.example/b"),
    "email": ("jo@a.example", "jo@a.example"),
    "country": ("DE", "DE"),
    "boolean": (False, "false"),
}


def a_file(kind: str, file_format: str = "csv", actor: Actor = SYSTEM) -> bytes:
    return b"".join(export_records(kind, actor=actor, file_format=file_format).pieces)


def lines_of(kind: str, actor: Actor = SYSTEM) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(a_file(kind, actor=actor).decode(), newline="")))


def a_field_of_each_type() -> None:
    for kind in OF_EACH_TYPE:
        a_field(label=f"Kind {kind}", kind=kind, options={**BANDS, "to": "company"})


def test_each_type_is_a_column_that_is_harmless_and_can_be_read_again() -> None:
    a_field_of_each_type()
    a_company()
    Company.objects.update(custom={f"kind_{kind}": value for kind, (value, _) in OF_EACH_TYPE.items()})

    (line,) = lines_of("companies")

    assert {kind: line[f"Kind {kind}"] for kind in OF_EACH_TYPE} == {
        kind: text for kind, (_, text) in OF_EACH_TYPE.items()
    }


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_file_fills_the_same_fields_when_it_comes_back(file_format: str, me: Actor) -> None:
    a_field_of_each_type()
    kept = {f"kind_{kind}": value for kind, (value, _) in OF_EACH_TYPE.items() if kind != "link"}
    a_company(name="Northwind", domain="northwind.example", custom=kept)
    raw = a_file("companies", file_format)
    Company.objects.all().delete()

    imported(raw, me, name=f"companies.{file_format}")

    assert Company.objects.get().custom == kept


@pytest.mark.parametrize("label", ["Revenue", "Position", '=cmd("x")', "ARR-band"])
def test_a_field_called_like_something_else_comes_back_too(label: str, me: Actor) -> None:
    an_arr_band()
    field = a_field(label=label, key="own_name")
    a_company(name="Northwind", domain="northwind.example", custom={field.key: "jo@a.example"})
    raw = a_file("companies")
    Company.objects.all().delete()

    imported(raw, me, into="companies")

    assert Company.objects.get().custom == {"own_name": "jo@a.example"}


def test_a_stray_value_leaves_an_empty_cell_and_never_breaks_the_file() -> None:
    a_field(label="Bands", kind="multi_choice", options=BANDS)
    a_field(label="Budget", kind="money")
    a_company()
    Company.objects.update(custom={"bands": "loose", "budget": "much"})

    (line,) = lines_of("companies")

    assert (line["Bands"], line["Budget"]) == ("", "")


def test_deals_take_their_fields_along(me: Actor) -> None:
    a_field("deal", label="Paper", kind="choice", options={"choices": ["Ours", "Theirs"]})
    a_deal(custom={"paper": "Theirs"})

    assert [line["Paper"] for line in lines_of("deals")] == ["Theirs"]
    assert Deal.objects.count() == 1
