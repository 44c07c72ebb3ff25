"""Lists out: harmless in a spreadsheet, only what one may see, and the same when they come back."""

import csv
import io
import random
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from crm.intake.text import opened
from crm.models import Company, Contact, Deal, Task
from crm.selectors.exports import COLUMNS, KINDS
from crm.services.exporting import export_records
from crm.services.import_tally import harmless
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from crm.tests.import_builders import created, imported
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError, NotFoundError, NotPermittedError
from gtmos.kernel.models import EventRecord
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_files")]

FORMULAS = (
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "'=1",
    "''+1",
    "'plain",
    "\t=1",
    'say "hi", then\nleave',
    "<b>ß</b>",
)


def taken(kind: str, actor: Actor = SYSTEM, **narrowed: Any) -> list[list[str]]:
    raw = b"".join(export_records(kind, actor=actor, **narrowed).pieces)
    return list(csv.reader(io.StringIO(raw.decode(), newline="")))


def a_file(kind: str, file_format: str = "csv") -> bytes:
    return b"".join(export_records(kind, actor=SYSTEM, file_format=file_format).pieces)


def test_every_list_has_its_headings_and_one_row_for_each_record() -> None:
    deal = a_deal(company=a_company(name="Contoso"), contact=a_contact(company=Company.objects.get()))
    a_task(deal=deal, company=deal.company)

    sizes = {kind: len(taken(kind)) for kind in KINDS}

    assert sizes == {"companies": 2, "contacts": 2, "deals": 2, "activities": 1, "tasks": 2}
    assert [taken(kind)[0] for kind in KINDS] == [list(COLUMNS[kind]) for kind in KINDS]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_no_cell_runs_in_a_spreadsheet_and_each_comes_back_as_it_was(file_format: str, me: Actor) -> None:
    for number, formula in enumerate(FORMULAS):
        a_company(name=f"{number:02} Company", domain=f"d{number}.example", description=formula)
    a_deal(name="Loss", amount=-5, company=Company.objects.first())
    before = _told()

    rows = [*taken("companies"), *taken("deals")]
    raw = a_file("companies", file_format)
    again = imported(raw, me, name=f"companies.{file_format}")
    Deal.objects.all().delete()
    Company.objects.all().delete()
    anew = imported(raw, me, name=f"companies.{file_format}")

    assert [cell for row in rows for cell in row if cell[:1] in {*"=+-@\t\r"} and cell] == []
    assert (created(again), sum(again.result["updated"].values())) == ((0, 0, 0), 0)
    assert (created(anew)[0], _told()) == (len(before), before)


def _told() -> list[tuple[Any, ...]]:
    return list(Company.objects.order_by("name").values_list("name", "domain", "description", "custom"))


CELLS = 1000
WORDS = (*"=+-@\t\r'\";,|", "=cmd|' /C calc'!A0", "ß", "a", " ", "1")


def a_cell(draw: random.Random) -> str:
    """Something that a spreadsheet might run, or that only looks like it; blanks at its ends are not kept by lists."""
    cell = "".join(draw.choices(WORDS, k=draw.randint(1, 8))).rstrip()
    return (cell if cell[1:2] in {*"=+-@"} and cell[0] != " " else cell.lstrip()) or "="


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_thousand_cells_are_harmless_in_the_file_and_come_back_as_they_were(
    file_format: str, me: Actor
) -> None:
    draw = random.Random(9)
    Company.objects.bulk_create(
        Company(
            name=f"Zorp{number:04}",
            name_key=f"zorp{number:04}",
            domain=f"d{number}.example",
            description=a_cell(draw),
        )
        for number in range(CELLS)
    )
    before = _told()

    raw = a_file("companies", file_format)
    again = imported(raw, me, name=f"companies.{file_format}")
    Company.objects.all().delete()
    imported(raw, me, name=f"companies.{file_format}")

    cells = cells_of(raw, file_format)
    assert len(cells) >= CELLS * 3
    assert [cell for cell in cells if cell[:1] in {*"=+-@\t\r"}] == []
    assert (created(again), sum(again.result["updated"].values())) == ((0, 0, 0), 0)
    assert _told() == before


def cells_of(raw: bytes, file_format: str) -> list[str]:
    """As another program reads them."""
    if file_format == "csv":
        rows: Any = csv.reader(io.StringIO(raw.decode(), newline=""))
    else:
        rows = load_workbook(io.BytesIO(raw)).active.iter_rows(values_only=True)
    return [cell for row in rows for cell in row if isinstance(cell, str) and cell]


@given(cell=st.text(alphabet="'=+-@\t\r a", max_size=6))
def test_making_a_cell_harmless_is_undone_exactly(cell: str) -> None:
    assert opened(harmless(cell)) == cell
    assert harmless(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.sampled_from("'=+-@\t\r\n\";, aß"), min_size=1, max_size=8))
def test_the_database_makes_a_cell_harmless_as_the_program_does(text: str) -> None:
    Company.objects.all().delete()
    company = a_company(name="Contoso")
    Company.objects.filter(pk=company.pk).update(description=text)

    row = dict(zip(*taken("companies"), strict=True))

    assert row["Description"] == harmless(text)


def test_people_with_all_their_values_come_back_without_a_change(me: Actor) -> None:
    a_contact(
        name="Ada Stern", title="VP Marketing", department="marketing", seniority="vp", phone="+1 312-555-0192",
        city="Oslo", country="NO", influence_role="champion", linkedin_url="https://linkedin.com/in/ada-stern",
        do_not_call=True,
    )  # fmt: skip
    raw = a_file("contacts")

    batch = imported(raw, me)

    assert (created(batch), sum(batch.result["updated"].values()), batch.result["rejected"]) == (
        (0, 0, 0),
        0,
        0,
    )
    assert Contact.objects.get().custom == {}


def test_a_list_is_narrowed_as_its_page_is() -> None:
    a_company(name="Contoso")
    a_company(name="Fabrikam")

    found = taken("companies", text="fabrikam")

    assert [row[1] for row in found] == ["Company name", "Fabrikam"]
    assert len(taken("companies", choice="using")) == 1


def test_a_file_holds_only_what_its_taker_may_see() -> None:
    mine, other = a_user(role=Role.AE, team=a_team()), a_user(role=Role.AE, team=a_team())
    a_company(name="Mine", actor=Actor.of(mine))
    a_company(name="Theirs", actor=Actor.of(other))

    assert [row[1] for row in taken("companies", Actor.of(mine))[1:]] == ["Mine"]


def test_who_may_only_look_takes_nothing_away() -> None:
    viewer = Actor.of(a_user(role=Role.VIEWER))

    with pytest.raises(NotPermittedError):
        export_records("companies", actor=viewer)

    assert EventRecord.objects.filter(name="crm.records_exported").count() == 0


def test_it_is_noted_who_took_what_and_how_much() -> None:
    a_company(name="Contoso")
    user = a_user(role=Role.ADMIN)

    export_records("companies", actor=Actor.of(user), text="contoso", file_format="xlsx")

    note = EventRecord.objects.get(name="crm.records_exported")
    assert (note.user, note.payload) == (
        user,
        {"kind": "companies", "text": "contoso", "choice": "", "file_format": "xlsx", "rows": 1},
    )


@pytest.mark.parametrize(
    "asked", [("planets", {}), ("companies", {"choice": "purple"}), ("companies", {"file_format": "pdf"})]
)
def test_what_does_not_exist_is_refused(asked: tuple[str, dict[str, str]]) -> None:
    kind, narrowed = asked

    with pytest.raises((InvalidInputError, NotFoundError)):
        export_records(kind, actor=SYSTEM, **narrowed)


def test_page_api_and_command_give_the_same_file(client: Client, tmp_path: Any) -> None:
    a_company(name="Contoso")
    user = a_user(role=Role.ADMIN)
    client.force_login(user)

    page = b"".join(client.get("/exports/companies.csv"))
    api = b"".join(Api.of(user).get("exports", "companies"))
    call_command("export_csv", "companies", str(tmp_path / "out.csv"), stdout=io.StringIO())

    assert page == api == (tmp_path / "out.csv").read_bytes()
    assert page.count(b"\n") == 2


def test_a_task_list_is_the_view_that_is_open() -> None:
    a_task(title="Call")

    assert (len(taken("tasks", choice="done")), len(taken("tasks", choice="all"))) == (1, 2)
    assert Task.objects.count() == 1
