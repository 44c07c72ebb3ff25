"""Processes of their own on the very database of a test."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from django.db import connection, connections


def database_address() -> str:
    place = connection.settings_dict
    password = f":{place['PASSWORD']}" if place["PASSWORD"] else ""
    return (
        f"postgresql://{place['USER']}{password}@/{place['NAME']}?host={place['HOST']}&port={place['PORT']}"
    )


def in_a_process_of_its_own(work: Callable[[], object], *, dies_at: int = 0) -> Any:
    """Begun, and killed by the system before so many statements are done; 0 lets it live."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=_run, args=(work, dies_at))
    process.start()
    return process


def _run(work: Callable[[], object], dies_at: int) -> None:
    seen = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        work()
