"""The SMTP server of the sandbox: takes every mail, and says when asked which ones it has taken.

By hand and not by a library: it has to keep up with thousands of mails in a few megabytes, and it may be lax,
because nobody but this installation can reach it.
"""

import asyncio
import re
from collections.abc import Callable

from gtmos.sandbox.mailbox import Entry, Mailbox

LARGEST_MAIL = 25 * 1024 * 1024
LONGEST_LINE = 4096
MOST_RECIPIENTS = 100
ADDRESS = re.compile(r"^(?:FROM|TO):\s*<([^<>\s]*)>", re.IGNORECASE)
END = b"\r\n.\r\n"
ABILITIES = f"250-sandbox\r\n250-PIPELINING\r\n250-SIZE {LARGEST_MAIL}\r\n250-8BITMIME\r\n250 SMTPUTF8"
Seen = Callable[[Entry], None]


class Reception(asyncio.Protocol):
    """One connection. `seen` hears of every mail after it was accepted."""

    def __init__(self, mailbox: Mailbox, seen: Seen) -> None:
        self.mailbox, self.seen = mailbox, seen
        self.transport: asyncio.Transport | None = None
        self.buffer = bytearray()
        self.searched = 0
        self._forget()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._say("220 sandbox ready")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self.transport is not None and not self.transport.is_closing():
            if not (self._take_message() if self.in_data else self._take_line()):
                return

    def connection_lost(self, exc: Exception | None) -> None:
        """A mail whose end did not come was never accepted."""
        del exc
        self.buffer.clear()
        self.transport = None

    def _take_line(self) -> bool:
        end = self.buffer.find(b"\n")
        if end < 0:
            if len(self.buffer) > LONGEST_LINE:
                self._leave("500 5.5.2 the line is too long")
            return False
        line = self.buffer[:end].decode("utf-8", "replace").strip()
        del self.buffer[: end + 1]
        name, _, rest = line.partition(" ")
        self._obey(name.upper(), rest.strip())
        return True

    def _obey(self, name: str, rest: str) -> None:
        if name in {"EHLO", "HELO", "RSET", "QUIT", "NOOP", "VRFY"}:
            self._simple(name, rest)
        elif name == "MAIL":
            self._from(rest)
        elif name == "RCPT":
            self._to(rest)
        elif name == "DATA":
            self._data()
        else:
            self._say("502 5.5.1 not known here")

    def _simple(self, name: str, rest: str) -> None:
        if name in {"EHLO", "HELO", "RSET"}:
            self._forget()
        if name == "EHLO":
            self._say(ABILITIES)
        elif name == "VRFY":
            self._say("252 2.0.0 accepted" if self.mailbox.has(rest) else "550 5.1.1 never seen")
        elif name == "QUIT":
            self._leave("221 2.0.0 bye")
        else:
            self._say("250 2.0.0 OK")

    def _from(self, rest: str) -> None:
        found = ADDRESS.match(rest)
        if found:
            self._forget()
            self.sender, self.has_sender = found[1], True
        self._say("250 2.1.0 OK" if found else "501 5.1.7 not an address")

    def _to(self, rest: str) -> None:
        found = ADDRESS.match(rest)
        if not self.has_sender:
            self._say("503 5.5.1 MAIL comes first")
        elif not found or not found[1]:
            self._say("501 5.1.3 not an address")
        elif len(self.recipients) >= MOST_RECIPIENTS:
            self._say("452 4.5.3 too many recipients")
        else:
            self.recipients.append(found[1])
            self._say("250 2.1.5 OK")

    def _data(self) -> None:
        if not self.recipients:
            self._say("503 5.5.1 RCPT comes first")
            return
        self.in_data, self.searched = True, 0
        self._say("354 go ahead")

    def _take_message(self) -> bool:
        if self.buffer.startswith(b".\r\n"):
            end, raw = 3, b""
        else:
            found = self.buffer.find(END, max(0, self.searched - len(END)))
            self.searched = len(self.buffer)
            if found < 0:
                if len(self.buffer) > LARGEST_MAIL:
                    self._leave("552 5.3.4 the mail is too large")
                return False
            end, raw = found + len(END), bytes(self.buffer[: found + 2])
        del self.buffer[:end]
        self._accept(
            raw[1:].replace(b"\r\n..", b"\r\n.") if raw[:2] == b".." else raw.replace(b"\r\n..", b"\r\n.")
        )
        return True

    def _accept(self, raw: bytes) -> None:
        sender, recipients = self.sender, self.recipients
        self._forget()
        try:
            kept = self.mailbox.keep(raw, sender, recipients)
        except OSError as error:
            self._say(f"452 4.3.1 the mail could not be written: {error.strerror}")
            return
        self._say("250 2.0.0 accepted")
        for entry in kept:
            self.seen(entry)

    def _forget(self) -> None:
        self.sender, self.has_sender, self.in_data = "", False, False
        self.recipients: list[str] = []

    def _say(self, line: str) -> None:
        if self.transport is not None:
            self.transport.write(f"{line}\r\n".encode())

    def _leave(self, line: str) -> None:
        self._say(line)
        if self.transport is not None:
            self.transport.close()


async def accept_mail(mailbox: Mailbox, seen: Seen, port: int, *, host: str = "127.0.0.1") -> asyncio.Server:
    """Start to accept; the caller owns the server and closes it."""
    return await asyncio.get_running_loop().create_server(lambda: Reception(mailbox, seen), host, port)
