"""A team moves here from HubSpot: its four files in any order, twice, one of them killed; the end is always the same."""

import csv
import io
import json
import os
import random
from collections import Counter
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from crm.models import Company, Contact, Deal, ImportBatch, ImportMove
from crm.services.import_moves import open_move, repeat_move, start_move, undo_move
from crm.services.import_turns import resume_imports
from crm.services.importing import upload_import
from crm.tests.killing import killed_half_way
from crm.tests.moving import NOTHING, carried_out, left_over, there
from gtmos.kernel.actors import Actor

FILES = {
    "companies": ("hubspot_companies.csv", "utf-8", ","),
    "contacts": ("hubspot_contacts.csv", "utf-8", ","),
    "contacts_es": ("hubspot_contacts_es.csv", "utf-8", ","),
    "deals": ("hubspot_deals_utf16_tab.csv", "utf-16", "\t"),
}
EVERY = sorted(permutations(FILES))
ORDERS = random.Random(7).sample(EVERY, int(os.environ.get("GTMOS_TEST_ORDERS", "3")))  # of 24
PART = 30  # deals, with the companies and the people of theirs

Rows = dict[str, list[dict[str, str]]]


@pytest.fixture
def whole(shared_data: Callable[[str], Path]) -> dict[str, Path]:
    return {name: shared_data(f"csv_shapes/{file}") for name, (file, _, _) in FILES.items()}


@pytest.fixture
def part(whole: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    """The same files with the first deals only, and what belongs to them."""
    rows = _rows(whole)
    kept = {row["Associated Company IDs (Primary)"] for row in rows["deals"][:PART]}
    chosen = {
        "companies": [row for row in rows["companies"] if row["Record ID"] in kept],
        "deals": rows["deals"][:PART],
        **{name: _of_companies(rows[name], kept) for name in ("contacts", "contacts_es")},
    }
    return {name: _written(chosen[name], tmp_path, *FILES[name]) for name in FILES}


def _of_companies(rows: list[dict[str, str]], kept: set[str]) -> list[dict[str, str]]:
    return [row for row in rows if row["Associated Company IDs (Primary)"] in kept]


def _written(rows: list[dict[str, str]], folder: Path, name: str, encoding: str, delimiter: str) -> Path:
    with (folder / name).open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return folder / name


@pytest.mark.django_db(transaction=True)
@pytest.mark.kill
@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_four_files_in_any_order_twice_with_one_killed_end_alike(
    order: tuple[str, ...], part: dict[str, Path], me: Actor
) -> None:
    _assert_moves_well(order, part, me)


@pytest.mark.django_db(transaction=True)
@pytest.mark.kill
def test_the_whole_files_have_the_amounts_that_are_stated_of_them(
    whole: dict[str, Path], shared_data: Callable[[str], Path], me: Actor
) -> None:
    stated = json.loads(shared_data("csv_shapes/expected.json").read_text())
    deals = stated["hubspot_deals_utf16_tab.csv"]

    sums = _assert_moves_well(random.Random(11).choice(EVERY), whole, me)

    assert sums == {state: (deals[state], deals[f"amount_{state}"]) for state in ("won", "lost", "open")}


def _assert_moves_well(order: tuple[str, ...], files: dict[str, Path], me: Actor) -> dict[str, Any]:
    torn = random.Random(str(order)).randrange(8)
    move = open_move(actor=me)
    for place, name in enumerate(order * 2):
        batch = _put(files[name], move, me)
        if place == torn:
            killed_half_way(batch)
            ImportBatch.objects.update(lease_until=None)  # time passes
            assert resume_imports() == 1
        carried_out(move)
    moved, relations, sums = there(), _relations(), _sums()

    undo_move(move, actor=me)
    undone = (there(), left_over())
    carried_out(repeat_move(move, actor=me))

    assert relations == _relations_stated(_rows(files))
    assert undone == (NOTHING, 0)
    assert (there(), _relations(), _sums()) == (moved, relations, sums)
    return sums


def _put(path: Path, move: ImportMove, me: Actor) -> ImportBatch:
    batch = upload_import(file_name=path.name, content=io.BytesIO(path.read_bytes()), actor=me, move=move)
    start_move(move, actor=me)
    return batch


def _relations() -> dict[str, Any]:
    """Who belongs to whom, by what the files call them."""
    companies = Company.objects.values_list("external_id", "name", "domain", "employee_size")
    people = Contact.objects.values_list("name", "email_key", "company__external_id")
    deals = Deal.objects.values_list(
        "external_id", "name", "deal_amount", "company__external_id", "contact__name", "contact__email_key"
    )
    return {"companies": sorted(companies), "contacts": Counter(people), "deals": sorted(deals)}


def _sums() -> dict[str, Any]:
    amounts: dict[str, list[float]] = {"won": [], "lost": [], "open": []}
    for state, amount in Deal.objects.values_list("deal_state", "deal_amount"):
        amounts[state].append(float(amount))
    return {state: (len(each), round(sum(each), 2)) for state, each in amounts.items()}


def _rows(files: dict[str, Path]) -> Rows:
    rows = {}
    for name, (_, encoding, delimiter) in FILES.items():
        text = files[name].read_bytes().decode(encoding).removeprefix("\ufeff")
        rows[name] = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    return rows


def _relations_stated(rows: Rows) -> dict[str, Any]:
    """The same, worked out of the files alone: a person is one by the number or by the address."""
    people = _people(rows)
    companies = [
        (
            row["Record ID"],
            row["Company name"],
            row["Company Domain Name"],
            int(row["Number of Employees"] or 0) or None,
        )
        for row in rows["companies"]
    ]
    deals = [
        (
            row["Record ID"],
            row["Deal Name"],
            float(row["Amount"]),
            row["Associated Company IDs (Primary)"],
            *people[row["Associated Contact IDs"].split(";")[0]][:2],
        )
        for row in rows["deals"]
    ]
    distinct = {id(person): tuple(person) for person in people.values()}
    return {"companies": sorted(companies), "contacts": Counter(distinct.values()), "deals": sorted(deals)}


def _people(rows: Rows) -> dict[str, list[str]]:
    """By each number the one person that it means: name, address, company."""
    by_number: dict[str, list[str]] = {}
    by_address: dict[str, list[str]] = {}
    lines = [
        (row["Record ID"], f"{row['First Name']} {row['Last Name']}", row["Email"].lower(), row)
        for row in rows["contacts"]
    ] + [
        (row["ID de registro"], f"{row['Nombre']} {row['Apellidos']}", row["Correo"].lower(), row)
        for row in rows["contacts_es"]
    ]
    for number, name, address, row in lines:
        company = row["Associated Company IDs (Primary)"]
        person = by_number.get(number) or by_address.get(address) or [name, address, company]
        person[1] = person[1] or address
        by_number[number] = person
        if address:
            by_address[address] = person
    return by_number
