"""Imports in a process of their own, killed by the system in the middle of their work."""

import os
import signal
from contextlib import closing
from functools import partial
from typing import Any

from django.db import connection

from crm.models import ImportBatch
from crm.services.importing import run_import
from gtmos.kernel.tests.processes import in_a_process_of_its_own


def killed_half_way(batch: ImportBatch) -> None:
    """The worker has written records and waits to write their history when it is killed."""
    holding: Any = connection.copy()
    holding.set_autocommit(autocommit=False)
    with closing(holding), holding.cursor() as cursor:
        cursor.execute("LOCK TABLE kernel_change IN SHARE MODE")
        process = in_a_process_of_its_own(partial(run_import, batch.pk))
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
