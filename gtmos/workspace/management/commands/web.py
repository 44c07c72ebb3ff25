"""`manage.py web`: import once, fork the workers, keep them alive."""

import gc
import os
import signal
import socket
import sys
from types import FrameType
from typing import Any

import uvicorn
from django.core.management.base import BaseCommand, CommandParser

from gtmos.env import env


class Command(BaseCommand):
    """The parent imports the application and forks, so that the workers share its memory."""

    help = "Serve the pages, the API and the live socket."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=env.port)
        parser.add_argument("--workers", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        listening = _listen(options["port"])
        from gtmos.asgi import application  # noqa: PLC0415 -- only the web server needs it

        gc.collect()
        gc.freeze()
        Workers(application, listening, options["workers"]).run()


class Workers:
    """Forked children; one that dies is replaced."""

    def __init__(self, application: Any, listening: socket.socket, count: int) -> None:
        self.application = application
        self.listening = listening
        self.count = count
        self.pids: set[int] = set()
        self.stopping = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while len(self.pids) < self.count:
            self._fork()
        while self.pids:
            try:
                pid, _ = os.wait()
            except ChildProcessError:
                return
            self.pids.discard(pid)
            if not self.stopping:
                self._fork()

    def _fork(self) -> None:
        pid = os.fork()
        if pid:
            self.pids.add(pid)
            return
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _die_with_parent()
        config = uvicorn.Config(
            self.application,
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=2,
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[self.listening])
        sys.stdout.flush()
        os._exit(0)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.stopping = True
        for pid in self.pids:
            os.kill(pid, signal.SIGTERM)


def _die_with_parent() -> None:
    from gtmos.runtime.programs import LIBC, PR_SET_PDEATHSIG  # noqa: PLC0415 -- only in the child

    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((os.environ.get("GTMOS_BIND", "127.0.0.1"), port))
    listening.listen(512)
    listening.set_inheritable(True)
    return listening
