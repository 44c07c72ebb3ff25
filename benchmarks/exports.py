"""Lists out: rows a second beside what a bare COPY of the same columns does in the same run, and the memory it takes.

python -m benchmarks.exports [--quick]
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.stage import fresh_stores, misses

ROWS = 200_000
LEAST_ROWS_PER_SECOND = 50_000
MOST_MB = 150
WRITE = "--write"


def fill(rows: int) -> None:
    """Contacts as a list would bring them, made by the database."""
    from django.db import connection

    from crm.tests.builders import a_contact

    first = a_contact(name="Ada Stern", title="Head of Growth", phone="+1 312-555-0192")
    columns = [each.column for each in type(first)._meta.concrete_fields]
    own = {
        "id": "gen_random_uuid()",
        "email": "n || email",
        "email_key": "n || email_key",
        "is_primary": "false",
    }
    values = ", ".join(own.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO crm_contact ({', '.join(columns)}) SELECT {values} "
            "FROM crm_contact, generate_series(1, %s) n",
            [rows - 1],
        )
        cursor.execute("ANALYZE crm_contact")


def timed(pieces: Iterable[Any]) -> tuple[float, int]:
    began = time.perf_counter()
    size = sum(len(piece) for piece in pieces)
    return time.perf_counter() - began, size


def bare() -> Iterable[Any]:
    """The same columns by COPY, not ordered and not made harmless."""
    from django.db import connection

    from crm.selectors.exports import COLUMNS
    from crm.selectors.visibility import visible_contacts
    from gtmos.kernel.actors import SYSTEM

    records = visible_contacts(actor=SYSTEM).select_related(None).order_by()
    statement, values = records.values_list(*COLUMNS["contacts"].values()).query.sql_with_params()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv)", values) as copy,
    ):
        yield from copy


def measure(rows: int) -> dict[str, Any]:
    """The tables are made and filled here; the lists are written by a process that did nothing else."""
    with fresh_stores():
        fill(rows)
        writer = subprocess.run(
            [sys.executable, "-m", "benchmarks.exports", WRITE], stdout=subprocess.PIPE, check=True
        )
        written: dict[str, Any] = json.loads(writer.stdout)
        return written


def write() -> dict[str, Any]:
    import django

    django.setup()
    from crm.models import Contact
    from crm.services.exporting import export_records
    from gtmos.kernel.actors import SYSTEM

    rows = Contact.objects.count()
    at_rest = peak_mb()
    bare_seconds, _ = timed(bare())
    seconds, size = timed(export_records("contacts", actor=SYSTEM).pieces)
    peak = peak_mb()
    sheet_seconds, sheet_size = timed(export_records("contacts", actor=SYSTEM, file_format="xlsx").pieces)
    return {
        "rows": rows,
        "rows_per_second": round(rows / seconds),
        "megabytes": round(size / 1e6),
        "of_bare_copy": round(bare_seconds / seconds, 2),
        "at_rest_mb": at_rest,
        "peak_mb": peak,
        "workbook_rows_per_second": round(rows / sheet_seconds),
        "workbook_megabytes": round(sheet_size / 1e6),
        "workbook_peak_mb": peak_mb(),
    }


def peak_mb() -> int:
    """Of this program; what `getrusage` says begins with the size of the one that started it."""
    status = Path("/proc/self/status").read_text()
    return round(int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024)


def main(arguments: list[str]) -> dict[str, Any]:
    figures = measure(ROWS // (10 if "--quick" in arguments else 1))
    speed = figures["rows_per_second"]
    short_of = misses(
        (speed >= LEAST_ROWS_PER_SECOND, f"export: {speed} of {LEAST_ROWS_PER_SECOND} rows/s"),
        (figures["peak_mb"] < MOST_MB, f"export: {figures['peak_mb']} MB of {MOST_MB}"),
        (figures["workbook_peak_mb"] < MOST_MB, f"workbook: {figures['workbook_peak_mb']} MB of {MOST_MB}"),
    )
    return {**figures, "short_of": short_of, "ok": not short_of}


if __name__ == "__main__":
    print(json.dumps(write() if WRITE in sys.argv else main(sys.argv[1:])))
