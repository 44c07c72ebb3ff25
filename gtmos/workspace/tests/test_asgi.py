"""What the web worker itself decides, before a page is asked."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator

from gtmos.asgi import NEEDS_LENGTH, Site, application

HOST = (b"host", b"localhost")


def answered(
    path: str, *headers: tuple[bytes, bytes], method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    async def ask() -> tuple[int, dict[str, str], bytes]:
        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [HOST, *headers],
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
        }
        site = ApplicationCommunicator(application, scope)
        await site.send_input({"type": "http.request", "body": b"", "more_body": False})
        start = await site.receive_output(5)
        body = b""
        while (part := await site.receive_output(5)).get("more_body", False):
            body += part["body"]
        await site.wait()
        names = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return start["status"], names, body + part.get("body", b"")

    return async_to_sync(ask)()


def test_a_file_comes_with_its_type_and_browsers_may_not_guess_another() -> None:
    status, headers, body = answered("/static/js/live.js")

    assert (status, headers["x-content-type-options"]) == (200, "nosniff")
    assert headers["content-type"].startswith("text/javascript")
    assert len(body) == int(headers["content-length"])


def test_a_file_that_is_not_there_is_not_found() -> None:
    assert answered("/static/../manage.py")[0] == 404


def test_a_page_answers() -> None:
    status, _, body = answered("/healthz")

    assert (status, len(body) > 0) == (200, True)


def test_a_body_without_a_length_is_refused_with_a_sentence() -> None:
    status, _, body = answered("/login/", (b"transfer-encoding", b"chunked"), method="POST")

    assert (status, body) == (411, NEEDS_LENGTH)


def test_a_header_cannot_pass_for_another_by_an_underscore(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        del receive
        seen.extend(name for name, _ in scope["headers"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setattr("gtmos.asgi.WSGIMiddleware", lambda *_, **__: pages)
    site = Site()
    monkeypatch.setitem(application.application_mapping, "http", site)

    answered("/healthz", (b"x_forwarded_proto", b"https"), (b"x-forwarded-proto", b"http"))

    assert seen == [b"host", b"x-forwarded-proto"]
