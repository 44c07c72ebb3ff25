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
from gtmos.runtime.programs import last_lines
from gtmos.runtime.servers import Server
from gtmos.runtime.stores import Stores

READY_SECONDS = 120.0
ALMOST_SECONDS = 20.0  # when only a part is not ready by then, we say the address anyway
HOPELESS_STARTS = 4
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
        run_directory(self.env.home).mkdir(exist_ok=True)
        prepared_mark(self.env.home).unlink(missing_ok=True)
        self._await_port()

    def _await_port(self) -> None:
        give_up_at = time.monotonic() + 3  # an earlier run that was killed may still be on its way out
        while not is_free(self.env.port):
            if time.monotonic() > give_up_at:
                raise StoreFault(f"Port {self.env.port} is in use. Choose another: PORT=9000 make run")
            time.sleep(BEAT_SECONDS)

    def _watch(self) -> None:
        prepared_at: float | None = None
        announced = False
        while not self.stopping:
            self._keep_alive()
            if prepared_at is None:
                prepared_at = time.monotonic() if self._is_prepared() else None
            elif not announced:
                announced = self._announce(time.monotonic() - prepared_at)
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
            _say(*filter(None, (prepared_mark(self.env.home).read_text(), self._ready_line())))
            return True
        if waited > READY_SECONDS or self._child("web").failures >= HOPELESS_STARTS:
            raise StoreFault(f"The web server does not answer:\n{last_lines(self.logs / 'web.log')}")
        return False

    def _is_prepared(self) -> bool:
        """Migrations and the demo workspace take as long as they take, but their failure ends the start."""
        if prepared_mark(self.env.home).exists():
            return True
        background = self._child("background")
        if background.failures:
            raise StoreFault(f"The database could not be prepared:\n{last_lines(background.log)}")
        return False

    def _child(self, name: str) -> Child:
        return next(child for child in self.children if child.name == name)

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


def run_directory(home: Path) -> Path:
    """Process ids of the parts, for people and kill tests."""
    return home / "run"


def prepared_mark(home: Path) -> Path:
    """Is there once the database has been brought up to date in this run; says what else there is to say."""
    return run_directory(home) / "prepared"


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _text(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""
