"""`manage.py web`: import once, fork the workers, keep them alive."""

import os
import sys
import time
from typing import Any

import uvicorn
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from django.urls import get_resolver

from gtmos.checks import refuse_unsafe
from gtmos.env import env
from gtmos.runtime.prefork import Forks, listen
from gtmos.runtime.supervisor import prepared_mark, run_directory

# The loop hands bodies to threads and answers back: it must not wait five milliseconds for each of them.
SWITCH_SECONDS = 0.0005


class Command(BaseCommand):
    help = "Serve the pages, the API and the live socket."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("GTMOS_BIND", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=env.port)
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--wait", action="store_true", help="serve once the database has been prepared")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        refuse_unsafe()
        listening = listen(options["host"], options["port"])
        configuration = _configuration()
        _import_everything(configuration)
        while options["wait"] and not prepared_mark(env.home).exists():
            time.sleep(0.05)  # ended by the supervisor when there is nothing to wait for

        def serve() -> None:
            sys.setswitchinterval(SWITCH_SECONDS)
            uvicorn.Server(configuration).run(sockets=[listening])

        names = [f"web-{number}" for number in range(1, options["workers"] + 1)]
        Forks(dict.fromkeys(names, serve), run_directory=run_directory(env.home)).run()


def _configuration() -> uvicorn.Config:
    return uvicorn.Config(
        "gtmos.asgi:application",
        log_config=None,  # Django's LOGGING is the only one
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=2,
    )


def _import_everything(configuration: uvicorn.Config) -> None:
    """Before the fork, so that it is in memory once; but no connection, because two processes cannot share one."""
    configuration.load()
    assert get_resolver().url_patterns
    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
