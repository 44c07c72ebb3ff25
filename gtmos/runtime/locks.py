"""File locks: the kernel gives them back when a process dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path


class FileLock:
    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(
            path, os.O_RDWR | os.O_CREAT, 0o600
        )  # closed on exec: programs never hold it

    def take(self, *, shared: bool = False) -> None:
        """Wait for it. Taking a lock that one holds in the other way changes it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def take_within(self, seconds: float) -> bool:
        """Take it alone, waiting no longer than this."""
        give_up_at = time.monotonic() + seconds
        while not self._try():
            if time.monotonic() >= give_up_at:
                return False
            time.sleep(0.05)
        return True

    def release(self) -> None:
        os.close(self._descriptor)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
