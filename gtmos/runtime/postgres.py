"""The embedded PostgreSQL server."""

import signal
import subprocess
import sys
from pathlib import Path

import psycopg

from gtmos.runtime.faults import StoreFault
from gtmos.runtime.places import Places, private_directory, write_private
from gtmos.runtime.ports import LOOPBACK
from gtmos.runtime.programs import end_orphan, last_lines, spawn
from gtmos.runtime.servers import ENVIRON, Server

NAME = "gtmos"  # of the role and of the database
# The same bytewise collation on every operating system; lists order by Lower() where people read them.
LOCALE = ("-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
# Two cores and little memory: short queries, few processes, connections for web, worker and commands.
TUNING = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "temp_buffers": "32MB",  # the part of a file that is merged stays in memory; taken by a session only as it needs
    "wal_buffers": "16MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "io_workers": "2",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_duration_statement": "2000",
}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
# For tests alone: a crash of the machine may lose what was committed.
HASTY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# One request to the kernel instead of one for each of a thousand files, where the kernel knows it.
SYNC = "--sync-method=syncfs" if sys.platform == "linux" else "--sync-method=fsync"
# What a killed server leaves for the moment its own children need to notice.
PASSING = ("pre-existing shared memory block", "lock file", "Address already in use")


class Postgres(Server):
    name = "postgres"
    start_seconds = 120.0  # recovery after a crash replays up to a gigabyte
    stop_seconds = 30.0  # a checkpoint writes what is still in memory
    stop_signal = signal.SIGINT  # fast: open transactions end, everything committed is kept
    is_temporary = False  # a new directory that nobody needs after a crash of the machine is not synced

    @property
    def orphan_signal(self) -> signal.Signals:
        """It handles both itself; an immediate end is enough where nothing must last."""
        return self.stop_signal if self.durable else signal.SIGQUIT

    @property
    def data(self) -> Path:
        return self.places.stores / "postgres" / "data"

    @property
    def url(self) -> str:
        return address(self.places, self.port)

    def prepare(self) -> None:
        private_directory(self.data.parent, self.account)
        if not self.data.exists():
            self._initialise()
        self._refuse_other_version()
        self._end_predecessor()

    def argv(self) -> list[str | Path]:
        settings = {**TUNING, **(DURABLE if self.durable else HASTY), "port": str(self.port)}
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [self.binaries.postgres / "postgres", "-D", self.data, *flags]

    def answers(self) -> bool:
        try:
            with psycopg.connect(
                address(self.places, self.port, "postgres"), connect_timeout=2, autocommit=True
            ) as connection:
                _make_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def may_try_again(self) -> bool:
        lines = last_lines(self.log, 6)
        return any(words in lines for words in PASSING)

    def _initialise(self) -> None:
        draft = self.data.with_name(
            "draft"
        )  # renamed when complete: an interrupted start leaves no half of it
        secret = self.data.with_name("secret")
        write_private(secret, self.places.password(), self.account)
        sync = "--no-sync" if self.is_temporary or not self.durable else SYNC
        self._to_end("/bin/rm", "-rf", draft)
        self._to_end(
            *(self.binaries.postgres / "initdb", "-D", draft, "-U", NAME),
            *("--auth=scram-sha-256", f"--pwfile={secret}", *LOCALE, sync),
        )
        secret.unlink()
        draft.rename(self.data)

    def _to_end(self, *argv: str | Path) -> None:
        if spawn(argv, log=self.log, environ=ENVIRON, account=self.account).wait() != 0:
            raise StoreFault(self.failure("could not be set up"))

    def _refuse_other_version(self) -> None:
        command = (self.binaries.postgres / "postgres", "--version")
        ours = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1]
        theirs = (self.data / "PG_VERSION").read_text().strip()
        if ours.split(".", maxsplit=1)[0] != theirs:
            raise StoreFault(
                f"{self.data} was made by PostgreSQL {theirs}, this is {ours}. Dump it with the other version's "
                "pg_dump and restore it here, or set GTMOS_HOME to a new directory."
            )

    def _end_predecessor(self) -> None:
        """A server that lost its supervisor, or still writes its last checkpoint, holds the directory."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        first = lock.read_text().partition("\n")[0].strip()
        if first.isdecimal():
            end_orphan(int(first), mark=str(self.data), polite=self.stop_signal, seconds=self.stop_seconds)
        # Whoever has this number now is not our server; PostgreSQL would take it for one and refuse to start.
        lock.unlink(missing_ok=True)


def address(places: Places, port: int, database: str = NAME) -> str:
    return f"postgresql://{NAME}:{places.password()}@{LOOPBACK}:{port}/{database}"


def is_there(places: Places, port: int) -> bool:
    """Whether the server of these places takes connections on this port."""
    try:
        psycopg.connect(address(places, port), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_database(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
    if known is None:
        connection.execute(f"CREATE DATABASE {NAME}")
