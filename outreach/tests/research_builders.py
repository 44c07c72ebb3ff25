"""Searches, and the lists they are made on."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

from crm.enums import ImportState
from crm.models import Company, Contact, ImportBatch
from crm.services.importing import run_import, start_import, upload_import
from crm.services.signals import NewSignal, record_signals
from crm.tests.builders import a_company, a_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.tests.builders import an_actor
from outreach.models import ResearchJob
from outreach.services.research import run_research, start_research

CMOS = {"titles": ["CMO"], "industries": ["Finance"]}


def a_cmo(*, actor: Actor = SYSTEM, name: str = "", **company: Any) -> Contact:
    home = a_company(actor=actor, **{"industry_vertical": "Finance", **company})
    return a_contact(actor=actor, name=name, company=home, title="Chief Marketing Officer")


def is_active(person: Contact) -> None:
    """Its company hires and was funded, today."""
    today = clock.now().date()
    record_signals(
        [NewSignal(person.company, kind, "a list", today) for kind in ("hiring", "funding")], actor=SYSTEM
    )


def many_companies(count: int, *, every: int) -> None:
    """Each `every`th has one marketing chief."""
    firms = Company.objects.bulk_create(
        Company(name=f"Firm {n}", name_key=f"firm {n}", industry_vertical="Finance") for n in range(count)
    )
    Contact.objects.bulk_create(
        Contact(company=firm, name=f"Person {n}", title="CMO", department="marketing", seniority="c_level")
        for n, firm in enumerate(firms)
        if n % every == 0
    )


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


def a_graded_search() -> tuple[ResearchJob, Actor]:
    """With three people, the first with signals; and whose it is."""
    actor = an_actor()
    people = [a_cmo(name=name) for name in ("Ann Lee", "Bob Ray", "Cat Orr")]
    is_active(people[0])
    return a_search(CMOS, actor=actor), actor
