"""Processes as forks of one parent that has imported everything: they start at once and share its memory."""

import gc
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from gtmos.runtime.programs import bond_to_parent, name_process

BEAT_SECONDS = 0.1
STOP_SECONDS = 2.5
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
SETTLED_SECONDS = 30.0  # who has lived so long has no failures in a row any more


@dataclass(slots=True)
class Fork:
    name: str
    serve: Callable[[], object]
    pid: int = 0
    failures: int = 0
    started_at: float = 0.0
    next_start_at: float = 0.0

    def note_death(self, code: int) -> None:
        now = time.monotonic()
        lived = now - self.started_at
        self.pid = 0
        self.failures = 0 if lived > SETTLED_SECONDS else self.failures
        pause = min(FIRST_PAUSE * 2**self.failures, LONGEST_PAUSE)
        self.failures += 1
        self.next_start_at = now + pause
        _say(f"{self.name} ended with {code} after {lived:.1f} s")


class Forks:
    """Keeps one fork per name alive. `run()` returns when we were asked to stop and all have ended.

    The parent must hold no connection and no thread: neither survives a fork.
    """

    def __init__(self, parts: Mapping[str, Callable[[], object]], *, run_directory: Path) -> None:
        self.forks = [Fork(name, serve) for name, serve in parts.items()]
        self.run_directory = run_directory
        self.stop_before: float | None = None

    def run(self) -> None:
        self.run_directory.mkdir(parents=True, exist_ok=True)
        share_memory()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        while self.stop_before is None or any(fork.pid for fork in self.forks):
            self._reap()
            self._start_due()
            self._insist()
            time.sleep(BEAT_SECONDS)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.stop_before is None:
            self.stop_before = time.monotonic() + STOP_SECONDS
            self._signal_all(signal.SIGTERM)

    def _insist(self) -> None:
        """Whoever has not ended by then is ended."""
        if self.stop_before is not None and time.monotonic() > self.stop_before:
            self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        for fork in self.forks:
            if fork.pid:
                os.kill(fork.pid, number)  # ours until we have waited for it, so never a stranger's number

    def _reap(self) -> None:
        for fork in self.forks:
            if fork.pid:
                pid, status = os.waitpid(fork.pid, os.WNOHANG)
                if pid:
                    fork.note_death(os.waitstatus_to_exitcode(status))

    def _start_due(self) -> None:
        for fork in self.forks:
            if self.stop_before is None and not fork.pid and time.monotonic() >= fork.next_start_at:
                fork.started_at = time.monotonic()
                fork.pid = start_fork(fork.name, fork.serve)
                (self.run_directory / f"{fork.name}.pid").write_text(f"{fork.pid}\n")


def share_memory() -> None:
    """The collector leaves what is there now alone, so that its pages stay shared."""
    gc.collect()
    gc.freeze()


def start_fork(name: str, serve: Callable[[], object]) -> int:
    """Run this in a fork that dies with us; its process id."""
    bond = bond_to_parent(signal.SIGKILL)
    pid = os.fork()
    if pid == 0:
        _be_fork(name, serve, bond)
    return pid


def run_in_fork(name: str, work: Callable[[], object]) -> int:
    """Run this to its end in a fork, so that nothing it opens stays with us; its exit code."""
    _, status = os.waitpid(start_fork(name, work), 0)
    return os.waitstatus_to_exitcode(status)


def _be_fork(name: str, serve: Callable[[], object], bond: Callable[[], None]) -> None:
    """Never returns: what follows in the parent's code, and its exit handlers, are not a fork's to run."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        bond()
        name_process(f"gtmos-{name}")
        serve()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- nothing may escape into the parent's code; the traceback is printed
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(512)
    return listening


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
