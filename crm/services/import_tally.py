"""What becomes of the lines of a file: counted, the rejected ones kept beside the upload, progress shown."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from operator import itemgetter
from pathlib import Path
from threading import Event, Thread
from typing import Any

from django.db import connections
from django.utils import timezone

from crm.intake.rows import Record
from crm.models import ImportBatch
from crm.services.import_deals import DealImport
from gtmos.kernel import live

LEASE = timedelta(minutes=2)
RENEWED_EVERY = LEASE / 4
MOST_FINDINGS = 100
REJECTED_COLUMNS = ("line", "reason")


class Tally:
    """Counts lines, keeps rejected ones in a file beside the upload, renews the lease and shows progress."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.rows = 0
        self.rejected = 0
        self.deleted = 0
        self.notes = 0
        self.left_out: list[dict[str, Any]] = []
        self.left_out_total = 0
        self.path = rejected_path(batch)
        self.path.unlink(missing_ok=True)

    def take(self, chunk: list[Record]) -> None:
        self.rows += len(chunk)
        self.deleted += sum(record.deleted for record in chunk)
        bad = [record for record in chunk if record.rejected]
        noted = [record for record in chunk if record.notes and not record.rejected]
        self.rejected += len(bad)
        self.notes += len(noted)
        for record in noted:
            self._leave_out(record)
        if bad:
            self._write(bad)
        ImportBatch.objects.filter(pk=self.batch.pk).update(
            rows_done=self.rows, lease_until=timezone.now() + LEASE
        )
        live.push(f"import:{self.batch.pk}", "progress")

    def refuse(self, records: list[Record]) -> None:
        """Lines that were read well and taken by nobody."""
        self.rejected += len(records)
        if records:
            self._write(records)

    def _leave_out(self, record: Record) -> None:
        """The first values that could not be read are told one by one."""
        self.left_out_total += len(record.notes)
        for note in record.notes[: MOST_FINDINGS - len(self.left_out)]:
            self.left_out.append(
                {"line": record.line, "column": note.column, "value": note.value[:200], "reason": note.reason}
            )

    def _all_left_out(self, sales: DealImport) -> list[dict[str, Any]]:
        columns = (each["name"] for each in self.batch.mapping["columns"] if each["target"] == "deal.owner")
        column = next(columns, "")
        of_owners = [{**each, "column": column} for each in sales.left_out[:MOST_FINDINGS]]
        return sorted([*self.left_out, *of_owners], key=itemgetter("line"))[:MOST_FINDINGS]

    def _write(self, records: list[Record]) -> None:
        new = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow([*REJECTED_COLUMNS, *map(harmless, self.batch.columns)])
            writer.writerows(
                [record.line, record.rejected, *map(harmless, record.cells)] for record in records
            )

    def result(
        self,
        batch: ImportBatch,
        parts: dict[str, dict[str, int]],
        sales: DealImport,
        signals: int,
    ) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "shape": batch.shape,
            "encoding": batch.encoding,
            "delimiter": batch.delimiter,
            "created": {name: part["created"] for name, part in parts.items()},
            "updated": {name: part["updated"] for name, part in parts.items()},
            "unchanged": sum(part["unchanged"] for part in parts.values()),
            "rejected": self.rejected,
            "rejected_file": str(self.path) if self.rejected else "",
            "rows_with_notes": self.notes,
            "deleted_at_source": self.deleted,
            "signals": signals,
            "findings": sales.findings[:MOST_FINDINGS],
            "findings_total": len(sales.findings),
            "left_out": self._all_left_out(sales),
            "left_out_total": self.left_out_total + len(sales.left_out),
            "new_stages": sales.new_stages[:MOST_FINDINGS],
            "involved": sales.involved[:MOST_FINDINGS],
            "involved_total": len(sales.involved),
            "amounts": {name: str(value) for name, value in sales.amounts.items()},
        }


def rejected_path(batch: ImportBatch) -> Path:
    return Path(batch.path).with_suffix(".rejected.csv")


@contextmanager
def renewed_lease(batch: ImportBatch) -> Iterator[None]:
    """A long merge keeps its lease; the transaction that merges cannot show it to other workers itself."""
    over = Event()
    renewing = Thread(target=_renew_until, args=(over, batch), name="import-lease", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()


def _renew_until(over: Event, batch: ImportBatch) -> None:
    while not over.wait(RENEWED_EVERY.total_seconds()):
        running = ImportBatch.objects.filter(pk=batch.pk, state="running")
        running.update(lease_until=timezone.now() + LEASE)
        connections.close_all()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula, made text; the apostrophe is taken off when read again."""
    return f"'{cell}" if cell.lstrip("'")[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
