"""What both store servers have in common: a child of the process that runs the stores."""

import signal
import subprocess
import time
from pathlib import Path
from typing import ClassVar

from gtmos.runtime.accounts import Account
from gtmos.runtime.binaries import Binaries
from gtmos.runtime.faults import StoreFault
from gtmos.runtime.places import Places
from gtmos.runtime.ports import FIRST, LAST, free_port, is_free
from gtmos.runtime.programs import end, last_lines, rotate, spawn

# Nothing of the operator's PGPORT, LC_COLLATE and their kin reaches the servers.
ENVIRON = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
CRASH_SECONDS = 20  # how long what a killed server left behind may keep the next one from starting


class Server:
    """Start, stop and kill one server; `port` stays the same between starts."""

    name: ClassVar[str]
    start_seconds: ClassVar[float]
    stop_seconds: ClassVar[float]
    stop_signal: ClassVar[signal.Signals]

    def __init__(
        self, places: Places, binaries: Binaries, account: Account | None, *, port: int, durable: bool = True
    ) -> None:
        self.places = places
        self.binaries = binaries
        self.account = account
        self.port = port
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def orphan_signal(self) -> signal.Signals:
        """What the kernel sends it when we die; one that nobody above us can have told it to ignore."""
        return signal.SIGKILL

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def log(self) -> Path:
        return self.places.log(self.name)

    def start(self) -> None:
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start without waiting, so that both servers may start at once."""
        if self.is_running:
            return
        self.prepare()
        rotate(self.log)
        self.process = self._spawn()

    def wait_ready(self) -> None:
        begun_at = time.monotonic()
        while not self.answers():
            waited = time.monotonic() - begun_at
            if waited > self.start_seconds:
                raise StoreFault(self.failure("did not become ready"))
            if not self.is_running:
                self._try_again(waited)
            time.sleep(0.01)

    def stop(self) -> None:
        """Orderly where the data are to be kept, at once where they are not."""
        if self.process is None:
            return
        signals = (self.stop_signal, signal.SIGQUIT) if self.durable else (signal.SIGQUIT,)
        end(self.process, *signals, seconds=self.stop_seconds)

    def kill(self) -> None:
        """As a crash would: no warning, nothing flushed. For tests that prove nothing is lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def prepare(self) -> None:
        """Make what the server needs, and end one that an earlier run left behind."""
        raise NotImplementedError

    def argv(self) -> list[str | Path]:
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether our server, known by its password, is there and ready."""
        raise NotImplementedError

    def may_try_again(self) -> bool:
        """Whether what stopped the server while starting passes by itself."""
        return False

    def failure(self, what: str) -> str:
        return f"The embedded {self.name} {what}. The end of {self.log}:\n{last_lines(self.log)}"

    def _try_again(self, waited: float) -> None:
        if waited > CRASH_SECONDS or not self.may_try_again():
            raise StoreFault(self.failure("stopped while starting"))
        time.sleep(0.1)
        self.process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        return spawn(
            self.argv(),
            log=self.log,
            environ=ENVIRON,
            account=self.account,
            at_parent_death=self.orphan_signal,
        )


def port_for(wanted: int | None) -> int:
    """The port of the last run where it is still free, so that open programs find their store again."""
    return wanted if wanted and FIRST <= wanted <= LAST and is_free(wanted) else free_port()
