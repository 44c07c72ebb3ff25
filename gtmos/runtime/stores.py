"""The embedded stores of one installation: run by one process, used by any number."""

import atexit
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gtmos.runtime import postgres, valkey
from gtmos.runtime.accounts import store_account
from gtmos.runtime.binaries import find_binaries
from gtmos.runtime.faults import StoreFault
from gtmos.runtime.janitor import Janitor
from gtmos.runtime.locks import FileLock
from gtmos.runtime.places import Places, home_from, places_of, read_json, temporary_home, write_private
from gtmos.runtime.ports import free_port
from gtmos.runtime.servers import Server, port_for

OWNER_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Addresses:
    database_url: str
    redis_url: str

    def publish(self) -> None:
        """Say them where `gtmos.env` reads; what the operator set stays."""
        for name, value in (("DATABASE_URL", self.database_url), ("REDIS_URL", self.redis_url)):
            if not os.environ.get(name):
                os.environ[name] = value


class Stores:
    """Both servers under one lock. `postgres` and `valkey` can be stopped, killed and started alone."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        account = store_account()
        self.places: Places = places_of(home, account)
        binaries = find_binaries(account)
        known = read_json(self.places.state)
        self.postgres = postgres.Postgres(
            self.places, binaries, account, port=port_for(known.get("postgres_port")), durable=durable
        )
        self.valkey = valkey.Valkey(
            self.places, binaries, account, port=port_for(known.get("valkey_port")), durable=durable
        )
        self._lock: FileLock | None = None

    @property
    def home(self) -> Path:
        return self.places.home

    @property
    def servers(self) -> tuple[Server, Server]:
        return (self.postgres, self.valkey)

    @property
    def addresses(self) -> Addresses:
        return Addresses(self.postgres.url, self.valkey.url)

    def environment(self) -> dict[str, str]:
        """What a process needs to know to use these stores and to listen where nobody else does."""
        return {
            "GTMOS_HOME": str(self.home),
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
        }

    def start(self, *, wait_seconds: float = OWNER_WAIT_SECONDS) -> None:
        """Both at once. Waits that long for another process to leave these stores."""
        lock = FileLock(self.places.owner_lock)
        if not lock.take_within(wait_seconds):
            raise StoreFault(
                f"Another process runs the stores in {self.home}. Stop it first, or set GTMOS_HOME."
            )
        self._lock = lock
        self._start_servers()

    def try_start(self) -> bool:
        """Start unless another process holds the stores."""
        lock = FileLock(self.places.owner_lock)
        if not lock.take_within(0):
            return False
        self._lock = lock
        self._start_servers()
        return True

    def note_state(self) -> None:
        """Where later commands find the servers."""
        state = {
            "postgres_port": self.postgres.port,
            "valkey_port": self.valkey.port,
            "owner_pid": os.getpid(),
        }
        write_private(self.places.state, json.dumps(state))

    def stop(self) -> None:
        for server in reversed(self.servers):
            server.stop()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _start_servers(self) -> None:
        with ExitStack() as undo:
            undo.callback(self.stop)
            for server in self.servers:
                server.launch()
            for server in self.servers:
                server.wait_ready()
            undo.pop_all()
        self.note_state()


def running(home: Path) -> Addresses | None:
    """The addresses of the stores that somebody runs for this home, or none."""
    places = places_of(home, store_account())
    known = read_json(places.state)
    if not {"postgres_port", "valkey_port"} <= known.keys():
        return None
    ports = known["postgres_port"], known["valkey_port"]
    if not (postgres.is_there(places, ports[0]) and valkey.is_there(places, ports[1])):
        return None
    return Addresses(postgres.address(places, ports[0]), valkey.address(places, ports[1]))


def attach(home: Path | None = None) -> Addresses:
    """Use the stores of this home: those that run, or our own until this process ends.

    Every command holds the users' lock in the shared way; the one that started the stores waits at its end until
    it can have that lock alone, so that no other command loses them half-way.
    """
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return Addresses(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
    where = home or home_from(os.environ)
    users = FileLock(places_of(where, store_account()).users_lock)
    users.take(shared=True)  # waits only while an owner is stopping its stores
    give_up_at = time.monotonic() + OWNER_WAIT_SECONDS
    while (addresses := running(where) or _run_until_exit(where, users)) is None:
        if time.monotonic() > give_up_at:
            raise StoreFault(
                f"Another process holds the stores in {where} and they do not answer. Stop it first."
            )
        time.sleep(0.05)
    _held.append(users)
    addresses.publish()
    return addresses


@contextmanager
def throwaway(*, durable: bool = True) -> Iterator[Stores]:
    """Started stores in a directory of their own, which is gone afterwards, also when we are killed."""
    stores = Stores(temporary_home(), durable=durable)
    stores.postgres.is_temporary = True
    janitor = Janitor(stores.places)
    try:
        stores.start()
        yield stores
    finally:
        stores.stop()
        janitor.finish()


def free_addresses() -> dict[str, str]:
    """Ports for everything the product listens on, beside another installation on the same machine."""
    return {name: str(free_port()) for name in ("PORT", "GTMOS_SANDBOX_SMTP_PORT", "GTMOS_INBOUND_PORT")}


_held: list[FileLock] = []  # until this process ends


def _run_until_exit(home: Path, users: FileLock) -> Addresses | None:
    stores = Stores(home)
    if not stores.try_start():
        return None
    owner = os.getpid()

    def leave() -> None:
        if os.getpid() != owner:  # a forked child must not stop its parent's stores
            return
        if not users.take_within(0):
            sys.stderr.write("Waiting for another command that uses the same stores.\n")
            users.take()
        stores.stop()

    atexit.register(leave)
    return stores.addresses
