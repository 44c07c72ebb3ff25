"""Small facts that one request asks for many times are read once: who we are, the clock, the custom fields."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse

T = TypeVar("T")
_held: ContextVar[dict[str, Any] | None] = ContextVar("read_once", default=None)


def once(name: str, read: Callable[[], T]) -> T:
    """What `read` gives; outside of a burst it is read each time."""
    held = _held.get()
    if held is None:
        return read()
    if name not in held:
        held[name] = read()
    return cast("T", held[name])


def hold(name: str, value: object) -> None:
    """What was read along with something else, for whoever asks later in this burst."""
    held = _held.get()
    if held is not None:
        held[name] = value


def taken(name: str) -> Any:
    """What was held, once; None where nothing was."""
    return (_held.get() or {}).pop(name, None)


def forget(name: str) -> None:
    """After a change in this very burst."""
    (_held.get() or {}).pop(name, None)


@contextmanager
def burst() -> Iterator[None]:
    """For a request or a short piece of work."""
    before = _held.set({})
    try:
        yield
    finally:
        _held.reset(before)


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        with burst():
            return get_response(request)

    return answer
