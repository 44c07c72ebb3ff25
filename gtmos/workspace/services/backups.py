"""A backup: the database at one moment, the files and the checkpoint of the history, in one archive.

The keys are not in it, because whoever finds the archive must not read the secrets; they go into a file of their own.
"""

import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history import checkpoints
from gtmos.runtime import dumps
from gtmos.workspace.selectors.digests import SEQUENCE, Digests, digests

FORMAT = 1
MANIFEST, DATABASE, CHECKPOINT, FILES = "manifest.json", "database.dump", "checkpoint.json", "files"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in the archive, and how to tell that all of it came back."""

    taken_at: str
    migrations: list[list[str]]
    keys: dict[str, str | list[str]]
    digests: Digests
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(int(each[0]) for name, each in self.digests.items() if not name.startswith(SEQUENCE))

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.taken_at)


@dataclass(frozen=True, slots=True)
class Taken:
    manifest: Manifest
    seconds: float
    size: int


def take_backup(path: Path) -> Taken:
    """Write the archive; it appears under its name only when it is whole."""
    began = time.monotonic()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with TemporaryDirectory(prefix="gtmos-backup-", dir=path.parent) as place, _private(draft) as file:
            manifest = _write(file, Path(place) / DATABASE)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return Taken(manifest, time.monotonic() - began, path.stat().st_size)


def keep_keys(path: Path) -> None:
    """The keys, readable by their owner alone. Whoever has them and the archive has everything."""
    with _private(path) as file:
        keys = {"SECRET_KEY": settings.SECRET_KEY, "GTMOS_SECRETS_KEYS": ",".join(settings.SECRETS_KEYS)}
        file.write(json.dumps(keys, indent=1).encode())


def key_names() -> dict[str, str | list[str]]:
    """Which keys this installation has; nothing of them can be read off."""
    return {
        "SECRET_KEY": name_of_key(settings.SECRET_KEY),
        "GTMOS_SECRETS_KEYS": [name_of_key(key) for key in settings.SECRETS_KEYS],
    }


def name_of_key(key: str) -> str:
    return hashlib.sha256(b"backup key name" + key.encode()).hexdigest()[:16]


def database_place() -> dict[str, str]:
    """Where the database is, as PostgreSQL's programs are told."""
    known = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return {name: str(known[setting]) for name, setting in names.items() if known[setting]}


def _write(file: Any, dumped: Path) -> Manifest:
    """The database first: a file that goes meanwhile is one that nothing shall lead to any more."""
    taken_at, found = _dump(dumped)
    names = MigrationRecorder(connection).applied_migrations()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.add(dumped, DATABASE)
        if checkpoints.path().exists():
            _add(archive, CHECKPOINT, checkpoints.path().read_bytes())
        manifest = Manifest(
            taken_at=taken_at.isoformat(),
            migrations=sorted([app, name] for app, name in names),
            keys=key_names(),
            digests=found,
            files=dict(_add_files(archive)),
        )
        _add(archive, MANIFEST, json.dumps(asdict(manifest)).encode())
    return manifest


def _dump(into: Path) -> tuple[datetime, Digests]:
    """The dump and the digests see one and the same moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        taken_at = timezone.now()
        found = digests()
        dumps.dump(database_place(), into, snapshot=snapshot)
    return taken_at.astimezone(UTC), found


def _add_files(archive: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    """Each with its digest, one in memory at a time."""
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(each for each in root.rglob("*") if each.is_file()):
        name = path.relative_to(root).as_posix()
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # erased a moment ago
            continue
        _add(archive, f"{FILES}/{name}", content)
        yield name, digest_of(content)


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, int(time.time())
    archive.addfile(member, io.BytesIO(content))


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise DomainError(f"{path} cannot be written: {error.strerror}.", code="not_writable") from error
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
