"""Configuration in the memory of each process, for as long as its token in the database is the same.

The token changes with every definition, rule, territory and version of routing. It is asked for with one
small statement for each request, and outside of requests each time.
"""

from collections.abc import Callable
from typing import Generic, TypeVar
from uuid import UUID

from django.db import connection

from gtmos.kernel.once import forget, once

T = TypeVar("T")
ONCE = "configuration_token"


class Picture(Generic[T]):
    """What `read` gives, read anew when the token is another; without a token each time. Nobody changes it."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._kept: tuple[UUID, T] | None = None

    def now(self) -> T:
        token, kept = token_now(), self._kept
        if kept is not None and kept[0] == token:
            return kept[1]
        # The token came first: what is read after it is as new as it says, or newer.
        value = self._read()
        self._kept = (token, value) if token is not None else None
        return value


def token_now() -> UUID | None:
    """None in a house where nothing was ever configured."""
    return once(ONCE, _token)


def _token() -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM kernel_schemastate WHERE id = 1")
        row = cursor.fetchone()
    return row[0] if row else None


def configuration_changed() -> None:
    """In this very burst too. The token itself changes by `definitions_changed` or by a trigger of the table."""
    forget(ONCE)
