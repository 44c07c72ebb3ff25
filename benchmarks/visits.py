"""Visiting a page of the product, with what the server and the database spent on it."""

import time
from typing import Any

import psutil

from benchmarks.stage import part_of


def visited(user: Any, address: str, visits: int) -> dict[str, Any]:
    """Statements; wall-clock time; processor time of this process and of its connection's server process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(user)
    for _ in range(5):
        answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    statements = len(captured)
    server = server_process()
    took, own, theirs = [], time.process_time(), sum(server.cpu_times()[:2])
    for _ in range(visits):
        began = time.perf_counter()
        browser.get(address)
        took.append((time.perf_counter() - began) * 1000)
    spent = time.process_time() - own + sum(server.cpu_times()[:2]) - theirs
    return {
        "statements": statements,
        "p50_ms": round(part_of(took, 0.5), 1),
        "p95_ms": round(part_of(took, 0.95), 1),
        "cpu_ms": round(spent / visits * 1000, 1),
        "n": visits,
    }


def server_process() -> psutil.Process:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return psutil.Process(cursor.fetchone()[0])
