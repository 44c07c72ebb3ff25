"""Which system account the store servers run as. PostgreSQL refuses root, so root steps down to `nobody`."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from gtmos.runtime.faults import StoreFault


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int


def store_account() -> Account | None:
    """None means: as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise StoreFault(
            "PostgreSQL does not run as root and this machine has no account `nobody`. "
            "Start as a plain user, or set DATABASE_URL and REDIS_URL."
        ) from error
    return Account(entry.pw_uid, entry.pw_gid)


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether the account may pass through every directory down to this one; missing ones will be made by us."""
    if account is None:
        return True
    resolved = path.resolve()
    return all(_open_to(each, account) for each in (resolved, *resolved.parents) if each.exists())


def _open_to(directory: Path, account: Account) -> bool:
    status = directory.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    return bool(status.st_mode & stat.S_IXOTH)
