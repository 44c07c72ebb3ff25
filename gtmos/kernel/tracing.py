"""Which request the present work belongs to, for the audit log and the refusals of the API."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,40}")


def named_request(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A name given by the proxy in front is kept when it is one; the answer says it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = _request_id.set(given if _GIVEN.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = get_response(request)
            response.setdefault("X-Request-ID", _request_id.get())
        finally:
            _request_id.reset(token)
        return response

    return middleware


def request_id() -> str:
    """Empty in background work."""
    return _request_id.get()
