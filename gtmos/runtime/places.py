"""Where one installation keeps its state."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from gtmos.runtime.accounts import Account, can_reach, store_account
from gtmos.runtime.faults import StoreFault

PROJECT = Path(__file__).resolve().parent.parent.parent


def home_from(environ: Mapping[str, str]) -> Path:
    """GTMOS_HOME as gtmos.env reads it; needed here before that module may read the stores' addresses."""
    return Path(environ.get("GTMOS_HOME", "").strip() or PROJECT / "var").expanduser().absolute()


@dataclass(frozen=True, slots=True)
class Places:
    home: Path
    stores: Path  # the servers' own data; elsewhere when their account cannot reach the home

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def state(self) -> Path:
        """Ports and process ids of the running stores."""
        return self.home / "stores.json"

    @property
    def owner_lock(self) -> Path:
        """Held by the process that runs the stores."""
        return self.home / "stores.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by every command that uses stores it may not have started."""
        return self.home / "stores.users"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def password(self) -> str:
        """The stores' password, made on first use; only the owner lock's holder and later readers call this."""
        path = self.home / "stores.password"
        if not path.exists():
            write_private(path, token_hex(24))
        return path.read_text()


def places_of(home: Path, account: Account | None) -> Places:
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreFault(
            f"{home} cannot be used ({error.strerror}). Set GTMOS_HOME to a directory you may write to."
        ) from error
    if can_reach(home, account):
        stores = home / "stores"
    else:
        stores = system_directory() / sha256(str(home).encode()).hexdigest()[:16]
    stores.mkdir(parents=True, exist_ok=True)
    return Places(home, stores)


def system_directory() -> Path:
    """A directory of root's that every account may pass through; survives a restart of the machine."""
    base = next(each for each in (Path("/var/lib"), Path("/var/tmp")) if os.access(each, os.W_OK))  # noqa: S108 -- its owner is checked below
    directory = base / "gtmos"
    (directory / "binaries").mkdir(parents=True, exist_ok=True)
    if directory.stat().st_uid != os.geteuid():
        raise StoreFault(
            f"{directory} belongs to someone else. Remove it, or set DATABASE_URL and REDIS_URL."
        )
    return directory


def temporary_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="gtmos-"))
    if store_account():
        home.chmod(0o711)  # the servers' account passes through; nobody lists it
    return home


def private_directory(path: Path, account: Account | None) -> Path:
    """A directory only the store account may enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(path, account.uid, account.gid)
    return path


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Replace a file in one step; only its owner may read it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if account:
            os.fchown(file.fileno(), account.uid, account.gid)
    draft.replace(path)


def read_json(path: Path) -> dict[str, int]:
    """The numbers in a state file; nothing when it is missing or was cut short."""
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {key: value for key, value in content.items() if isinstance(value, int)}
