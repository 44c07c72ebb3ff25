"""Everything under one process: order of start, restart of what dies, order of stop."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from gtmos.runtime.faults import StoreFault
from gtmos.runtime.programs import end, last_lines, rotate, spawn
from gtmos.runtime.servers import Server
from gtmos.runtime.stores import Stores

PROJECT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 120.0
LONGEST_PAUSE = 30.0
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # spinning threads starve two cores


@dataclass(slots=True)
class Program:
    """One child. `failures` counts deaths in a row, for the pause before the next start."""

    name: str
    argv: Sequence[str]
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    next_start_at: float = 0.0


def programs(port: int) -> list[Program]:
    """In the order of start; stopped the other way round."""
    manage = (sys.executable, "manage.py")
    celery = (sys.executable, "-m", "celery", "-A", "gtmos.celery", "worker")
    return [
        Program("sandbox", (sys.executable, "-m", "gtmos.sandbox")),
        Program("inbound", (*manage, "inbound")),
        Program("web", (*manage, "web", "--workers", "2", "--port", str(port)), {"GTMOS_POOL": "1"}),
        Program(
            "worker",
            (*celery, "-P", "threads", "-c", "4", "-l", "WARNING", "--without-mingle", "--without-gossip"),
        ),
        Program("scheduler", (*manage, "scheduler")),
    ]


class Supervisor:
    """`run()` returns when somebody asked it to stop."""

    def __init__(self, home: Path, *, port: int, embedded: bool) -> None:
        self.home = home
        self.port = port
        self.stores = Stores(home) if embedded else None
        self.programs = programs(port)
        self.stopping = False

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        try:
            if self.stores is not None:
                self.stores.start()
                self.stores.addresses.publish()
            self._once("migrate", "--no-input", "-v", "0")
            if not self.stopping:
                self._once("seed_demo", "--if-empty")
            self._watch()
        finally:
            self._stop()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.stopping = True

    def _environ(self, extra: dict[str, str]) -> dict[str, str]:
        return {**os.environ, **THREADS, "GTMOS_HOME": str(self.home), "PORT": str(self.port), **extra}

    def _once(self, *words: str) -> None:
        result = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=PROJECT, env=self._environ({}), check=False
        )
        if result.returncode and not self.stopping:
            raise StoreFault(f"`manage.py {' '.join(words)}` failed; its words stand above.")

    def _watch(self) -> None:
        announced = False
        give_up_at = time.monotonic() + READY_SECONDS
        while not self.stopping:
            self._keep_alive()
            if not announced and self._answers():
                announced = True
                print(self._ready_line(), flush=True)
            if not announced and time.monotonic() > give_up_at:
                raise StoreFault(f"The web server did not answer:\n{last_lines(self._log('web'))}")
            time.sleep(0.2)

    def _keep_alive(self) -> None:
        servers: tuple[Server, ...] = (self.stores.postgres, self.stores.valkey) if self.stores else ()
        for server in servers:
            if not server.is_running:
                server.start()
                assert self.stores
                self.stores.note_state()
        for program in self.programs:
            self._keep_one_alive(program)

    def _keep_one_alive(self, program: Program) -> None:
        now = time.monotonic()
        if program.process is not None and program.process.poll() is None:
            if now - program.started_at > LONGEST_PAUSE:
                program.failures = 0
            return
        if program.process is not None:
            program.process = None
            program.failures += 1
            program.next_start_at = now + min(0.2 * 2**program.failures, LONGEST_PAUSE)
        if now >= program.next_start_at:
            rotate(self._log(program.name))
            program.started_at = now
            program.process = spawn(
                program.argv,
                log=self._log(program.name),
                environ=self._environ({"PYTHONPATH": str(PROJECT), **program.environ}),
                directory=PROJECT,
            )

    def _log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _ready_line(self) -> str:
        note = self.home / "sign_in"
        how = f"  {note.read_text().strip()}" if note.exists() else ""
        return f"ready: http://127.0.0.1:{self.port}{how}"

    def _stop(self) -> None:
        children = [program.process for program in reversed(self.programs) if program.process]
        for child in children:  # all at once, so that stopping takes as long as the slowest
            if child.poll() is None:
                child.terminate()
        for child in children:
            end(child, signal.SIGTERM, seconds=5)
        if self.stores is not None:
            self.stores.stop()
