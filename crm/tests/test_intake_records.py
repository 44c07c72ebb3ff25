"""Lists become companies, people, deals and dated signals, and their figures come out right."""

import io
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm.intake.faults import IntakeError
from crm.intake.records import read_records
from crm.intake.rows import Record, company_key
from crm.intake.shapes import Mapping, detect_kind, detect_shape
from crm.intake.tables import open_table
from crm.intake.understanding import understand

TODAY = date(2026, 11, 21)


def records_of(text: str, *, into: str = "auto") -> list[Record]:
    table = open_table(io.BytesIO(text.encode()))
    return list(read_records(table, understand(table, into=into), source="list.csv", today=TODAY))


def mapping_of(text: str) -> Mapping:
    return understand(open_table(io.BytesIO(text.encode())))


def test_a_company_list_becomes_companies_with_their_keys():
    (record,) = records_of(
        "Company Name,Website,City,State,Country,Employees,Annual Revenue,Tags\n"
        'Acme Inc.,https://www.Acme.example/x,NYC,NY,USA,"1,200",$4.5M,a;b\n'
    )

    company = record.company
    assert company is not None
    assert (company.name, company.name_key, company.domain) == ("Acme Inc.", "acme", "acme.example")
    assert (company.city_key, company.region, company.country, company.country_code) == (
        "new york",
        "New York",
        "United States",
        "US",
    )
    assert (company.employees, company.revenue_amount, company.revenue_currency) == (
        1200,
        Decimal("4.5") * 10**6,
        "USD",
    )
    assert company.tags == ("a", "b")


def test_a_person_comes_with_the_company_of_the_line():
    (record,) = records_of(
        "First Name,Last Name,Email,Job Title,Company,Company Domain,City,Do Not Email,LinkedIn\n"
        "Ana,Ruiz,Ana@Acme.example,CMO,Acme GmbH,acme.example,Berlin,yes,https://linkedin.com/in/Ana/\n"
    )

    contact = record.contact
    assert contact is not None
    assert (contact.full_name, contact.email, contact.email_key) == (
        "Ana Ruiz",
        "Ana@Acme.example",
        "ana@acme.example",
    )
    assert (contact.seniority, contact.department, contact.linkedin_key) == ("c_level", "marketing", "in/ana")
    assert (contact.do_not_email, contact.city_key) == (True, "berlin")
    assert (contact.company_name_key, contact.company_domain) == ("acme", "acme.example")
    assert record.company is not None
    assert (company_key(record.company), record.company.city) == (("domain", "acme.example", ""), "")


def test_people_of_one_company_share_its_row():
    first, second, third = records_of(
        "name,email,company,industry\nA,a@x.example,Acme,Software\nB,b@x.example,Acme,Software\nC,c@x.example,Acme,Food\n"
    )

    assert first.company is second.company
    assert first.company is not third.company


def test_what_has_no_field_is_kept_under_its_own_name():
    (record,) = records_of(
        "name,email,Favourite colour,Email,Phone,Phone\nAna,a@x.example,red,b@x.example,1,2\n"
    )

    assert record.contact is not None
    assert record.contact.extras == {"Favourite colour": "red", "Phone (2)": "2"}
    assert (record.contact.email_key, record.contact.other_emails) == ("a@x.example", ("b@x.example",))


def test_several_addresses_in_a_cell_keep_the_first_as_the_address():
    (record,) = records_of('name,email\nAna,"ana@x.example, ana@home.example"\n')

    assert record.contact is not None
    assert (record.contact.email_key, record.contact.other_emails) == ("ana@x.example", ("ana@home.example",))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Ana,broken17", "“broken17” is not an e-mail address: the @ is missing."),
        (" ,\u200b", "The row names nobody: no name, no e-mail and no LinkedIn address."),
        ("Ana", "The row has 1 cell, the header has 2."),
    ],
)
def test_a_line_that_cannot_be_taken_says_why_and_the_rest_goes_on(line, reason):
    records = records_of(f"name,email\nBo,bo@x.example\n{line}\nCy,cy@x.example\nDi,di@x.example\n")

    assert [record.rejected for record in records] == ["", reason, "", ""]
    assert (records[1].line, records[1].contact) == (3, None)


def test_a_cell_that_cannot_be_read_is_noted_and_kept_as_it_was():
    records = records_of("company,employees\nAcme,12\nBeta,many people\nCora,7\n")

    assert [(note.column, note.value, note.reason) for note in records[1].notes] == [
        ("employees", "many people", "“many people” is not a count.")
    ]
    assert records[1].company is not None
    assert (records[1].company.employees, records[1].company.extras) == (None, {"employees": "many people"})


def test_an_amount_that_cannot_be_read_keeps_the_deal_out():
    records = records_of("deal name,amount,stage\nA,100,Open\nB,lots,Won\nC,7,Closed Won\n")

    assert [record.rejected for record in records] == ["", "“lots” is not an amount.", ""]


def test_an_unclear_date_is_a_note_until_the_file_or_a_person_settles_it():
    text = "deal name,amount,close date\nA,1,3/4/2026\nB,2,5/6/2026\n"
    table = open_table(io.BytesIO(text.encode()))
    mapping = understand(table)

    unclear = list(read_records(table, mapping, source="x", today=TODAY))
    settled = list(read_records(table, mapping.with_formats(date_order="dmy"), source="x", today=TODAY))

    assert [len(record.notes) for record in unclear] == [1, 1]
    assert [record.deal.expected_on for record in settled if record.deal] == [
        date(2026, 4, 3),
        date(2026, 6, 5),
    ]


def test_one_clear_date_far_down_settles_the_order_of_all():
    lines = "".join(f"D{number},1,3/4/2026\n" for number in range(6_000))

    records = records_of(f"deal name,amount,close date\n{lines}Z,1,25/4/2026\n")

    assert records[0].deal is not None
    assert records[0].deal.expected_on == date(2026, 4, 3)


def test_german_numbers_are_recognised_by_the_file_they_stand_in():
    records = records_of("Dealname;Betrag;Deal Stage\nA;1.234;Open\nB;1.234,50;Open\n")

    assert [record.deal.amount for record in records if record.deal] == [Decimal(1234), Decimal("1234.50")]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("4000,XXQ", "“XXQ” is not a currency."),
        ("-500,EUR", "“-500” is below 0; a deal has no such amount."),
        ("-8.500,EUR", "“-8.500” is below 0; a deal has no such amount."),
        ("4000 XXQ,EUR", "“4000 XXQ” is not an amount."),
    ],
)
def test_a_deal_whose_money_cannot_be_known_is_refused_with_the_reason(cells, reason):
    good, bad = records_of(f"Deal Name,Amount,Currency,Stage\nA,1,KWD,Proposal\nB,{cells},Proposal\n")

    assert good.deal is not None
    assert (good.rejected, good.deal.currency, good.deal.amount) == ("", "KWD", 1)
    assert (bad.deal, bad.rejected) == (None, reason)


def test_an_open_deal_expects_its_close_date_and_a_closed_one_had_it():
    open_one, won = records_of(
        "Deal Name,Amount,Stage,Close Date\nA,1,Proposal,2026-12-31\nB,2,Closed Won,2026-01-31\n"
    )

    assert open_one.deal is not None
    assert won.deal is not None
    assert (open_one.deal.state, open_one.deal.expected_on, open_one.deal.closed_on) == (
        "open",
        date(2026, 12, 31),
        None,
    )
    assert (won.deal.state, won.deal.expected_on, won.deal.closed_on) == ("won", None, date(2026, 1, 31))


def test_a_hiring_flag_is_a_signal_of_the_day_of_the_import():
    open_door, closed_door = records_of(
        "name,website,isHiring\nAcme,acme.example,true\nBeta,beta.example,false\n"
    )

    assert open_door.signals == (("hiring", "Hiring page is open", "list.csv", "acme.example", TODAY),)
    assert closed_door.signals == ()


def test_a_layoff_is_a_signal_of_the_day_the_file_says():
    (record, _) = records_of(
        "company,total_laid_off,percentage_laid_off,date\nAcme,1200,0.07,3/26/2023\nB,,,3/1/2023\n"
    )

    assert [(s.type, s.detail, s.occurred_on) for s in record.signals] == [
        ("layoff", "1,200 people laid off, 7% of the company", date(2023, 3, 26))
    ]


def test_a_funding_round_is_a_signal_of_its_own_day():
    (record,) = records_of(
        "company,funding stage,last raised at,latest funding amount\nAcme,series b,2026-02-01,$20M\n"
    )

    assert [(s.type, s.detail, s.occurred_on) for s in record.signals] == [
        ("funding", "Series B, 20,000,000 USD", date(2026, 2, 1))
    ]


def test_a_list_of_signals_is_read_as_one():
    records = records_of(
        "company,signal type,detail,date,source,url\n"
        "Acme,Job posting,Growth lead,2026-03-01,board,https://x.example/1\nBeta,earthquake,,2026-03-02,news,\n"
    )

    assert records[0].signals == (
        ("hiring", "Growth lead", "board", "https://x.example/1", date(2026, 3, 1)),
    )
    assert [note.reason for note in records[1].notes] == ["“earthquake” is no kind of signal we know."]


def test_a_bounce_outlasts_the_status_column():
    (record,) = records_of("name,email,Email Status,Email Bounced\nAna,a@x.example,Verified,true\n")

    assert record.contact is not None
    assert record.contact.email_status == "bounced"


def test_opting_out_is_read_with_its_moment():
    (record,) = records_of(
        "name,email,do_not_email,opted_out_at\nAna,a@x.example,true,2026-07-03T08:15:00Z\n"
    )

    assert record.contact is not None
    assert (record.contact.do_not_email, record.contact.opted_out_at) == (
        True,
        datetime(2026, 7, 3, 8, 15, tzinfo=UTC),
    )


def test_a_file_without_any_name_is_refused_and_a_person_can_choose_the_column():
    text = "a,b,c\n1,2\n1,2,3,4\nAcme,2,3\n"
    table = open_table(io.BytesIO(text.encode()))
    mapping = understand(table)

    with pytest.raises(IntakeError, match="No column was recognised as a company's name"):
        list(read_records(table, mapping, source="x", today=TODAY))
    records = list(read_records(table, mapping.with_target("a", "company.name"), source="x", today=TODAY))

    assert [record.company.name for record in records if record.company] == ["Acme"]
    assert [record.rejected for record in records if record.rejected] == [
        "The row has 2 cells, the header has 3.",
        "The row has 4 cells, the header has 3.",
    ]


def test_a_mapping_is_stored_and_read_back():
    mapping = mapping_of("Name,Email,Deal\nAna,a@x.example,1\n").with_target("Deal", "contact.title")

    assert Mapping.from_dict(mapping.as_dict()) == mapping
    assert mapping.unmapped == ()


def test_a_mapping_refuses_fields_and_columns_that_do_not_exist():
    mapping = mapping_of("Name,Email\nAna,a@x.example\n")

    with pytest.raises(IntakeError, match=r"There is no field contact\.shoe_size"):
        mapping.with_target("Name", "contact.shoe_size")
    with pytest.raises(IntakeError, match="The file has no column Shoe"):
        mapping.with_target("Shoe", "contact.title")


def test_a_column_whose_values_contradict_its_name_is_not_believed():
    mapping = mapping_of("company,stage,date\nA,Early,tomorrow\nB,Growth,some day\n")

    assert mapping.unmapped == ("stage", "date")


def test_a_nameless_column_of_addresses_is_recognised_by_what_it_holds():
    records = records_of("First Name,Kontaktfeld\nA,a@x.example\nB,b@x.example\nC,c@x.example\n")

    assert [record.contact.email_key for record in records if record.contact] == [
        "a@x.example",
        "b@x.example",
        "c@x.example",
    ]


@pytest.mark.parametrize(
    ("columns", "shape", "kind"),
    [
        (("Record ID", "Company name", "Company owner", "Lifecycle Stage"), "hubspot", "companies"),
        (("ID de registro", "Nombre", "Correo", "Propietario del contacto"), "hubspot", "contacts"),
        (("Datensatz-ID", "Vorname", "Nachname", "E-Mail-Adresse", "Lifecycle Stage"), "hubspot", "contacts"),
        (("Id", "IsDeleted", "Name", "StageName", "Amount", "CloseDate"), "salesforce", "deals"),
        (("Deal - ID", "Deal - Title", "Deal - Value"), "pipedrive", "deals"),
        (("Person - Name", "Person - Email", "Organization - Name"), "pipedrive", "contacts"),
        (("First Name", "Email", "Apollo Contact Id"), "apollo", "contacts"),
        (("First Name", "Last Name", "URL", "Company", "Position", "Connected On"), "linkedin", "contacts"),
        (("name", "domain"), "plain", "companies"),
        (("Deal", "Account", "Amount", "Stage", "Expected close"), "plain", "deals"),
        (("Opportunity", "Company", "Value"), "plain", "deals"),
        (("Name", "Email", "Company", "Deal"), "plain", "contacts"),
    ],
)
def test_the_system_a_list_comes_from_is_recognised(columns, shape, kind):
    assert (detect_shape(columns), detect_kind(columns)) == (shape, kind)


def test_a_long_list_is_read_in_little_memory():
    lines = "".join(f"Ana,{number}@x.example,Company {number % 900},\n" for number in range(40_000))
    table = open_table(io.BytesIO(f"First Name,Email,Company,Notes\n{lines}".encode()))
    mapping = understand(table)

    tracemalloc.start()
    seen = sum(1 for _ in read_records(table, mapping, source="x", today=TODAY))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert seen == 40_000
    assert peak < 20 << 20
