"""Importing people: rows a second beside what bare SQL does in the same run, and the memory it takes for a large file.

python -m benchmarks.imports [--quick]
"""

import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.stage import fresh_stores, misses

ROWS, LARGE_ROWS = 100_000, 930_000
LEAST_ROWS_PER_SECOND = 12_000
MOST_MB = 300
HEADINGS = (
    "Record ID",
    "First Name",
    "Last Name",
    "Email",
    "Job Title",
    "Company name",
    "Company Domain Name",
)
FIELDS = ("Plan", "Seats")
FIRSTS = ("Erin", "Goran", "Ada", "Luis", "Mei", "Omar")
LASTS = ("Rossi", "Weber", "Okafor", "Tanaka", "Silva")
TITLES = ("CEO", "CMO", "VP Marketing", "Head of Growth", "Engineer", "Account Executive")


def write_people(path: Path, rows: int, *, is_ruled: bool = False) -> None:
    """Contacts of a fifth as many companies, one in a hundred twice, one in a fifty without an address."""
    draw = random.Random(11)
    with path.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow([*HEADINGS, *FIELDS] if is_ruled else HEADINGS)
        for number in range(rows):
            who = number - 1 if number % 100 == 99 else number
            company = draw.randrange(rows // 5)
            address = "" if number % 50 == 49 else f"u{who}@c{company}.example"
            name = [draw.choice(FIRSTS), draw.choice(LASTS)]
            line = [number, *name, address, draw.choice(TITLES), f"Company {company}", f"c{company}.example"]
            writer.writerow([*line, "gold" if number % 3 else "silver", number % 90] if is_ruled else line)


def measure(rows: int, *, is_ruled: bool = False) -> dict[str, Any]:
    """With custom fields, a validation rule and rules of routing for companies and for contacts, if `is_ruled`."""
    with tempfile.TemporaryDirectory() as folder, fresh_stores():
        path = Path(folder) / "people.csv"
        write_people(path, rows, is_ruled=is_ruled)
        if is_ruled:
            set_rules()
        return {**imported(path), "bare_sql_rows_per_second": bare(rows)}


def set_rules() -> None:
    from gtmos.kernel.actors import SYSTEM
    from gtmos.kernel.fields.services.definitions import create_field
    from gtmos.kernel.rules.services.rules import activate_rule, create_rule

    for label, kind in zip(FIELDS, ("text", "number"), strict=True):
        create_field("contact", label, type=kind, actor=SYSTEM)
    for noun, needed in (("contact", "title"), ("company", "domain")):
        requirement = {"field": needed, "operator": "filled"}
        rule = create_rule(
            noun, needed, requirement=requirement, sentence=f"Every {noun} needs a {needed}.", actor=SYSTEM
        )
        activate_rule(rule, actor=SYSTEM)
    set_routing()


def set_routing() -> None:
    """Two people of a team take new companies in turn, and each gets the people of theirs."""
    from crm.tests.routing_builders import a_rule, routed_by
    from gtmos.kernel.tests.builders import a_team, a_user

    team = a_team()
    for _ in range(2):
        a_user(team=team, password=None)
    everywhere = ("city", "is_not", "Nowhere")
    routed_by(a_rule(team, everywhere), a_rule("account", name="People", about="contact"))


def imported(path: Path) -> dict[str, Any]:
    from crm.models import Contact
    from crm.services.importing import run_import, start_import, upload_import
    from gtmos.kernel.actors import Actor
    from gtmos.kernel.history.models import Change
    from gtmos.kernel.tests.builders import a_user

    me = Actor.of(a_user(password=None))
    began = time.perf_counter()
    with path.open("rb") as content:
        batch = upload_import(file_name=path.name, content=content, actor=me)
    start_import(batch, actor=me)
    uploaded = time.perf_counter()
    batch = run_import(batch.pk)
    seconds = time.perf_counter() - uploaded
    return {
        "rows": batch.result["rows"],
        "created": batch.result["created"],
        "contacts": Contact.objects.count(),
        "history_rows": Change.objects.count(),
        "upload_seconds": round(uploaded - began, 2),
        "seconds": round(seconds, 2),
        "rows_per_second": round(batch.result["rows"] / seconds),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def bare(rows: int) -> int:
    """What set-based SQL alone does here: the contacts just imported, copied with the same indexes, rows a second."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_contact (LIKE crm_contact INCLUDING ALL)")
        began = time.perf_counter()
        cursor.execute("INSERT INTO bare_contact SELECT * FROM crm_contact LIMIT %s", [rows])
        seconds = time.perf_counter() - began
        copied = cursor.rowcount
        cursor.execute("DROP TABLE bare_contact")
    return round(copied / seconds)


def apart(rows: int, *more: str) -> dict[str, Any]:
    """In a process of its own, so that the peak is that of this import alone."""
    argv = [sys.executable, "-m", "benchmarks.imports", "--rows", str(rows), *more]
    answer = subprocess.run(argv, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(answer.stdout.splitlines()[-1]))


def main(arguments: list[str]) -> dict[str, Any]:
    if arguments[:1] == ["--rows"]:
        return measure(int(arguments[1]), is_ruled="--ruled" in arguments)
    share = 10 if "--quick" in arguments else 1
    figures, ruled, large = (
        apart(ROWS // share),
        apart(ROWS // share, "--ruled"),
        apart(LARGE_ROWS // share),
    )
    speed = figures["rows_per_second"]
    short_of = misses(
        (speed >= LEAST_ROWS_PER_SECOND, f"import: {speed} of {LEAST_ROWS_PER_SECOND} rows/s"),
        (figures["peak_mb"] < MOST_MB, f"import: {figures['peak_mb']} MB of {MOST_MB}"),
        (large["peak_mb"] < MOST_MB, f"import of a large file: {large['peak_mb']} MB of {MOST_MB}"),
    )
    return {
        **figures,
        "of_bare_sql": round(speed / figures["bare_sql_rows_per_second"], 2),
        "least_rows_per_second": LEAST_ROWS_PER_SECOND,
        "with_fields_and_rules": {name: ruled[name] for name in ("rows", "rows_per_second", "peak_mb")},
        "large_file": {name: large[name] for name in ("rows", "rows_per_second", "peak_mb")},
        "most_mb": MOST_MB,
        "short_of": short_of,
        "ok": not short_of,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
