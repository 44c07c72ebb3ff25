"""Lists that tests import, through the product's own verbs."""

import io
from pathlib import Path

from openpyxl import Workbook

from crm.models import ImportBatch
from crm.services.importing import run_import, start_import, upload_import
from gtmos.kernel.actors import Actor


def started(content: bytes | Path, me: Actor, *, name: str = "list.csv", into: str = "auto") -> ImportBatch:
    raw = content.read_bytes() if isinstance(content, Path) else content
    batch = upload_import(file_name=name, content=io.BytesIO(raw), actor=me, into=into)
    return start_import(batch, actor=me)


def imported(content: bytes | Path, me: Actor, *, name: str = "list.csv", into: str = "auto") -> ImportBatch:
    return run_import(started(content, me, name=name, into=into).pk)


def created(batch: ImportBatch) -> tuple[int, int, int]:
    counts = batch.result["created"]
    return counts["companies"], counts["contacts"], counts["deals"]


def a_workbook(*rows: list[object]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()
