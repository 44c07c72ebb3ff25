"""The first sheet of an Excel workbook as comma-separated text, in bounded memory."""

import csv
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import BinaryIO, TextIO
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.workbook import Workbook

from crm.intake.faults import IntakeError
from crm.intake.workbook_limits import LARGEST_DIRECTORY, LARGEST_WORKBOOK, TOO_LARGE, check_parts

_END = b"PK\x05\x06"
_END_LENGTH = 22
_BROKEN = "This Excel workbook is damaged or unusual. Open it, save the sheet as CSV and bring that."
# What the library raises over files that are no workbooks; reading one is the only thing done inside.
_FAULTS = (
    *(BadZipFile, InvalidFileException, ParseError, ExpatError, zlib.error, struct.error, EOFError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, NotImplementedError, RuntimeError),
)


def write_as_text(raw: BinaryIO, target: TextIO) -> None:
    """Write the first sheet that holds anything as CSV. Raises `IntakeError` for what is no workbook or too large."""
    _refuse_overfull(raw)
    try:
        with ZipFile(raw) as packed:
            check_parts(packed)
        raw.seek(0)
        book = load_workbook(raw, read_only=True, data_only=True, keep_links=False)
        try:
            # Lines end in both signs, since the writer quotes a cell only for those that end a line.
            csv.writer(target, lineterminator="\r\n").writerows(_first_filled(book))
        finally:
            book.close()
    except _FAULTS as error:
        raise IntakeError(_BROKEN) from error


def _refuse_overfull(raw: BinaryIO) -> None:
    """Before anything is unpacked: the size of the file, and of its list of parts, which is read whole."""
    size = raw.seek(0, 2)
    raw.seek(max(0, size - _END_LENGTH - 0xFFFF))
    tail = raw.read()
    raw.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_LENGTH:
        raise IntakeError(_BROKEN)
    directory = struct.unpack_from("<L", tail, at + 12)[0]
    if size > LARGEST_WORKBOOK or directory > LARGEST_DIRECTORY:
        raise IntakeError(TOO_LARGE)


def _first_filled(book: Workbook) -> Iterator[list[str]]:
    """The rows of the first visible sheet that has any."""
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()  # the file may lie about its own size
        rows = _filled(sheet.iter_rows(values_only=True))
        first = next(rows, None)
        if first is not None:
            yield first
            yield from rows
            return
    raise IntakeError("The workbook is empty.")


def _filled(rows: Iterable[tuple[object, ...]]) -> Iterator[list[str]]:
    """Rows as text, each as long as the widest so far, so that blank ends are no faults."""
    width = 0
    for row in rows:
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            width = max(width, len(cells))
            yield cells + [""] * (width - len(cells))


# A number of a workbook is no notation: what would read as thousands in money ends in a nought instead.
_LIKE_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


def _text(value: object) -> str:
    """A cell as a list in text would have it."""
    match value:
        case None:
            return ""
        case str():
            return unescape(value) if "_x" in value else value
        case bool():
            return "true" if value else "false"
        case float():
            text = f"{value:.15g}"
            return f"{text}0" if _LIKE_THOUSANDS.fullmatch(text) else text
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
