"""Which run of a workflow the work of this moment goes back to, through whatever listens in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_run: ContextVar[UUID | None] = ContextVar("causing_run", default=None)


@contextmanager
def caused_by(run_id: UUID | None) -> Iterator[None]:
    token = _run.set(run_id)
    try:
        yield
    finally:
        _run.reset(token)


def causing_run() -> UUID | None:
    return _run.get()
