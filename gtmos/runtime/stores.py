"""The embedded stores of one installation: run by one process, used by any number."""

import atexit
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from gtmos.runtime.accounts import store_account
from gtmos.runtime.binaries import find_binaries
from gtmos.runtime.faults import StoreFault
from gtmos.runtime.places import Places, home_from, places_of, read_json, write_private
from gtmos.runtime.servers import Postgres, Valkey, port_for

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
        self.postgres = Postgres(
            self.places, binaries, account, port=port_for(known.get("postgres_port")), durable=durable
        )
        self.valkey = Valkey(self.places, binaries, account, port=port_for(known.get("valkey_port")))
        self._lock: TextIOWrapper | None = None

    @property
    def addresses(self) -> Addresses:
        return Addresses(self.postgres.url, self.valkey.url)

    def start(self, *, wait_seconds: float = OWNER_WAIT_SECONDS) -> None:
        self._lock = _take(self.places.owner_lock, wait_seconds)
        if self._lock is None:
            raise StoreFault(
                f"Another process runs the stores in {self.places.home}. Stop it first, or set GTMOS_HOME."
            )
        self.postgres.start()
        self.valkey.start()
        self.note_state()

    def note_state(self) -> None:
        state = {
            "postgres_port": self.postgres.port,
            "postgres_pid": self.postgres.pid,
            "valkey_port": self.valkey.port,
            "valkey_pid": self.valkey.pid,
            "owner_pid": os.getpid(),
        }
        write_private(self.places.state, json.dumps(state))

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def running(home: Path) -> Addresses | None:
    """The addresses of the stores that somebody else runs for this home, or none."""
    places = places_of(home, store_account())
    held = _take(places.owner_lock, 0)
    if held is not None:
        held.close()
        return None
    give_up_at = time.monotonic() + OWNER_WAIT_SECONDS
    while time.monotonic() < give_up_at:
        known = read_json(places.state)
        owner = known.get("owner_pid", 0)
        if owner and _alive(owner):
            return _addresses_of(places, known)
        time.sleep(0.05)
    return None


def attach(home: Path | None = None) -> Addresses:
    """Use the stores of this home: those that run, or our own until this process ends."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return Addresses(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
    where = home or home_from(os.environ)
    addresses = running(where)
    if addresses is None:
        addresses = _run_until_exit(where)
    else:
        _hold_as_user(where)
    addresses.publish()
    return addresses


@contextmanager
def throwaway(*, durable: bool = True) -> Iterator[Stores]:
    """Stores in a directory of their own that is gone afterwards; GTMOS_HOME points to it meanwhile."""
    home = Path(tempfile.mkdtemp(prefix="gtmos-"))
    home.chmod(0o755)
    stores = Stores(home, durable=durable)
    try:
        stores.start()
        yield stores
    finally:
        stores.stop()
        shutil.rmtree(stores.places.stores, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def _run_until_exit(home: Path) -> Addresses:
    stores = Stores(home)
    stores.start()
    owner = os.getpid()

    def leave() -> None:
        if os.getpid() == owner:  # a forked child must not stop its parent's stores
            _wait_for_users(stores.places)
            stores.stop()

    atexit.register(leave)
    return stores.addresses


def _addresses_of(places: Places, known: dict[str, int]) -> Addresses:
    secret = places.password()
    return Addresses(
        f"postgresql://gtmos:{secret}@127.0.0.1:{known['postgres_port']}/gtmos",
        f"redis://:{secret}@127.0.0.1:{known['valkey_port']}/0",
    )


_held: list[TextIOWrapper] = []


def _hold_as_user(home: Path) -> None:
    """While we live, a command that started the stores for itself waits before it stops them."""
    places = places_of(home, store_account())
    file = places.users_lock.open("a")
    fcntl.flock(file, fcntl.LOCK_SH)
    _held.append(file)


def _wait_for_users(places: Places) -> None:
    with places.users_lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def _take(path: Path, seconds: float) -> TextIOWrapper | None:
    file = path.open("a")
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up_at:
                file.close()
                return None
            time.sleep(0.05)
        else:
            return file


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
