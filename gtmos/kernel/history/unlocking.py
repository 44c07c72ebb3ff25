"""The two purposes for which the database lets the history be touched. Each ends with the transaction."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import connection


@contextmanager
def _unlocked(purpose: str) -> Iterator[None]:
    """Where something fails in between, the transaction takes the flag back with everything else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [purpose])
        yield
        cursor.execute("SELECT set_config(%s, 'off', true)", [purpose])


def rewriting() -> AbstractContextManager[None]:
    """For an erasure: the content of changes and facts may be emptied."""
    return _unlocked("gtmos.rewriting")


def forgetting() -> AbstractContextManager[None]:
    """For retention: facts that are old may go."""
    return _unlocked("gtmos.forgetting")
