"""The processes of the product, and how one is kept alive."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gtmos.env import BASE_DIR
from gtmos.runtime.programs import end, rotate, spawn

# Spinning threads starve two cores; a heap for each thread keeps memory that the others could use.
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
SETTLED_SECONDS = 30.0  # who has lived so long has no failures in a row any more


@dataclass(slots=True)
class Child:
    """One process. `failures` counts deaths in a row, for the pause before the next start."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    next_start_at: float = field(default=0.0)

    def keep_alive(self) -> None:
        """Start it when it is not running and its pause is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            if now - self.started_at > SETTLED_SECONDS:
                self.failures = 0
            return
        if self.process is not None:
            self._note_death(now)
        if now >= self.next_start_at:
            self._start(now)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def await_end(self, seconds: float) -> None:
        """It was asked to stop; after this long it is ended. What it had begun is taken up again by its lease."""
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0.01))
        except subprocess.TimeoutExpired:
            end(self.process, signal.SIGKILL, seconds=1)

    def _note_death(self, now: float) -> None:
        code = self.process.returncode if self.process else 0
        self.process = None
        pause = min(FIRST_PAUSE * 2**self.failures, LONGEST_PAUSE)
        self.failures += 1
        self.next_start_at = now + pause
        sys.stdout.write(f"{self.name} ended with {code}; next start in {pause:.1f} s; see {self.log}\n")
        sys.stdout.flush()

    def _start(self, now: float) -> None:
        rotate(self.log)
        self.started_at = now
        self.process = spawn(self.argv, log=self.log, environ=self.environ, directory=BASE_DIR)


def children(port: int, environ: Mapping[str, str], logs: Path) -> list[Child]:
    manage = (sys.executable, "manage.py")
    table: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
        ("background", (*manage, "background", "--prepare"), {}),
        ("web", (*manage, "web", "--workers", "2", "--port", str(port), "--wait"), {"GTMOS_POOL": "1"}),
        ("sandbox", (sys.executable, "-m", "gtmos.sandbox"), {}),
    ]
    return [Child(name, argv, {**environ, **extra}, logs / f"{name}.log") for name, argv, extra in table]
