"""Real exports and lists: every figure that is known of them comes out."""

import csv
import gzip
import io
import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.intake.industries import industry_matches
from crm.intake.places import city_key
from crm.intake.records import read_records
from crm.intake.rows import CompanyRow, Record, company_key, contact_company_key, contact_key
from crm.intake.tables import open_table
from crm.intake.understanding import understand

TODAY = date(2026, 11, 21)


def records_of(source: Path | io.BytesIO) -> list[Record]:
    with open_table(source) as table:
        return list(read_records(table, understand(table), source="list.csv", today=TODAY))


def companies_of(records: list[Record]) -> dict[object, CompanyRow]:
    """Every company once, the newest row of it."""
    found: dict[object, CompanyRow] = {}
    for record in records:
        if record.company is None:
            continue
        key = company_key(record.company)
        if key not in found or (record.company.dated_on or date.min) > (found[key].dated_on or date.min):
            found[key] = record.company
    return found


def people_of(records: list[Record]) -> set[object]:
    return {contact_key(record.contact) for record in records if record.contact}


def addresses_of(records: list[Record]) -> set[str]:
    return {record.contact.email_key for record in records if record.contact and record.contact.email_key}


def totals_of(records: list[Record]) -> dict[str, tuple[int, Decimal]]:
    deals = [record.deal for record in records if record.deal]
    return {
        state: (
            sum(deal.state == state for deal in deals),
            sum((d.amount or Decimal(0) for d in deals if d.state == state), Decimal(0)),
        )
        for state in ("won", "lost", "open")
    }


WON_LOST_OPEN = {"won": (134, Decimal(330318)), "lost": (77, Decimal(136514)), "open": (89, Decimal(217637))}


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "header_line", "columns", "rows"),
    [
        ("hubspot_companies.csv", "utf-8", ",", 1, 16, 150),
        ("hubspot_contacts.csv", "utf-8", ",", 1, 17, 692),
        ("hubspot_contacts_es.csv", "utf-8", ",", 1, 14, 120),
        ("hubspot_companies_wide_209_columns.csv", "utf-8", ",", 1, 209, 40),
        ("hubspot_deals_utf16_tab.csv", "utf-16", "\t", 1, 16, 300),
        ("salesforce_Account.csv", "iso-8859-1", ",", 1, 35, 150),
        ("salesforce_Contact.csv", "utf-8", ",", 1, 31, 682),
        ("salesforce_Opportunity.csv", "utf-8", ",", 1, 32, 300),
        ("salesforce_report_footer_cp1252.csv", "utf-8", ",", 1, 10, 100),
        ("pipedrive_deals.csv", "utf-8", ",", 1, 24, 300),
        ("pipedrive_people.csv", "utf-8", ",", 1, 11, 682),
        ("pipedrive_organizations.csv", "utf-8", ",", 1, 9, 150),
        ("apollo_contacts.csv", "utf-8", ",", 1, 71, 682),
        ("linkedin_connections_notes.csv", "utf-8", ",", 4, 7, 150),
        ("quirks/bom_semicolon.csv", "utf-8-sig", ";", 1, 3, 2),
        ("quirks/cr_only.csv", "utf-8", ",", 1, 3, 2),
        ("quirks/quoted_newlines.csv", "utf-8", ",", 1, 3, 1),
        ("quirks/duplicate_headers.csv", "utf-8", ",", 1, 5, 1),
        ("quirks/latin1_no_bom.csv", "iso-8859-1", ",", 1, 2, 2),
        ("quirks/header_only.csv", "utf-8", ",", 1, 3, 0),
        ("quirks/emoji_rtl_zwj.csv", "utf-8", ",", 1, 2, 4),
        ("quirks/dup_domains_variants.csv", "utf-8", ",", 1, 2, 4),
        ("quirks/tab_named_csv.csv", "utf-8", "\t", 1, 3, 2),
        ("quirks/xss.csv", "utf-8", ",", 1, 2, 2),
        ("quirks/blank_lines_and_trailing_commas.csv", "utf-8", ",", 3, 2, 2),
    ],
)
def test_an_export_is_opened_as_what_it_is(
    shared_data, name, encoding, delimiter, header_line, columns, rows
):
    with open_table(shared_data(f"csv_shapes/{name}")) as table:
        lines = list(table.lines())

    assert (table.encoding, table.delimiter, table.header_line, len(table.columns)) == (
        encoding,
        delimiter,
        header_line,
        columns,
    )
    assert [line.fault for line in lines if line.fault] == []
    assert len(lines) == rows


@pytest.mark.parametrize(
    ("name", "companies"),
    [
        ("hubspot_companies.csv", 150),
        ("hubspot_companies_wide_209_columns.csv", 40),
        ("salesforce_Account.csv", 150),
        ("pipedrive_organizations.csv", 150),
        ("apollo_contacts.csv", 150),
        ("quirks/dup_domains_variants.csv", 1),
    ],
)
def test_an_export_holds_so_many_companies_by_domain(shared_data, name, companies):
    found = companies_of(records_of(shared_data(f"csv_shapes/{name}")))

    assert len(found) == companies
    assert [key for key in found if key is None] == []


@pytest.mark.parametrize(
    ("name", "people", "addresses"),
    [
        ("hubspot_contacts.csv", 683, 652),
        ("hubspot_contacts_es.csv", 120, 120),
        ("salesforce_Contact.csv", 682, 682),
        ("pipedrive_people.csv", 682, 682),
        ("apollo_contacts.csv", 682, 682),
        ("linkedin_connections_notes.csv", 150, 30),
    ],
)
def test_an_export_holds_so_many_people_and_addresses(shared_data, name, people, addresses):
    records = records_of(shared_data(f"csv_shapes/{name}"))

    assert [record.rejected for record in records if record.rejected] == []
    assert (len(people_of(records)), len(addresses_of(records))) == (people, addresses)


@pytest.mark.parametrize(
    "name", ["hubspot_deals_utf16_tab.csv", "salesforce_Opportunity.csv", "pipedrive_deals.csv"]
)
def test_won_lost_and_open_amounts_agree_in_every_system(shared_data, name):
    records = records_of(shared_data(f"csv_shapes/{name}"))

    assert totals_of(records) == WON_LOST_OPEN
    assert [record.notes for record in records if record.notes] == []


def test_a_report_with_a_footer_keeps_its_total_and_reads_american_dates(shared_data):
    records = records_of(shared_data("csv_shapes/salesforce_report_footer_cp1252.csv"))

    assert sum((record.deal.amount or 0 for record in records if record.deal), Decimal(0)) == 213461
    assert records[0].deal is not None
    assert (records[0].deal.expected_on, records[0].deal.created_on) == (date(2018, 3, 31), date(2017, 7, 22))


def test_small_facts_of_the_exports_survive(shared_data):
    accounts = records_of(shared_data("csv_shapes/salesforce_Account.csv"))
    salesforce = records_of(shared_data("csv_shapes/salesforce_Contact.csv"))
    apollo = records_of(shared_data("csv_shapes/apollo_contacts.csv"))
    pipedrive = records_of(shared_data("csv_shapes/pipedrive_people.csv"))
    postal_codes = [record.company.postal_code for record in accounts if record.company]

    assert sum(record.deleted for record in accounts) == 4
    assert sum(bool(record.company and record.company.parent_external_id) for record in accounts) == 6
    assert sum(code.startswith("0") for code in postal_codes) == 14
    assert sum(bool(r.contact and r.contact.do_not_email) for r in salesforce) == 30
    assert sum(bool(r.contact and r.contact.email_status == "bounced") for r in salesforce) == 21
    assert sum(bool(r.contact and r.contact.email_status == "bounced") for r in apollo) == 21
    assert [r.contact.phone for r in apollo if r.contact and r.contact.phone.startswith("'")] == []
    assert sum(bool(r.contact and r.contact.other_emails) for r in pipedrive) == 114


def test_a_contact_names_its_account_by_the_accounts_own_key(shared_data):
    accounts = {
        r.company.external_id
        for r in records_of(shared_data("csv_shapes/salesforce_Account.csv"))
        if r.company
    }
    people = [r.contact for r in records_of(shared_data("csv_shapes/salesforce_Contact.csv")) if r.contact]

    orphans = [person for person in people if person.company_external_id not in accounts]

    assert orphans == []


def test_the_longest_cell_of_a_wide_export_is_kept_whole(shared_data):
    records = records_of(shared_data("csv_shapes/hubspot_companies_wide_209_columns.csv"))

    assert (
        max(len(cell) for record in records if record.company for cell in record.company.extras.values())
        == 180_000
    )


def test_dangerous_names_are_text(shared_data):
    scripts = records_of(shared_data("csv_shapes/quirks/xss.csv"))
    formulas = records_of(shared_data("csv_shapes/quirks/formula_injection.csv"))

    assert [record.company.name for record in scripts if record.company] == [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
    ]
    assert [record.company.name for record in formulas if record.company] == [
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
    ]
    assert len(companies_of(formulas)) == 4


def test_the_pipeline_of_a_sales_team_adds_up(shared_data):
    records = records_of(shared_data("deals/maven_crm/sales_pipeline.csv"))

    counts = {state: count for state, (count, _) in totals_of(records).items()}

    assert len(records) == 3750
    assert counts == {"won": 1700, "lost": 1028, "open": 1022}


def test_the_layoff_list_becomes_companies_and_dated_signals(shared_data):
    records = records_of(shared_data("companies/layoffs_to_2023-03.csv"))
    rows = [record.company for record in records if record.company]
    wanted = {
        row.name
        for row in rows
        if row.funding_stage == "Series B"
        and row.industry == "Finance"
        and row.city_key == city_key("New York")
    }
    petal = [row for row in companies_of(records).values() if row.name_key == "petal"]
    signals = [signal for record in records for signal in record.signals]

    assert (len(records), [record.notes for record in records if record.notes]) == (2361, [])
    assert len({row.name.casefold() for row in rows}) == 1885
    assert wanted == {"Argyle", "EquityZen", "Jetty", "Petal"}
    assert [(row.funding_stage, row.dated_on) for row in petal] == [("Series D", date(2022, 8, 18))]
    assert sum(row.funding_stage == "Series B" and row.city_key == "new york" for row in rows) == 31
    assert {row.industry for row in rows if "rypto" in row.industry} == {"Crypto"}
    assert {signal.type for signal in signals} == {"layoff"}
    assert sum(row.total_funding_amount == Decimal(78_000_000) for row in rows if row.name == "Argyle") == 1


def startups_as_csv(path: Path, join: str) -> io.BytesIO:
    """The directory as a table; lists are written the way several tools write them."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(rows[0].keys())
    for row in rows:
        writer.writerow(
            [_listed(value, join) if isinstance(value, list) else value for value in row.values()]
        )
    return io.BytesIO(out.getvalue().encode())


def _listed(items: list[str], join: str) -> str:
    if join == "json":
        return json.dumps(items)
    return repr(items) if join == "repr" else join.join(items)


@pytest.mark.parametrize("join", ["json", "repr", "; ", "|", ", "])
def test_the_startup_directory_answers_who_in_fintech_in_new_york_is_hiring(shared_data, join):
    records = records_of(startups_as_csv(shared_data("companies/yc_companies.jsonl.gz"), join))
    fintech = [
        r
        for r in records
        if r.company
        and industry_matches("fintech", r.company.industry, r.company.sub_industry, r.company.tags)
    ]
    in_new_york = [r for r in fintech if r.company and is_in("New York", r.company)]
    hiring = [r for r in in_new_york if r.signals]

    assert (len(records), len(fintech), len(in_new_york), len(hiring)) == (2853, 301, 31, 10)
    assert {(s.type, s.detail, s.occurred_on) for r in hiring for s in r.signals} == {
        ("hiring", "Hiring page is open", TODAY)
    }
    assert sum(bool(r.company and "Developer Tools" in r.company.tags) for r in records) == 275
    assert sum(bool(r.company and r.company.former_names) for r in records) == 1371
    assert sum(bool(r.company and not r.company.website_url) for r in records) == 20


def is_in(city: str, company: CompanyRow) -> bool:
    everywhere = company.locations or (company.city,)
    return city_key(city) in {city_key(place) for place in everywhere}


def test_marketing_chiefs_of_hiring_fintechs_in_new_york_are_exactly_these_four(shared_data):
    startups = records_of(startups_as_csv(shared_data("companies/yc_companies.jsonl.gz"), "json"))
    layoffs = records_of(shared_data("companies/layoffs_to_2023-03.csv"))
    people = [record.contact for record in records_of(shared_data("people/contacts.csv")) if record.contact]
    companies = {company_key(r.company): r for r in [*layoffs, *startups] if r.company}

    found = []
    for person in people:
        record = companies.get(contact_company_key(person))
        if (
            record is None
            or record.company is None
            or person.department != "marketing"
            or person.seniority != "c_level"
        ):
            continue
        own = record.company
        is_fintech = industry_matches("fintech", own.industry, own.sub_industry, own.tags)
        if (
            is_fintech
            and is_in("New York", own)
            and any(signal.type == "hiring" for signal in record.signals)
        ):
            found.append(person.external_id)

    assert found == ["CT042001289", "CT042001326", "CT042001361", "CT042001393"]


def test_people_without_a_company_domain_are_matched_by_name_and_city(shared_data):
    layoffs = companies_of(records_of(shared_data("companies/layoffs_to_2023-03.csv")))
    people = [record.contact for record in records_of(shared_data("people/contacts.csv")) if record.contact]
    from_layoffs = [person for person in people if person.company_external_id.startswith("LO-")]

    unmatched = {person.company_name for person in from_layoffs if contact_company_key(person) not in layoffs}

    assert unmatched == set()


def test_the_contact_list_keeps_its_figures(shared_data):
    records = records_of(shared_data("people/contacts.csv"))
    people = [record.contact for record in records if record.contact]

    assert (len(people), len(addresses_of(records)), len(companies_of(records))) == (5691, 5691, 1254)
    assert Counter(person.email_status for person in people) == {
        "verified": 3545,
        "extrapolated": 814,
        "catch_all": 667,
        "unavailable": 447,
        "bounced": 218,
    }
    assert sum(bool(person.do_not_email) for person in people) == 276
    assert sum(person.department == "marketing" and person.seniority == "c_level" for person in people) == 502
