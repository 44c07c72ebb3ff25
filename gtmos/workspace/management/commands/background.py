"""`manage.py background`: worker, scheduler and inbound mail from one import."""

import sys
from collections.abc import Callable
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from gtmos.env import env
from gtmos.kernel.search.nearest import version_fault
from gtmos.runtime.prefork import Forks, run_in_fork
from gtmos.runtime.supervisor import prepared_mark, run_directory

WORKER = ("worker", "-P", "threads", "-c", "4", "-Q", "default", "-l", "WARNING")
ALONE = ("--without-mingle", "--without-gossip", "--without-heartbeat")
NO_DEMO = "The demo workspace could not be made; see the log of `background`."


class Command(BaseCommand):
    help = "Run the worker, the scheduler and the inbound mail listener; each can also be run alone."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prepare", action="store_true", help="first migrate, and make the demo workspace"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        # Celery's application stands above every app, so it is named and not imported.
        celery = import_string("gtmos.celery.app")
        if options["prepare"]:
            _prepare()

        def work() -> None:
            sys.argv = ["celery", *WORKER]
            celery.worker_main([*WORKER, *ALONE])

        parts = {"worker": work, "scheduler": _command("scheduler"), "inbound": _command("inbound")}
        Forks(parts, run_directory=run_directory(env.home)).run()


def _prepare() -> None:
    """In forks of their own, because what they open would be shared with every later fork."""
    if run_in_fork("migrate", lambda: call_command("migrate", interactive=False, verbosity=0)) != 0:
        raise CommandError("The database could not be brought up to date; the reason stands above.")
    if run_in_fork("vector", _check_vector) != 0:
        raise CommandError("This PostgreSQL server cannot be used; the reason stands above.")
    words = ""
    if not env.production and "seed_demo" in get_commands():
        words = NO_DEMO if run_in_fork("demo", lambda: call_command("seed_demo", "--if-empty")) else ""
    prepared_mark(env.home).write_text(words)


def _check_vector() -> None:
    """Older versions of the extension lose rows when a search is filtered by rights."""
    fault = version_fault()
    if fault:
        raise CommandError(fault)


def _command(name: str) -> Callable[[], None]:
    def run() -> None:
        call_command(name)

    return run
