"""Every kind of file that other systems and spreadsheets write, read in place and imported whole."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from crm.models import Company, Contact, Deal
from crm.tests.import_builders import a_workbook, created, imported
from gtmos.kernel.actors import Actor

pytestmark = pytest.mark.django_db

SharedData = Callable[[str], Path]
SHAPES = "csv_shapes"


@pytest.mark.parametrize(
    ("file", "rows", "records"),
    [
        ("hubspot_companies.csv", 150, (150, 0, 0)),
        ("hubspot_contacts.csv", 692, (150, 683, 0)),
        ("hubspot_contacts_es.csv", 120, (0, 120, 0)),
        ("hubspot_companies_wide_209_columns.csv", 40, (40, 0, 0)),
        ("salesforce_Account.csv", 150, (146, 0, 0)),
        ("salesforce_Contact.csv", 682, (0, 682, 0)),
        ("pipedrive_people.csv", 682, (150, 682, 0)),
        ("pipedrive_organizations.csv", 150, (150, 0, 0)),
        ("apollo_contacts.csv", 682, (150, 682, 0)),
        ("linkedin_connections_notes.csv", 150, (31, 150, 0)),
        ("quirks/bom_semicolon.csv", 2, (2, 0, 0)),
        ("quirks/cr_only.csv", 2, (2, 0, 0)),
        ("quirks/quoted_newlines.csv", 1, (1, 0, 0)),
        ("quirks/duplicate_headers.csv", 1, (0, 1, 0)),
        ("quirks/latin1_no_bom.csv", 2, (2, 0, 0)),
        ("quirks/header_only.csv", 0, (0, 0, 0)),
        ("quirks/emoji_rtl_zwj.csv", 4, (4, 0, 0)),
        ("quirks/dup_domains_variants.csv", 4, (1, 0, 0)),
        ("quirks/tab_named_csv.csv", 2, (2, 0, 0)),
        ("quirks/xss.csv", 2, (2, 0, 0)),
        ("quirks/blank_lines_and_trailing_commas.csv", 2, (2, 0, 0)),
    ],
)
def test_a_file_brings_every_record_it_holds(
    file: str, rows: int, records: tuple[int, int, int], me: Actor, shared_data: SharedData
) -> None:
    batch = imported(shared_data(f"{SHAPES}/{file}"), me, name=Path(file).name)

    assert (batch.state, batch.result["rows"], batch.result["rejected"]) == ("done", rows, 0)
    assert created(batch) == records
    assert (Company.objects.count(), Contact.objects.count(), Deal.objects.count()) == records


@pytest.mark.parametrize(
    "file",
    [
        "hubspot_deals_utf16_tab.csv",
        "salesforce_Opportunity.csv",
        "pipedrive_deals.csv",
        "pipedrive_deals_serial_dates.xlsx",
    ],
)
def test_a_file_of_deals_brings_every_deal_and_its_amount(
    file: str, me: Actor, shared_data: SharedData
) -> None:
    truth = json.loads(shared_data(f"{SHAPES}/expected.json").read_text())[file]

    batch = imported(shared_data(f"{SHAPES}/{file}"), me, name=file)

    sums = {state: float(amount) for state, amount in batch.result["amounts"].items()}
    assert sums == {state: truth[f"amount_{state}"] for state in ("won", "lost", "open")}
    found = {state: Deal.objects.filter(deal_state=state).count() for state in ("won", "lost", "open")}
    assert found == {state: truth[state] for state in ("won", "lost", "open")}
    assert (batch.result["rejected"], batch.result["rows_with_notes"]) == (0, 0)


def test_a_report_keeps_its_total_and_leaves_its_footer(me: Actor, shared_data: SharedData) -> None:
    batch = imported(shared_data(f"{SHAPES}/salesforce_report_footer_cp1252.csv"), me)

    total = sum((Decimal(amount) for amount in batch.result["amounts"].values()), Decimal(0))
    assert (batch.result["rows"], batch.result["rejected"], total) == (100, 0, Decimal(213461))


def test_day_numbers_of_a_workbook_become_days(me: Actor) -> None:
    batch = imported(a_workbook(["Deal name", "Amount", "Creation date"], ["Big", 5, 42938]), me)

    first = Deal.objects.get()
    assert (batch.encoding, batch.delimiter, str(first.deal_start_date)) == ("xlsx", "", "2017-07-22")


def test_a_row_of_another_length_is_reported_and_the_rest_taken(me: Actor, shared_data: SharedData) -> None:
    raw = shared_data(f"{SHAPES}/quirks/ragged_rows.csv").read_bytes()

    batch = imported(raw.replace(b"a,b,c", b"name,city,country"), me)

    assert (batch.result["rows"], batch.result["rejected"], created(batch)) == (3, 2, (1, 0, 0))
    reported = Path(batch.rejected_path).read_text().splitlines()
    assert reported == [
        "line,reason,name,city,country",
        '2,"The row has 2 cells, the header has 3.",1,2',
        '3,"The row has 4 cells, the header has 3.",1,2,3,4',
    ]


def test_numbers_and_dates_as_people_type_them_are_read_or_kept(me: Actor, shared_data: SharedData) -> None:
    raw = shared_data(f"{SHAPES}/quirks/numbers_and_dates.csv").read_text(encoding="utf-8")
    truth = json.loads(shared_data(f"{SHAPES}/expected.json").read_text())["quirks/numbers_and_dates.csv"]
    lines = raw.splitlines()
    named = [f"deal name,{lines[0]}", *(f"Deal {number},{line}" for number, line in enumerate(lines[1:]))]

    batch = imported("\n".join(named).encode(), me, into="deals")

    deals = list(Deal.objects.order_by("name"))
    amounts = [deal.deal_amount and float(deal.deal_amount) for deal in deals]
    days = [str(deal.deal_expected_signing_date or "") for deal in deals]
    assert amounts == truth["amounts"]
    assert [day for place, day in enumerate(days) if place != 2] == [
        day or "" for place, day in enumerate(truth["dates"]) if place != 2
    ]
    assert (days[2], deals[2].custom, batch.result["rows_with_notes"]) == ("", {"close": "3/4/2026"}, 1)


def test_no_value_of_a_repeated_column_is_lost(me: Actor, shared_data: SharedData) -> None:
    imported(shared_data(f"{SHAPES}/quirks/duplicate_headers.csv"), me)

    person = Contact.objects.get()
    assert (person.email, person.phone, person.custom) == (
        "a@x.example",
        "1",
        {"Phone (2)": "2", "other_emails": ["a2@x.example"]},
    )


def test_a_line_break_inside_a_cell_stays(me: Actor, shared_data: SharedData) -> None:
    imported(shared_data(f"{SHAPES}/quirks/quoted_newlines.csv"), me)

    assert Company.objects.get().company_address == '1 Main St\nSuite 2\n"HQ"'


def test_formulas_are_names_like_any_other(me: Actor, shared_data: SharedData) -> None:
    batch = imported(shared_data(f"{SHAPES}/quirks/formula_injection.csv"), me)

    names = set(Company.objects.values_list("name", flat=True))
    assert names == {"+1+1", "-2+3", "@SUM(A1)", "\t=1+1"}
    assert (batch.result["rows"], batch.result["rejected"]) == (5, 1)  # its first row has a comma too many
