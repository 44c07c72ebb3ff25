"""The two store servers: PostgreSQL and Valkey, each as a child of the process that runs the stores."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import psycopg

from gtmos.runtime.accounts import Account
from gtmos.runtime.binaries import Binaries
from gtmos.runtime.faults import StoreFault
from gtmos.runtime.places import Places, private_directory, write_private
from gtmos.runtime.ports import LOOPBACK, free_port, is_free
from gtmos.runtime.programs import end, end_orphan, last_lines, rotate, spawn

MAJOR = "18"
USER = "gtmos"
DATABASE = "gtmos"
START_SECONDS = 60.0  # crash recovery after a kill may take a while
TUNING = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
HASTY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Server:
    """Start, stop and kill one server; `port` stays the same between starts."""

    name = "server"

    def __init__(self, places: Places, binaries: Binaries, account: Account | None, *, port: int) -> None:
        self.places = places
        self.binaries = binaries
        self.account = account
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        if self.is_running:
            return
        self.prepare()
        rotate(self.places.log(self.name))
        self.process = spawn(
            self.argv(),
            log=self.places.log(self.name),
            environ=self.environ(),
            account=self.account,
            at_parent_death=signal.SIGINT,
        )
        self._wait_until(self.answers)

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, signal.SIGINT, signal.SIGQUIT, seconds=20)
            self.process = None

    def kill(self) -> None:
        """As a crash would: no warning, nothing flushed. For tests that prove nothing is lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def prepare(self) -> None:
        """Make what the server needs before its first start."""

    def argv(self) -> list[str | Path]:
        raise NotImplementedError

    def environ(self) -> Mapping[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}

    def answers(self) -> bool:
        raise NotImplementedError

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + START_SECONDS
        while not ready():
            if not self.is_running or time.monotonic() > give_up_at:
                self.kill()
                raise StoreFault(
                    f"The embedded {self.name} did not start. Its last lines:\n{last_lines(self.places.log(self.name))}"
                )
            time.sleep(0.02)


class Postgres(Server):
    """`durable=False` is for tests alone: a crash may lose what was committed."""

    name = "postgres"

    def __init__(
        self, places: Places, binaries: Binaries, account: Account | None, *, port: int, durable: bool = True
    ) -> None:
        super().__init__(places, binaries, account, port=port)
        self.durable = durable

    @property
    def data(self) -> Path:
        return self.places.stores / "postgres"

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.places.password()}@{LOOPBACK}:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        private_directory(self.data, self.account)
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initialise()
        elif version.read_text().strip() != MAJOR:
            raise StoreFault(
                f"{self.data} was made by PostgreSQL {version.read_text().strip()}, this is {MAJOR}. "
                "Dump it with the old version and restore it here, or set GTMOS_HOME to a new directory."
            )
        self._end_stale()

    def argv(self) -> list[str | Path]:
        tuning = {**TUNING, **({} if self.durable else HASTY)}
        options = [word for name, value in tuning.items() for word in ("-c", f"{name}={value}")]
        return [self.binaries.postgres / "postgres", "-D", self.data, "-p", str(self.port), *options]

    def answers(self) -> bool:
        try:
            with psycopg.connect(self._url_of("postgres"), connect_timeout=2, autocommit=True) as connection:
                self._make_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Kill the postmaster and wait for the children it leaves behind, which still hold its shared memory."""
        children = _descendants(self.pid)
        super().kill()
        for child in children:
            _wait_gone(child)

    def _initialise(self) -> None:
        secret = self.places.stores / ".initial-password"
        write_private(secret, self.places.password(), self.account)
        try:
            result = subprocess.run(
                [
                    str(self.binaries.postgres / "initdb"),
                    *("-D", str(self.data), "-U", USER, "--auth=scram-sha-256", "--pwfile", str(secret)),
                    *("-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                    "--no-sync",
                ],
                capture_output=True,
                check=False,
                env=dict(self.environ()),
                cwd="/",
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
            )
        finally:
            secret.unlink(missing_ok=True)
        if result.returncode:
            raise StoreFault(
                f"The embedded database could not be made: {result.stderr.decode(errors='replace')}"
            )

    def _end_stale(self) -> None:
        """A postmaster of an earlier run that lost its supervisor."""
        lock = self.data / "postmaster.pid"
        if lock.exists():
            first = lock.read_text().split("\n", 1)[0].strip()
            if first.isdecimal():
                end_orphan(int(first), mark=str(self.data), polite=signal.SIGINT, seconds=20)

    def _url_of(self, database: str) -> str:
        return f"postgresql://{USER}:{self.places.password()}@{LOOPBACK}:{self.port}/{database}"

    def _make_database(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


class Valkey(Server):
    """Broker and live updates. Nothing in it is the only copy of anything, so it keeps no file."""

    name = "valkey"

    @property
    def url(self) -> str:
        return f"redis://:{self.places.password()}@{LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        private_directory(self.places.stores / "valkey", self.account)
        write_private(
            self._config,
            f"bind {LOOPBACK}\nport {self.port}\nrequirepass {self.places.password()}\nsave ''\nappendonly no\n"
            f"dir {self.places.stores / 'valkey'}\nmaxmemory 256mb\nmaxmemory-policy noeviction\n",
            self.account,
        )

    @property
    def _config(self) -> Path:
        return self.places.stores / "valkey.conf"

    def argv(self) -> list[str | Path]:
        return [self.binaries.valkey, self._config]

    def answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as probe:
                probe.sendall(f"AUTH {self.places.password()}\r\nPING\r\n".encode())
                return b"+OK" in probe.recv(64)
        except OSError:
            return False


def port_for(wanted: int | None) -> int:
    """The port of the last run where it is still free, so that open programs find their store again."""
    return wanted if wanted and is_free(wanted) else free_port()


def _descendants(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _wait_gone(pid: int) -> None:
    try:
        psutil.Process(pid).wait(timeout=20)
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):
        return
