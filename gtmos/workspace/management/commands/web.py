"""`manage.py web`: import once, fork the workers, keep them alive."""

import os
from typing import Any

import uvicorn
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from django.urls import get_resolver

from gtmos.env import env
from gtmos.runtime.prefork import Workers, listen


class Command(BaseCommand):
    help = "Serve the pages, the API and the live socket."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("GTMOS_BIND", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=env.port)
        parser.add_argument("--workers", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        listening = listen(options["host"], options["port"])
        configuration = _configuration()
        _import_everything(configuration)
        Workers(
            lambda: uvicorn.Server(configuration).run(sockets=[listening]), count=options["workers"]
        ).run()


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
