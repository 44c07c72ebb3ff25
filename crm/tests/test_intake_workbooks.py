"""Workbooks: what is read of them, and what is refused before it can do harm."""

import csv
import io
import subprocess
import sys
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from crm.intake.faults import IntakeError
from crm.intake.money import money
from crm.intake.workbooks import write_as_text
from crm.tests.import_builders import a_workbook

ROOT = Path(__file__).parents[2]
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def rows_of(raw):
    target = io.StringIO(newline="")
    write_as_text(raw, target)
    return list(csv.reader(io.StringIO(target.getvalue(), newline="")))


def with_part(name, content):
    """A good workbook in which one part was exchanged."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(a_workbook(["Company"], ["Contoso"]))) as good,
        zipfile.ZipFile(kept, "w") as bad,
    ):
        for part in good.infolist():
            if part.filename != name:
                bad.writestr(part, good.read(part))
        bad.writestr(name, content, zipfile.ZIP_DEFLATED)
    return kept


def test_cells_become_what_a_list_in_text_would_have():
    raw = a_workbook(
        ["Name", "Number", "Share", "Day", "Moment", "Flag", "Nothing"],
        ["Ça va", 42938, 0.1 + 0.2, date(2026, 3, 4), datetime(2026, 3, 4, 5, 6), True, None],
    )

    assert rows_of(io.BytesIO(raw))[1] == [
        "Ça va",
        "42938",
        "0.3",
        "2026-03-04",
        "2026-03-04 05:06:00",
        "true",
        "",
    ]


def test_a_number_with_three_decimals_is_not_taken_for_thousands():
    sheet = io.BytesIO(a_workbook(["Deal name", "Amount"], ["A", 12.345], ["B", -1.125], ["C", 0.125]))

    found = [money(cell) for _, cell in rows_of(sheet)[1:]]

    assert [each and each.amount for each in found] == [
        Decimal("12.345"),
        Decimal("-1.125"),
        Decimal("0.125"),
    ]


def test_the_first_sheet_that_holds_anything_is_read():
    book = Workbook()
    book.create_sheet("second").append(["Company"])
    raw = io.BytesIO()
    book.save(raw)

    assert rows_of(raw) == [["Company"]]


TEXTS = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20
)


@settings(max_examples=40)
@given(rows=st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_any_texts_come_back_as_they_were(rows):
    head = ["a", "b", "c"]

    found = rows_of(io.BytesIO(a_workbook(head, *([f"|{cell}|" for cell in row] for row in rows))))

    assert found == [head, *([f"|{cell}|" for cell in row] for row in rows)]


DOCTYPE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
REFUSED = {
    "an external entity": ("xl/worksheets/sheet1.xml", f"{DOCTYPE}<worksheet>&e;</worksheet>"),
    "an entity in the list of sheets": ("xl/workbook.xml", f"{DOCTYPE}<workbook>&e;</workbook>"),
    "a part that is no XML": ("xl/worksheets/sheet1.xml", "not a sheet"),
    "a row of too many cells": (
        "xl/worksheets/sheet1.xml",
        SHEET.format("<row>" + "<c/>" * 70_000 + "</row>"),
    ),
    "a cell of too much text": (
        "xl/worksheets/sheet1.xml",
        SHEET.format('<row><c t="inlineStr"><is><t>' + "x" * (2 << 20) + "</t></is></c></row>"),
    ),
    "an endless attribute": ("xl/worksheets/sheet1.xml", SHEET.format(f'<row r="{"1" * (6 << 20)}"/>')),
    "elements without end": ("xl/worksheets/sheet1.xml", "<a>" * 5000),
}


@pytest.mark.parametrize("harm", REFUSED)
def test_a_harmful_workbook_is_refused_with_a_sentence(harm):
    with pytest.raises(IntakeError) as refused:
        rows_of(with_part(*REFUSED[harm]))

    assert str(refused.value).startswith("This Excel workbook ")


@pytest.mark.parametrize("raw", [b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 5000, b"PK\x05\x06" + b"\0" * 18])
def test_a_broken_package_is_refused(raw):
    with pytest.raises(IntakeError):
        rows_of(io.BytesIO(raw))


@settings(max_examples=60)
@given(at=st.integers(0, 4000), value=st.integers(0, 255))
def test_a_damaged_workbook_is_read_or_refused_and_never_anything_else(at, value):
    raw = bytearray(a_workbook(["Company", "City"], ["Contoso", "Oslo"]))
    raw[at % len(raw)] = value

    try:
        found = rows_of(io.BytesIO(bytes(raw)))
    except IntakeError:
        return

    assert len(found) <= 2


# Each is run in a process of its own, because memory once taken is not seen to be given back.
BOMBS = {
    "a gigabyte of nothing": 'part("xl/worksheets/sheet1.xml", b"0" * (1 << 20), 1024)',
    "two hundred megabytes of one text": 'part("xl/worksheets/sheet1.xml", b"x" * (1 << 20), 200, SHEET)',
    "strings without end": 'part("xl/sharedStrings.xml", b"<si><t>a</t></si>" * 65536, 64)',
    "cells without end": 'part("xl/worksheets/sheet1.xml", b"<row>" + b"<c><v>1</v></c>" * 16 + b"</row>", 400000, SHEET)',
    "a hundred thousand parts": "many(100_000)",
}
MAKE = """
import io, resource, sys, zipfile
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
raw = open(sys.argv[1], "w+b")
pack = zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
pack.writestr("xl/workbook.xml", "<workbook/>")
def part(name, piece, times, start=b""):
    with pack.open(name, "w", force_zip64=True) as target:
        target.write(start)
        for _ in range(times):
            target.write(piece)
def many(count):
    for number in range(count):
        pack.writestr(str(number), b"")
{bomb}
pack.close()
"""
READ = """
import io, re, sys
from crm.intake.faults import IntakeError
from crm.intake.money import money
from crm.intake.workbooks import write_as_text
try:
    write_as_text(open(sys.argv[1], "rb"), io.StringIO())
except IntakeError as error:
    # Not getrusage: its peak is handed down from the process that started this one.
    peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
    print(int(peak[1]) // 1024, error)
"""


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_little_memory(bomb, tmp_path):
    path = tmp_path / "bomb.xlsx"
    subprocess.run([sys.executable, "-c", MAKE.replace("{bomb}", BOMBS[bomb]), path], check=True)

    said = subprocess.run(
        [sys.executable, "-c", READ, path], check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ).stdout

    megabytes, _, sentence = said.partition(" ")
    assert sentence.startswith("This Excel workbook is too large to be read safely.")
    assert int(megabytes) < 300
