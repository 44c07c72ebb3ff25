"""The way mail leaves the house: the sandbox on this machine, or the one server an operator named."""

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import unquote, urlsplit

from gtmos.env import Environment, env
from outreach.channels.email.addresses import is_reserved
from outreach.channels.email.dialogue import Dialogue, NothingSentError

CONNECT_SECONDS = 10.0
SECURITY: dict[str, Literal["plain", "tls", "starttls"]] = {
    "smtp": "plain",
    "smtps": "tls",
    "smtp+tls": "starttls",
}
LOG_ANSWERS = {250: True, 252: True, 550: False}
SANDBOX_GRACE = timedelta(minutes=1)
PORTS = {"plain": 25, "tls": 465, "starttls": 587}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    host: str
    port: int
    security: Literal["plain", "tls", "starttls"] = "plain"
    username: str = ""
    password: str = field(default="", repr=False)
    is_sandbox: bool = False
    # A server may still take a message from a connection we think dead; before that nobody may decide.
    grace: timedelta = timedelta(minutes=15)

    def connect(self) -> Dialogue:
        """A greeted and, where asked for, encrypted and signed-in connection."""
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._dial()
            smtp.ehlo()
            if self.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if self.username:
                smtp.login(self.username, self.password)
            assert smtp.sock is not None
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, smtplib.SMTPException) as error:
            if smtp is not None:
                smtp.close()
            raise NothingSentError(f"The mail server does not answer: {error}"[:300]) from error
        return Dialogue(smtp)

    def _dial(self) -> smtplib.SMTP:
        name = "localhost" if self.is_sandbox else socket.gethostname() or "localhost"
        if self.security == "tls":
            return smtplib.SMTP_SSL(
                self.host,
                self.port,
                local_hostname=name,
                timeout=CONNECT_SECONDS,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=CONNECT_SECONDS)

    def refusal_of(self, recipient: str) -> str:
        """Why this transport does not write to this address; empty when it does."""
        if not self.is_sandbox and is_reserved(recipient):
            return "The address is of a reserved domain, where nobody can be written to."
        return ""

    @property
    def can_look_up(self) -> bool:
        """Only the sandbox keeps a log that can be asked; a bare SMTP server says nothing about the past."""
        return self.is_sandbox

    def look_up(self, message_ids: list[str]) -> dict[str, bool]:
        """Whether the server has taken each message; those it gives no answer for are left out."""
        known: dict[str, bool] = {}
        try:
            with self.connect() as dialogue:
                for message_id in message_ids:
                    answer = LOG_ANSWERS.get(dialogue.verify(message_id).code)
                    if answer is not None:
                        known[message_id] = answer
        except (OSError, smtplib.SMTPException, NothingSentError):
            return known
        return known


def transport(settings: Environment = env) -> Transport:
    """Nothing leaves this machine unless the sandbox is off and a server is named."""
    if settings.sandbox:
        return Transport(
            host="127.0.0.1", port=settings.sandbox_smtp_port, is_sandbox=True, grace=SANDBOX_GRACE
        )
    parts = urlsplit(settings.email_url)
    security = SECURITY[parts.scheme]
    return Transport(
        host=parts.hostname or "",
        port=parts.port or PORTS[security],
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
