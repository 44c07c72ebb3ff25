"""`manage.py inbound`: takes answers and bounces by SMTP and keeps each before it says so."""

import asyncio
import logging
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from gtmos.env import env
from gtmos.kernel import jobs
from gtmos.kernel.schedule import running
from outreach.channels.email.listener import Intake, listen
from outreach.services.inbound import store_mail

logger = logging.getLogger(__name__)
THREADS = 4
BEAT_SECONDS = 5.0
# A flood of mail rings once in a while, not once for each mail: one bell reads all that waits.
RING_SECONDS = 0.3


class Command(BaseCommand):
    help = "Take answers and bounces by SMTP on this machine."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        asyncio.run(serve(env.inbound_smtp_port))


async def serve(port: int) -> None:
    """Until somebody asks to stop."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="keep") as executor:
        intake = Intake(keep, executor)
        server = await listen(intake, port)
        async with server, asyncio.TaskGroup() as group:
            bells = [group.create_task(_ring(intake)), group.create_task(_beat(intake))]
            await stopped.wait()
            for bell in bells:
                bell.cancel()


def keep(raw: bytes, sender: str, recipients: Sequence[str]) -> None:
    close_old_connections()
    store_mail(raw, sender=sender, recipients=recipients)


async def _ring(intake: Intake) -> None:
    while True:
        await intake.arrived.wait()
        intake.arrived.clear()
        await asyncio.to_thread(jobs.ring, "outreach.process_inbound")
        await asyncio.sleep(RING_SECONDS)


async def _beat(intake: Intake) -> None:
    while True:
        await asyncio.to_thread(_say_alive, intake.kept)
        await asyncio.sleep(BEAT_SECONDS)


def _say_alive(kept: int) -> None:
    try:
        close_old_connections()
        running.beat("inbound", kept=kept)
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
