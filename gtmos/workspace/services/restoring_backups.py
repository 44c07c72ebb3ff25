"""A backup read back: all of it or nothing, compared with what was saved, and locked until a person lets it send."""

import json
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history import checkpoints
from gtmos.kernel.schedule.place import PROCESS
from gtmos.runtime import dumps
from gtmos.workspace.selectors.digests import differences, digests
from gtmos.workspace.services.backups import (
    CHECKPOINT,
    DATABASE,
    FILES,
    FORMAT,
    MANIFEST,
    Manifest,
    database_place,
    digest_of,
    key_names,
)

# In the transaction of the restore, so that there is no moment at which the copy might send.
LOCK = f"""
    INSERT INTO public.kernel_heartbeat (process, beat_at, detail)
    VALUES ('{PROCESS}', now(), '{{"database": "restored"}}')
    ON CONFLICT (process) DO UPDATE SET beat_at = now(), detail = EXCLUDED.detail;
"""  # noqa: S608 -- a constant of the code
IN_USE = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    seconds: float
    age: timedelta


def restore_backup(path: Path, *, replace: bool = False, without_keys: bool = False) -> Restored:
    """What is there already is replaced only when asked for."""
    began = time.monotonic()
    with _opened(path) as archive:
        manifest = _manifest(archive)
        _refuse(manifest, replace=replace, without_keys=without_keys)
        with TemporaryDirectory(prefix="gtmos-restore-") as place:
            dumped = Path(place) / DATABASE
            with dumped.open("wb") as file:
                shutil.copyfileobj(_member(archive, DATABASE), file)
            connection.close()
            dumps.restore(dumped, database_place(), then=LOCK)
        _compare(manifest)
        _restore_files(archive, manifest)
        _restore_checkpoint(archive)
    return Restored(manifest, time.monotonic() - began, timezone.now() - manifest.moment)


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, mode="r:") as archive:
            yield archive
    except (OSError, tarfile.TarError) as error:
        raise DomainError(f"{path} cannot be read as a backup: {error}.", code="backup_unreadable") from error


def _member(archive: tarfile.TarFile, name: str) -> "tarfile.ExFileObject":
    try:
        found = archive.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise DomainError(f"The backup is not whole: {name} is missing.", code="backup_unreadable")
    return found  # type: ignore[return-value]


def _manifest(archive: tarfile.TarFile) -> Manifest:
    """It is written last, so an archive that was cut short has none."""
    known = json.loads(_member(archive, MANIFEST).read())
    if known.get("format") != FORMAT:
        raise DomainError("This backup was made by another version of the product.", code="backup_unreadable")
    return Manifest(**known)


def _refuse(manifest: Manifest, *, replace: bool, without_keys: bool) -> None:
    known = {tuple(each) for each in MigrationLoader(None).disk_migrations or {}}
    newer = sorted("/".join(each) for each in manifest.migrations if tuple(each) not in known)
    if newer:
        raise DomainError(
            f"This backup was made by a newer version of the product: it knows {', '.join(newer[:3])}. "
            "Restore it with that version.",
            code="backup_newer",
        )
    if not without_keys:
        _refuse_other_keys(manifest)
    with connection.cursor() as cursor:
        cursor.execute(IN_USE)
        if cursor.fetchone()[0]:
            raise DomainError("The database is in use. Stop the product first.", code="database_in_use")
    if not replace and connection.introspection.table_names():
        raise DomainError(
            "There is data here already. Say --replace to lose it, or set GTMOS_HOME to a new directory.",
            code="not_empty",
        )


def _refuse_other_keys(manifest: Manifest) -> None:
    present = key_names()
    wrong = [] if present["SECRET_KEY"] == manifest.keys["SECRET_KEY"] else ["SECRET_KEY"]
    if not set(manifest.keys["GTMOS_SECRETS_KEYS"]) <= set(present["GTMOS_SECRETS_KEYS"]):
        wrong.append("GTMOS_SECRETS_KEYS")
    if wrong:
        raise DomainError(
            f"{' and '.join(wrong)} differ from those the backup was made with. Set them as they were: without them "
            "erased people who refused are not known again, links in sent mails lead nowhere and kept secrets "
            "cannot be read. --without-keys restores all the same.",
            code="other_keys",
        )


@transaction.atomic
def _compare(manifest: Manifest) -> None:
    """The lock is the one row that differs."""
    wanted = {name: each for name, each in manifest.digests.items() if name != "kernel_heartbeat"}
    found = {name: each for name, each in digests().items() if name != "kernel_heartbeat"}
    wrong = list(differences(wanted, found))
    if wrong:
        raise DomainError(
            f"The restored database is not what was saved: {'; '.join(wrong[:10])}.", code="not_equal"
        )


def _restore_files(archive: tarfile.TarFile, manifest: Manifest) -> None:
    """Beside the present ones first, so that a restore that is killed leaves those that were there."""
    root = Path(settings.MEDIA_ROOT)
    draft, old = root.with_name(f"{root.name}.restored"), root.with_name(f"{root.name}.replaced")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, wanted in manifest.files.items():
        content = _member(archive, f"{FILES}/{name}").read()
        target = (draft / name).resolve()
        if digest_of(content) != wanted or not target.is_relative_to(draft.resolve()):
            raise DomainError(f"The file {name} is not what was saved.", code="not_equal")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    shutil.rmtree(old, ignore_errors=True)
    if root.exists():
        root.rename(old)
    draft.rename(root)
    shutil.rmtree(old, ignore_errors=True)


def _restore_checkpoint(archive: tarfile.TarFile) -> None:
    """A newer one that was here stays beside it: it shows what this restore gave up."""
    here = checkpoints.path()
    if here.exists():
        here.replace(here.with_name(f"{here.name}.replaced"))
    if CHECKPOINT in archive.getnames():
        here.parent.mkdir(parents=True, exist_ok=True)
        here.write_bytes(_member(archive, CHECKPOINT).read())
