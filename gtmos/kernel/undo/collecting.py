"""Which changes a piece of work wrote. Pure."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_made: ContextVar[list[int] | None] = ContextVar("changes_made", default=None)


def note(change_id: int) -> None:
    made = _made.get()
    if made is not None:
        made.append(change_id)


@contextmanager
def collected() -> Iterator[list[int]]:
    """What is noted inside, in order; an outer collection does not see it."""
    made: list[int] = []
    token = _made.set(made)
    try:
        yield made
    finally:
        _made.reset(token)
