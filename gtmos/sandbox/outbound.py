"""The two ways out of the sandbox: SMTP to the product's listener, HTTP to addresses that stood in a mail."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

SECONDS = 20.0
LEADING_DOT = re.compile(rb"(?m)^\.")
SMTPUTF8_SAFE = re.compile(r"[ -~]*")


class NoAnswerError(OSError):
    """The other side refused for now or broke off: to be tried again."""


class Post:
    """A few open SMTP connections to the listener, used again and again."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", connections: int = 4) -> None:
        self.host, self.port = host, port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._free = asyncio.Semaphore(connections)

    async def send(self, sender: str, recipient: str, raw: bytes) -> str:
        """The final reply; NoAnswerError when the mail was not taken and may be tried again."""
        try:
            async with self._free, asyncio.timeout(SECONDS), self._line() as (reader, writer):
                return await _deliver(reader, writer, sender, recipient, raw)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            raise NoAnswerError(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        while self._idle:
            await _closed(self._idle.pop()[1])

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        line = self._idle.pop() if self._idle else await self._dial()
        async with AsyncExitStack() as undo:
            undo.push_async_callback(_closed, line[1])
            yield line
            undo.pop_all()
        self._idle.append(line)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        await _expect(reader, "2")
        await _say(reader, writer, "EHLO reader.sandbox")
        return reader, writer


async def _deliver(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str, recipient: str, raw: bytes
) -> str:
    await _say(reader, writer, f"MAIL FROM:<{_one_word(sender)}>")
    await _say(reader, writer, f"RCPT TO:<{_one_word(recipient)}>")
    await _say(reader, writer, "DATA", expected="3")
    body = LEADING_DOT.sub(b"..", raw)
    writer.write(body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    await writer.drain()
    return await _expect(reader, "2")


def _one_word(address: str) -> str:
    """An address that cannot be a second command."""
    if not SMTPUTF8_SAFE.fullmatch(address) or "<" in address or ">" in address:
        raise ValueError(f"not an address: {address!r}")
    return address


async def _say(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: str, *, expected: str = "2"
) -> str:
    writer.write(f"{line}\r\n".encode())
    await writer.drain()
    return await _expect(reader, expected)


async def _expect(reader: asyncio.StreamReader, expected: str) -> str:
    while True:
        line = (await reader.readline()).decode("utf-8", "replace").rstrip()
        if not line:
            raise EOFError("the listener closed the connection")
        if line[3:4] != "-":
            break
    if not line.startswith(expected):
        raise NoAnswerError(line)
    return line


async def visit(
    url: str, *, hosts: frozenset[str], method: str = "GET", agent: str = "", body: bytes = b""
) -> int:
    """The status of one request without cookies; a redirect is not followed. Only the hosts named are visited."""
    parts = urlsplit(url)
    if parts.hostname not in hosts or parts.scheme not in {"http", "https"}:
        return 0
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure)
            try:
                writer.write(_request(url, method, agent, body))
                await writer.drain()
                return int((await reader.readline()).split()[1])
            finally:
                await _closed(writer)
    except (OSError, TimeoutError, IndexError, ValueError) as error:
        raise NoAnswerError(str(error) or type(error).__name__) from error


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _request(url: str, method: str, agent: str, body: bytes) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close", "Accept: */*"]
    if agent:
        lines.append(f"User-Agent: {agent}")
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
