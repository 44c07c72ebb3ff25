"""Searches, and the lists they are made on."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

from crm.enums import ImportState
from crm.models import ImportBatch
from crm.services.importing import run_import, start_import, upload_import
from gtmos.kernel.actors import Actor
from outreach.models import ResearchJob
from outreach.services.research import run_research, start_research


def bring_in(content: bytes, name: str, *, actor: Actor, into: str = "auto") -> ImportBatch:
    """Import a list as a person would."""
    batch = upload_import(file_name=name, content=io.BytesIO(content), into=into, actor=actor)
    start_import(batch, actor=actor)
    done = run_import(batch.pk)
    assert done.state == ImportState.DONE, done.error
    return done


def lines_that_start(path: Path, column: str, start: str) -> bytes:
    """The lines of a CSV whose column starts so, with the header."""
    out = io.StringIO(newline="")
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        writer = csv.DictWriter(out, rows.fieldnames or ())
        writer.writeheader()
        writer.writerows(row for row in rows if row[column].startswith(start))
    return out.getvalue().encode()


def startups_as_csv(path: Path) -> bytes:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([json.dumps(value) if isinstance(value, list) else value for value in row.values()])
    return out.getvalue().encode()


def a_search(criteria: dict[str, Any], *, actor: Actor, **more: Any) -> ResearchJob:
    """Asked for and carried out."""
    return run_research(start_research(criteria, actor=actor, **more).pk)
