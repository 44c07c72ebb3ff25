"""What a web worker serves: files, the live socket, and everything else by threads.

Pages and the API are synchronous, so each request runs whole in one thread: Django's own asynchronous handler would
change threads several times for each, which costs more than most pages do. docs/decisions/0008-threads-for-pages.md.
"""

import os
from typing import Any
from wsgiref.headers import Headers

from a2wsgi import WSGIMiddleware
from asgi_gzip import GZipMiddleware  # type: ignore[import-untyped]  # it ships no types
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gtmos.settings")
pages: Any = get_wsgi_application()

# The consumers' imports need Django's registry, which the line above has filled.
from channels.auth import AuthMiddlewareStack  # noqa: E402 -- see above
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 -- see above
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402 -- see above
from django.conf import settings  # noqa: E402 -- see above
from django.contrib.staticfiles.finders import get_finders  # noqa: E402 -- see above
from django.urls import path  # noqa: E402 -- see above
from servestatic import ServeStaticASGI  # noqa: E402 -- see above

import gtmos.celery  # noqa: E402 -- so that jobs go to the configured broker
from gtmos.workspace.consumers import LiveConsumer  # noqa: E402 -- see above

assert gtmos.celery.app
PACKED = (".css", ".js", ".svg")  # fonts and pictures are compressed already
NEEDS_LENGTH = b"Send the length of the body (Content-Length); bodies in chunks are not read."


def _never_guess(headers: Headers, file: str, url: str) -> None:
    del file, url
    headers["X-Content-Type-Options"] = "nosniff"


def _files() -> ServeStaticASGI:
    """Every file that a finder knows, with the types and ages of the settings."""
    files = ServeStaticASGI(
        None,
        # Otherwise sizes are those of the start, and an edited file arrives cut off (ERR_CONTENT_LENGTH_MISMATCH).
        autorefresh=not settings.PRODUCTION,
        add_headers_function=_never_guess,
    )
    for finder in get_finders():
        for storage in getattr(finder, "storages", {}).values():
            files.add_files(storage.location, prefix=settings.STATIC_URL + getattr(storage, "prefix", ""))
    return files


class Site:
    """Files from the disk; the rest from Django, in a thread."""

    def __init__(self) -> None:
        self.files = _files()
        self.packed_files = GZipMiddleware(self.files)  # browsers keep them, so each is compressed rarely
        self.pages: Any = WSGIMiddleware(pages, workers=settings.WEB_THREADS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith(settings.STATIC_URL):
            files = self.packed_files if scope["path"].endswith(PACKED) else self.files
            await files(scope, receive, send)
            return
        names = {name for name, _ in scope["headers"]}
        if b"transfer-encoding" in names and b"content-length" not in names:
            await _refuse(send)
            return
        # An underscore would let a header pass for another one, which a proxy in front has set or removed.
        headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
        await self.pages({**scope, "headers": headers}, receive, send)


async def _refuse(send: Any) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(NEEDS_LENGTH)),
    ]
    await send({"type": "http.response.start", "status": 411, "headers": headers})
    await send({"type": "http.response.body", "body": NEEDS_LENGTH})


application = ProtocolTypeRouter(
    {
        "http": Site(),
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter([path("live/", LiveConsumer.as_asgi())]))
        ),
    }
)
