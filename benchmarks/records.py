"""Imports, lists, usage events and the planner: each figure beside its limit, measured in one run.

python -m benchmarks.records [--quick]
"""

import csv
import io
import json
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gtmos.runtime.stores import throwaway

IMPORT_LIMIT = 12_000
MEMORY_LIMIT_MB = 300
LIST_STATEMENTS, LIST_CPU_MS = 12, 30
PLANNER_MS = 50
EVENTS_LIMIT = 1_000
SENTENCES = (
    "Find me CMOs at Series B fintech companies in NYC who are actively hiring for growth teams",
    "how many companies in Texas have over 200 people",
    "log a call with Company 17, left a voicemail",
    "move Company 23 to negotiation and set the amount to 40k",
    "what can you do",
    "remind me to call Erin Rossi tomorrow at 9",
    "undo that",
)


def run(quick: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="gtmos-bench-") as home, throwaway(durable=True) as stores:
        os.environ |= {
            "DATABASE_URL": stores.addresses.database_url,
            "REDIS_URL": stores.addresses.redis_url,
            "GTMOS_HOME": home,
            "DJANGO_SETTINGS_MODULE": "gtmos.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return measured(10_000 if quick else 100_000)


def measured(rows: int) -> dict[str, Any]:
    from crm.services.pipelines import ensure_default_pipeline
    from gtmos.kernel.actors import SYSTEM, Actor
    from gtmos.kernel.tests.builders import a_user

    ensure_default_pipeline(actor=SYSTEM)
    user = a_user(password=None)
    me = Actor.of(user)
    figures: dict[str, Any] = {"import": imports(rows, me), "bare_sql": bare(rows)}
    figures["import_of_bare"] = round(figures["import"]["rows_per_second"] / figures["bare_sql"], 2)
    figures["companies"] = companies(rows, me)
    figures["lists"] = lists(user)
    figures["events"] = events(me)
    figures["planner"] = planner(me)
    return {**figures, "short_of": short_of(figures), "ok": not short_of(figures)}


def short_of(figures: dict[str, Any]) -> list[str]:
    """Every figure that misses its limit, in words."""
    checks = [
        (figures["import"]["rows_per_second"] >= IMPORT_LIMIT, f"import below {IMPORT_LIMIT} rows/s"),
        (figures["import"]["peak_mb"] < MEMORY_LIMIT_MB, f"import above {MEMORY_LIMIT_MB} MB"),
        (figures["events"]["batched_per_second"] >= EVENTS_LIMIT, f"events below {EVENTS_LIMIT}/s"),
        (figures["planner"]["p95_ms"] <= PLANNER_MS, f"planner above {PLANNER_MS} ms"),
    ]
    for name, page in figures["lists"].items():
        checks.append(
            (page["statements"] <= LIST_STATEMENTS, f"{name}: more than {LIST_STATEMENTS} statements")
        )
        checks.append((page["cpu_ms"] <= LIST_CPU_MS, f"{name}: more than {LIST_CPU_MS} ms CPU"))
    return [words for held, words in checks if not held]


def people_list(rows: int) -> bytes:
    """Contacts of a fifth as many companies, one in a hundred twice, one in a fifty without an address."""
    draw = random.Random(11)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["Record ID", "First Name", "Last Name", "Email", "Job Title", "Company name", "Company Domain Name"]
    )
    firsts, lasts = (
        ("Erin", "Goran", "Ada", "Luis", "Mei", "Omar"),
        ("Rossi", "Weber", "Okafor", "Tanaka", "Silva"),
    )
    titles = ("CEO", "CMO", "VP Marketing", "Head of Growth", "Engineer", "Account Executive")
    for number in range(rows):
        who = number - 1 if number % 100 == 99 else number
        company = draw.randrange(rows // 5)
        address = "" if number % 50 == 49 else f"u{who}@c{company}.example"
        writer.writerow(
            [
                number,
                draw.choice(firsts),
                draw.choice(lasts),
                address,
                draw.choice(titles),
                f"Company {company}",
                f"c{company}.example",
            ]
        )
    return text.getvalue().encode()


def imports(rows: int, me: Any) -> dict[str, Any]:
    from crm.services.importing import run_import, start_import, upload_import

    batch = upload_import(file_name="people.csv", content=io.BytesIO(people_list(rows)), actor=me)
    start_import(batch, actor=me)
    began = time.perf_counter()
    batch = run_import(batch.pk)
    seconds = time.perf_counter() - began
    return {
        "rows": batch.result["rows"],
        "created": batch.result["created"],
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
        cursor.execute("DROP TABLE bare_contact")
    return round(rows / seconds)


def companies(rows: int, me: Any) -> dict[str, Any]:
    from crm.services.importing import run_import, start_import, upload_import

    lines = "".join(f"Firm {n},f{n}.example,Software,Berlin,{n % 900}\n" for n in range(rows))
    content = io.BytesIO(f"Company,Website,Industry,City,Employees\n{lines}".encode())
    batch = upload_import(file_name="companies.csv", content=content, actor=me)
    start_import(batch, actor=me)
    began = time.perf_counter()
    batch = run_import(batch.pk)
    return {"rows": rows, "rows_per_second": round(rows / (time.perf_counter() - began))}


def lists(user: Any) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(user)
    figures = {}
    for name in ("crm:companies", "crm:contacts", "crm:pipeline"):
        address = reverse(name)
        browser.get(address)
        with CaptureQueriesContext(connection) as captured:
            browser.get(address)
        took = []
        for _ in range(20):
            began = time.process_time()
            browser.get(address)
            took.append((time.process_time() - began) * 1000)
        figures[name] = {"statements": len(captured), "cpu_ms": round(sorted(took)[len(took) // 2], 1)}
    return figures


def events(me: Any) -> dict[str, Any]:
    from crm.services.usage import store_events

    now = "2026-01-05T10:00:00Z"
    batches = [
        [
            {
                "source": "bench",
                "external_id": f"{batch}-{n}",
                "name": "page_viewed",
                "occurred_at": now,
                "company_domain": f"c{n}.example",
                "contact_email": "",
                "properties": {"path": "/"},
            }
            for n in range(100)
        ]
        for batch in range(50)
    ]  # fmt: skip -- rows of data
    began = time.perf_counter()
    for batch in batches:
        store_events(batch, actor=me)
    seconds = time.perf_counter() - began
    return {"batched_per_second": round(5000 / seconds)}


def planner(me: Any) -> dict[str, Any]:
    from agents.planner import Planner
    from agents.selectors.world import world_for

    took = []
    for _ in range(30):
        for sentence in SENTENCES:
            began = time.perf_counter()
            Planner(world_for(me)).plan(sentence)
            took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return {
        "n": len(took),
        "p50_ms": round(took[len(took) // 2], 1),
        "p95_ms": round(took[int(len(took) * 0.95)], 1),
    }


def main() -> int:
    figures = run("--quick" in sys.argv[1:])
    for name, value in figures.items():
        print(f"{name}: {value}")
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    sys.exit(main())
