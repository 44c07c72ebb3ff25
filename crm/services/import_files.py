"""The uploaded file itself: kept, looked into, and refused when it is no list."""

import hashlib
from pathlib import Path
from typing import Protocol

from crm.intake.faults import IntakeError
from crm.intake.tables import Table, open_table
from crm.intake.understanding import understand
from crm.intake.workbook_limits import is_workbook
from crm.models import ImportBatch
from crm.services.import_custom import with_custom_targets
from crm.services.import_remembering import as_remembered
from gtmos.kernel.exceptions import DomainError

LARGEST_FILE = 1024 * 1024 * 1024


class Readable(Protocol):
    """An opened file or an upload."""

    def read(self, size: int, /) -> bytes: ...


def keep(content: Readable, path: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with path.open("wb") as kept:
        while chunk := content.read(1 << 20):
            size += len(chunk)
            if size > LARGEST_FILE:
                raise DomainError(
                    "The file is larger than 1 GB. Split it and import the parts.", code="too_large"
                )
            digest.update(chunk)
            kept.write(chunk)
    return size, digest.hexdigest()


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as raw:
        head = raw.read(4096)
    odd = sum(byte < 32 and byte not in b"\x00\t\n\r\f" for byte in head)  # NUL is half of UTF-16
    if odd * 10 > len(head):
        raise IntakeError("This is no text file. Export the list as CSV and try again.")


def _unpacked(path: Path) -> bool:
    """A workbook becomes the text of its first sheet, so that everything after reads one kind of file."""
    # With numpy, which it takes along, a tenth of what every process would load at its start.
    from crm.intake.workbooks import write_as_text  # noqa: PLC0415 -- few processes ever read a workbook

    with path.open("rb") as raw:
        if not is_workbook(raw):
            return False
        text = path.with_suffix(".sheet")
        try:
            with text.open("w", encoding="utf-8", newline="") as target:
                write_as_text(raw, target)
            text.replace(path)
        finally:
            text.unlink(missing_ok=True)
    return True


def look_into(batch: ImportBatch, path: Path) -> None:
    is_sheet = _unpacked(path)
    if not is_sheet:
        _refuse_binary(path)
    with open_table(path) as table:
        give_columns(batch, table)
        batch.encoding = table.encoding
        batch.delimiter = table.delimiter
        batch.columns = list(table.columns)
    if is_sheet:
        batch.encoding, batch.delimiter = "xlsx", ""
    with path.open("rb") as raw:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: raw.read(1 << 20), b""))
    batch.rows_total = max(lines - 1, 0)


def give_columns(batch: ImportBatch, table: Table) -> None:
    """Which field each column fills, for rows of the kind that `into` says or, with "auto", seems to be."""
    mapping, remembered = as_remembered(with_custom_targets(understand(table, into=batch.into)))
    batch.shape = mapping.shape
    batch.mapping = {**mapping.as_dict(), **remembered}
