"""Writing through the API: one record at a time, and a thousand rows a call beside what bare SQL does with the same rows.

    python -m benchmarks.api [--quick]

The rows go over HTTP to the server as it is run, two workers, from two connections. Half of the rows of each call are known.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from benchmarks.stage import fresh_stores, misses, part_of
from benchmarks.visits import server_process
from benchmarks.waiting import until
from gtmos.runtime.ports import free_port
from gtmos.runtime.programs import bond_to_parent

CALLS, ROWS, LANES, CREATES = 40, 1000, 2, 200
LEAST_ROWS_PER_SECOND, CREATE_STATEMENTS, CREATE_CPU_MS = 2000, 10, 15
BARE = """
    INSERT INTO bare_contact SELECT * FROM bare_rows
    ON CONFLICT (email_key) WHERE email_key <> '' DO UPDATE
    SET title = excluded.title, city = excluded.city, version = bare_contact.version + 1, updated_at = now()
"""


@contextmanager
def web() -> Iterator[int]:
    """The product's own server on the stores of this measurement."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "manage.py", "web", "--port", str(port)],
        env={**os.environ, "GTMOS_API_LIMIT": "999999"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=bond_to_parent(signal.SIGTERM),  # noqa: PLW1509 -- it must not outlive us
    )
    try:
        until(lambda: answers(port), "the server", seconds=60)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def answers(port: int) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except OSError:
        return False


def person(number: int, version: int, companies: list[str]) -> dict[str, Any]:
    """As another system would send somebody."""
    return {
        "email": f"p{number}@c{number % len(companies)}.example",
        "name": f"Erin Rossi {number}",
        "title": f"Head of Growth {version}",
        "city": "Berlin" if version % 2 else "Lisbon",
        "country": "DE",
        "external_id": f"x{number}",
        "company_id": companies[number % len(companies)],
    }


def calls(lane: int, count: int, companies: list[str]) -> list[bytes]:
    """Each call brings the second half of the one before again, changed, and as many that are new."""
    first = lane * 10_000_000
    starts = [first + number * ROWS // 2 for number in range(count)]
    return [
        json.dumps(
            {
                "operation": "upsert",
                "match_on": "email",
                "rows": [person(start + each, version, companies) for each in range(ROWS)],
            }
        ).encode()
        for version, start in enumerate(starts)
    ]


def posted(port: int, token: str, bodies: list[bytes]) -> list[str]:
    connection, results = HTTPConnection("127.0.0.1", port), []
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for number, body in enumerate(bodies):
        key = {"Idempotency-Key": f"{id(bodies)}-{number}"}
        connection.request("POST", "/api/v1/contacts/bulk/", body, headers | key)
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {answer.read()[:300]!r}")
        results += [each["result"] for each in json.loads(answer.read())["results"]]
    return results


def bulk(token: str, count: int) -> dict[str, Any]:
    companies = a_hundred_companies()
    lanes = [calls(lane, count // LANES + 1, companies) for lane in range(LANES)]
    with web() as port, ThreadPoolExecutor(LANES) as pool:
        list(pool.map(lambda lane: posted(port, token, lane[:1]), lanes))
        began = time.perf_counter()
        answered = list(pool.map(lambda lane: posted(port, token, lane[1:]), lanes))
        seconds = time.perf_counter() - began
    results = [result for lane in answered for result in lane]
    return {
        "bulk_rows": len(results),
        "bulk_created": results.count("created"),
        "bulk_updated": results.count("updated"),
        "bulk_rows_per_second": round(len(results) / seconds),
    }


def a_hundred_companies() -> list[str]:
    from crm.models import Company

    made = Company.objects.bulk_create(
        Company(name=f"Firm {number}", name_key=f"firm {number}", domain=f"f{number}.example")
        for number in range(100)
    )
    return [str(each.pk) for each in made]


def bare() -> int:
    """The contacts just written, changed by COPY and one upsert with the same indexes, a thousand at a time; rows a second."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_contact (LIKE crm_contact INCLUDING ALL)")
        cursor.execute(
            "INSERT INTO bare_contact SELECT * FROM crm_contact WHERE abs(hashtext(email)) % 2 = 0"
        )
        cursor.execute("CREATE TEMP TABLE bare_rows (LIKE crm_contact)")
        cursor.execute("SELECT * FROM crm_contact LIMIT %s", [20 * ROWS])
        rows = cursor.fetchall()
        custom = [each.name for each in cursor.description].index("custom")
        began = time.perf_counter()
        for start in range(0, len(rows), ROWS):
            with cursor.copy("COPY bare_rows FROM STDIN") as copy:
                for row in rows[start : start + ROWS]:
                    copy.write_row(
                        [json.dumps(each) if place == custom else each for place, each in enumerate(row)]
                    )
            cursor.execute(BARE)
            cursor.execute("TRUNCATE bare_rows")
    return round(len(rows) / (time.perf_counter() - began))


def creates(api: Any, path: str, body: Any) -> dict[str, Any]:
    """One record at a time with its question for duplicates, history and event: statements, and time of the processor."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(20):
        api.post(path, body(number))
    with CaptureQueriesContext(connection) as captured:
        if api.post(path, body(-1)).status_code != 201:
            raise RuntimeError(f"{path} made nothing")
    told = [each["sql"].split(maxsplit=1)[0] for each in captured]
    server = server_process()
    took, theirs = [], sum(server.cpu_times()[:2])
    for number in range(100, 100 + CREATES):
        began = time.process_time()
        api.post(path, body(number))
        took.append((time.process_time() - began) * 1000)
    spent = sum(server.cpu_times()[:2]) - theirs
    return {
        "statements": len([each for each in told if each not in {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}]),
        "statements_with_begin_and_commit": len(told),
        "cpu_p50_ms": round(part_of(took, 0.5), 1),
        "database_cpu_ms": round(spent / CREATES * 1000, 1),
        "n": CREATES,
    }


def measure(count: int) -> dict[str, Any]:
    from gtmos.kernel.tests.api_client import Api
    from gtmos.kernel.tests.builders import a_team, a_user

    api = Api.of(a_user(password=None, team=a_team()))
    api.client.defaults["SERVER_NAME"] = "127.0.0.1"
    figures = bulk(api.key, count)
    return {
        **figures,
        "bare_sql_rows_per_second": bare(),
        "create_company": creates(api, "companies", a_firm),
        "create_contact": creates(api, "contacts", a_person),
    }


def a_firm(number: int) -> dict[str, Any]:
    return {"name": f"New {number}", "domain": f"new{number}.example", "industry_vertical": "Software"}


def a_person(number: int) -> dict[str, Any]:
    return {"name": f"Ada {number}", "email": f"ada{number}@new.example", "title": "Head of Growth"}


def main(arguments: list[str]) -> dict[str, Any]:
    os.environ["GTMOS_API_LIMIT"] = "999999"
    with fresh_stores():
        figures = measure(10 if "--quick" in arguments else CALLS)
    speed = figures["bulk_rows_per_second"]
    checks = [(speed >= LEAST_ROWS_PER_SECOND, f"bulk: {speed} of {LEAST_ROWS_PER_SECOND} rows/s")]
    for name in ("create_company", "create_contact"):
        asked, took = figures[name]["statements"], figures[name]["cpu_p50_ms"]
        checks.append((asked <= CREATE_STATEMENTS, f"{name}: {asked} of {CREATE_STATEMENTS} statements"))
        checks.append((took <= CREATE_CPU_MS, f"{name}: {took} of {CREATE_CPU_MS} ms CPU"))
    short_of = misses(*checks)
    return {
        **figures,
        "bulk_of_bare_sql": round(speed / figures["bare_sql_rows_per_second"], 2),
        "least_rows_per_second": LEAST_ROWS_PER_SECOND,
        "short_of": short_of,
        "ok": not short_of,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
