"""Imports in a process of their own, killed by the system in the middle of their work."""

import multiprocessing
import os
import signal
from contextlib import closing
from typing import Any

from django.db import connection, connections

from crm.models import ImportBatch
from crm.services.importing import run_import


def killed_half_way(batch: ImportBatch) -> None:
    """The worker has written records and waits to write their history when it is killed."""
    holding: Any = connection.copy()
    holding.set_autocommit(autocommit=False)
    with closing(holding), holding.cursor() as cursor:
        cursor.execute("LOCK TABLE kernel_change IN SHARE MODE")
        process = in_a_process_of_its_own(batch)
        waits = False
        while not waits:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'kernel_change'::regclass)"
            )
            (waits,) = cursor.fetchone()
            assert process.is_alive()
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert process.exitcode == -signal.SIGKILL


def in_a_process_of_its_own(batch: ImportBatch, *, dies_at: int = 0) -> Any:
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=_run, args=(batch.pk, dies_at))
    process.start()
    return process


def _run(key: Any, dies_at: int) -> None:
    seen = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        run_import(key)
