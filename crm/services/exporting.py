"""Lists out: as the database writes them, in constant memory, and noted."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from crm.events import RecordsExported
from crm.selectors.exports import NO_FILTERS, Export, export_of, noun_of
from crm.services.export_workbook import as_workbook
from crm.services.import_tally import harmless
from gtmos.kernel import events
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_ROWS_OF_A_SHEET = 1_048_575
_CHUNK = 1 << 16


class Download(NamedTuple):
    """A file to be sent piece by piece; the first piece is made when it is asked for."""

    name: str
    content_type: str
    rows: int
    pieces: Iterator[bytes]


@transaction.atomic
def export_records(
    kind: str,
    *,
    actor: Actor,
    text: str = "",
    choice: str = "",
    custom: Mapping[str, str] = NO_FILTERS,
    where: str = "",
    shown: Sequence[str] = (),
    file_format: str = "csv",
) -> Download:
    """A list as a file: what the actor may see of it. Who took what, and how many rows, stays noted.

    `custom` narrows by custom fields, named as in the address of the list: `{"custom.seats__gte": "10"}`; `where` is
    a filter in the language of lists, `shown` are the fields to take, all without it.
    """
    require(actor, "crm.export_records", noun_of(kind))
    if file_format not in FORMATS:
        raise InvalidInputError(
            f"A file is {' or '.join(FORMATS)}, not {file_format}.", code="unknown_format"
        )
    export = export_of(kind, actor=actor, text=text, choice=choice, custom=custom, where=where, shown=shown)
    rows = export.records.count()
    if file_format == "xlsx" and rows > MOST_ROWS_OF_A_SHEET:
        raise InvalidInputError(
            f"A sheet holds {MOST_ROWS_OF_A_SHEET:,} rows and this list has {rows:,}. Take it as CSV.",
            code="too_many_rows",
        )
    asked = " ".join(filter(None, (text, where)))[:200]
    events.publish(
        RecordsExported(kind=kind, text=asked, choice=choice, file_format=file_format, rows=rows),
        actor=actor,
    )
    pieces = _text(export) if file_format == "csv" else as_workbook(_rows(export))
    return Download(f"{kind}.{file_format}", FORMATS[file_format], rows, pieces)


def _text(export: Export) -> Iterator[bytes]:
    """CSV as the database writes it, in pieces that are worth sending."""
    waiting = bytearray((",".join(map(_heading, export.headings)) + "\n").encode())
    with connection.cursor() as cursor, connection.wrap_database_errors:
        statement = f"COPY ({export.statement}) TO STDOUT WITH (FORMAT csv)"
        with cursor.copy(statement, export.values) as copy:
            for row in copy:
                waiting += row
                if len(waiting) >= _CHUNK:
                    yield bytes(waiting)
                    waiting.clear()
    yield bytes(waiting)


def _heading(text: str) -> str:
    """A field may be called whatever RevOps likes."""
    return '"{}"'.format(harmless(text).replace('"', '""'))


def _rows(export: Export) -> Iterator[list[str]]:
    """The same as lists of cells, read back from the text that the database writes."""
    return csv.reader(_lines(_text(export)))


def _lines(pieces: Iterator[bytes]) -> Iterator[str]:
    """Lines of text; a piece may end within one, never within what `splitlines` would take for a line of its own."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode() + "\n"
    if rest:
        yield rest.decode()
