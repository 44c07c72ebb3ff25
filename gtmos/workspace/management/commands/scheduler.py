"""`manage.py scheduler`: makes occurrences due and rings the worker. Any number may run."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from gtmos.kernel import jobs
from gtmos.kernel.schedule import running

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 0.5


class Command(BaseCommand):
    help = "Make scheduled work due and ring the worker for it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            stopped.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        while not stopped.wait(PAUSE_SECONDS):
            tick()


def tick() -> None:
    """One round; a database that is away is tried again next round."""
    try:
        close_old_connections()
        running.note_due()
        running.beat("scheduler")
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
        return
    jobs.ring("kernel.run_occurrences")
