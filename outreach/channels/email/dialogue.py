"""SMTP by hand: everything up to the server's 354, then a pause for our own decision, then the message.

`smtplib` does both halves of DATA at once. Between them is where a mail becomes irrevocable, so here they are
two calls. Whatever fails before `hand_over` has surely not sent anything; whatever fails inside it is a doubt.
"""

import contextlib
import re
import smtplib
import socket
from dataclasses import dataclass
from typing import Self

COMMAND_SECONDS = 30.0
# RFC 5321, 4.5.3.2.6: a client that gives up sooner after the final dot makes duplicates.
FINAL_REPLY_SECONDS = 600.0
LINE_END = re.compile(rb"\r\n|\r|\n")
LEADING_DOT = re.compile(rb"(?m)^\.")
GO_AHEAD = 354


class NothingSentError(Exception):
    """The connection broke at a moment at which the message had surely not been taken."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said, and to which command."""

    code: int
    text: str
    command: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 400

    @property
    def is_permanent(self) -> bool:
        return 500 <= self.code < 600

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()[:500]


class Dialogue:
    """One open connection; many mails go through it one after the other."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self._pipelining = smtp.has_extn("pipelining")
        self.is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.quit()

    def offer(self, sender: str, recipient: str) -> Reply:
        """MAIL, RCPT and DATA. A reply of 354 means that the server waits for the message."""
        commands = (("MAIL", f"MAIL FROM:<{sender}>"), ("RCPT", f"RCPT TO:<{recipient}>"), ("DATA", "DATA"))
        self._timeout(COMMAND_SECONDS)
        try:
            if self._pipelining:
                return self._all_at_once(commands)
            return self._one_by_one(commands)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NothingSentError(f"The server broke off before the message: {error}"[:500]) from error

    def hand_over(self, message: bytes) -> Reply | None:
        """The point of no return: the message and its final dot. None when no reply came."""
        data = stuffed(message)
        self._timeout(FINAL_REPLY_SECONDS)
        try:
            written = self._socket.send(data)
        except OSError as error:
            self.close()
            raise NothingSentError(f"The connection was gone before the first byte: {error}"[:500]) from error
        try:
            self._socket.sendall(data[written:])
            return self._reply("message")
        except (OSError, smtplib.SMTPException):
            self.close()
            return None

    def verify(self, name: str) -> Reply:
        self._timeout(COMMAND_SECONDS)
        self._send(f"VRFY {name}\r\n".encode("ascii"))
        return self._reply("VRFY")

    def reset(self) -> None:
        """Forget a mail the server has refused, so that the next one can be offered."""
        try:
            self._send(b"RSET\r\n")
            self._reply("RSET")
        except (OSError, smtplib.SMTPException):
            self.close()

    def quit(self) -> None:
        if self.is_open:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._timeout(1.0)
                self._send(b"QUIT\r\n")
            self.close()

    def close(self) -> None:
        """Break off. A server that waits for the message throws away what it has."""
        self.is_open = False
        self._smtp.close()

    def _one_by_one(self, commands: tuple[tuple[str, str], ...]) -> Reply:
        reply = Reply(0, "", "")
        for name, line in commands:
            self._send(f"{line}\r\n".encode("ascii"))
            reply = self._reply(name)
            if not reply.is_good:
                break
        return reply

    def _all_at_once(self, commands: tuple[tuple[str, str], ...]) -> Reply:
        self._send("".join(f"{line}\r\n" for _, line in commands).encode("ascii"))
        replies = [self._reply(name) for name, _ in commands]
        refused = next((reply for reply in replies if not reply.is_good), None)
        if refused and replies[-1].code == GO_AHEAD:
            # RFC 2920: the server took DATA although it refused a recipient; an empty message reaches nobody.
            self.close()
        return refused or replies[-1]

    @property
    def _socket(self) -> socket.socket:
        sock = self._smtp.sock
        if sock is None:
            raise OSError("the connection is closed")
        return sock

    def _timeout(self, seconds: float) -> None:
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    def _send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def _reply(self, command: str) -> Reply:
        code, text = self._smtp.getreply()
        if code == 421:  # the server is closing the connection
            self.is_open = False
        return Reply(code, text.decode("utf-8", "replace"), command)


def stuffed(message: bytes) -> bytes:
    """CRLF line ends, a dot before each leading dot, and the lone dot that ends it."""
    if (
        b"\r\n" not in message
        or message.count(b"\r\n") != message.count(b"\n")
        or message.count(b"\r") != message.count(b"\n")
    ):
        message = LINE_END.sub(b"\r\n", message)
    message = LEADING_DOT.sub(b"..", message)
    return message + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")
