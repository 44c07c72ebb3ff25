"""Everything under one process: order of start, restart of what dies, order of stop."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from gtmos.env import BASE_DIR, Environment, env
from gtmos.runtime.children import THREADS, Child, children
from gtmos.runtime.faults import StoreFault
from gtmos.runtime.ports import is_free
from gtmos.runtime.programs import end, last_lines, spawn
from gtmos.runtime.servers import Server
from gtmos.runtime.stores import Stores

READY_SECONDS = 120.0
ALMOST_SECONDS = 20.0  # when only a part is not ready by then, we say the address anyway
CHILD_STOP_SECONDS = 3.0
BEAT_SECONDS = 0.1


def supervise() -> None:
    """`manage.py up`. Loads no Django: this process stays small and has nothing to fail on."""
    try:
        Supervisor(env).run()
    except StoreFault as fault:
        sys.exit(str(fault))


class Supervisor:
    """`run()` returns when somebody asked it to stop."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.stores = None if env.database_url and env.redis_url else Stores(env.home)
        self.logs = env.home / "logs"
        self.children: list[Child] = []
        self.stopping = False

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            self._start_stores()
            self._prepare()
            self.children = children(self.env.port, self._environ(), self.logs)
            self._watch()
        finally:
            self._stop()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.stopping = True

    def _environ(self) -> dict[str, str]:
        """What every child is told: nothing is left for it to find out by itself."""
        stores = self.stores.environment() if self.stores else {}
        given = {name: value for name, value in os.environ.items() if value}
        ours = {"GTMOS_HOME": str(self.env.home), "PORT": str(self.env.port), "PYTHONPATH": str(BASE_DIR)}
        return {**THREADS, **stores, **given, **ours}

    def _start_stores(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        if self.stores is not None:
            self.stores.start()
        self._await_port()

    def _await_port(self) -> None:
        give_up_at = time.monotonic() + 3  # an earlier run that was killed may still be on its way out
        while not is_free(self.env.port):
            if time.monotonic() > give_up_at:
                raise StoreFault(f"Port {self.env.port} is in use. Choose another: PORT=9000 make run")
            time.sleep(BEAT_SECONDS)

    def _prepare(self) -> None:
        if not self._once("migrate", "--no-input", "-v", "0"):
            raise StoreFault("The database could not be brought up to date; the reason stands above.")
        if not self.env.production and not self._once("seed_demo", "--if-empty"):
            _say("The demo workspace could not be made; the reason stands above. Starting without it.")

    def _once(self, *words: str) -> bool:
        """Run one command to its end, or to ours."""
        if self.stopping:
            return True
        command = [sys.executable, "manage.py", *words]
        process = spawn(command, log=None, environ=self._environ(), directory=BASE_DIR)
        while process.poll() is None and not self.stopping:
            time.sleep(0.02)
        end(process, signal.SIGTERM, seconds=CHILD_STOP_SECONDS)
        return process.returncode == 0 or self.stopping

    def _watch(self) -> None:
        started_at = time.monotonic()
        announced = False
        while not self.stopping:
            self._keep_alive()
            if not announced:
                announced = self._announce(time.monotonic() - started_at)
            time.sleep(BEAT_SECONDS)

    def _keep_alive(self) -> None:
        for server in self.stores.servers if self.stores else ():
            if not server.is_running:
                self._revive(server)
        for child in self.children:
            child.keep_alive()

    def _revive(self, server: Server) -> None:
        """A store that died comes back on the same port; when it cannot, the next round tries again."""
        _say(f"{server.name} ended and is started again; see {server.log}")
        try:
            server.start()
        except StoreFault as fault:
            _say(str(fault))
            time.sleep(1)

    def _announce(self, waited: float) -> bool:
        if self._answers("/readyz") or (waited > ALMOST_SECONDS and self._answers("/healthz")):
            _say(self._ready_line())
            return True
        if waited > READY_SECONDS:
            raise StoreFault(f"The web server does not answer:\n{last_lines(self.logs / 'web.log')}")
        return False

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.env.port}{path}", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _ready_line(self) -> str:
        line = f"ready: http://127.0.0.1:{self.env.port}"
        if self.env.production:
            return line
        note = self.env.home / "sign_in"
        how = _text(note) or f"sign in as demo@gtmos.example / {self.env.demo_password}"
        return f"{line}  {how}"

    def _stop(self) -> None:
        """First those who use the stores, all at once, so that it takes as long as the slowest; then the stores."""
        give_up_at = time.monotonic() + CHILD_STOP_SECONDS
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.await_end(give_up_at - time.monotonic())
        if self.stores is not None:
            self.stores.stop()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _text(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
