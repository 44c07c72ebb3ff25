"""Web workers as forks of one process that has imported everything: they share its memory."""

import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

from gtmos.runtime.programs import bond_to_parent

SHORT_LIFE_SECONDS = 5.0
PAUSE_SECONDS = 0.5
STOP_SECONDS = 2.5


class Workers:
    """Forked children that run `serve`; one that dies is replaced. `run()` returns when we are asked to stop."""

    def __init__(self, serve: Callable[[], None], *, count: int) -> None:
        self.serve = serve
        self.count = count
        self.started_at: dict[int, float] = {}
        self.stopping = False

    def run(self) -> None:
        gc.collect()
        gc.freeze()  # the collector leaves shared pages alone, so they stay shared
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self.stopping and len(self.started_at) < self.count:
            self._fork()
        while self.started_at:
            self._replace_next()

    def _replace_next(self) -> None:
        pid, status = os.wait()
        lived = time.monotonic() - self.started_at.pop(pid)
        if self.stopping:
            return
        code = os.waitstatus_to_exitcode(status)
        sys.stderr.write(f"web worker {pid} ended with {code} after {lived:.1f} s and is replaced\n")
        if lived < SHORT_LIFE_SECONDS:
            time.sleep(PAUSE_SECONDS)
        if not self.stopping:
            self._fork()

    def _fork(self) -> None:
        bond = bond_to_parent(signal.SIGKILL)
        pid = os.fork()
        if pid:
            self.started_at[pid] = time.monotonic()
            if self.stopping:  # asked while we forked
                os.kill(pid, signal.SIGTERM)
            return
        self._be_worker(bond)

    def _be_worker(self, bond: Callable[[], None]) -> None:
        """Never returns: the parent's code and exit handlers are not a worker's to run."""
        code = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            bond()
            self.serve()
            code = 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.stopping = True
        for pid in self.started_at:
            os.kill(pid, signal.SIGTERM)
        signal.signal(signal.SIGALRM, self._insist)
        signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)

    def _insist(self, number: int, frame: FrameType | None) -> None:
        """Whoever still answers a request has had its time."""
        del number, frame
        for pid in self.started_at:
            os.kill(pid, signal.SIGKILL)


def listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(512)
    return listening
