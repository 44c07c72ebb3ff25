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

    def lookup(self, message_id: str) -> bool | None:
        """Whether the server has taken the message; None when it cannot say. The sandbox keeps a log of it."""
        if not self.is_sandbox:
            return None
        try:
            with self.connect() as dialogue:
                reply = dialogue.verify(message_id)
        except (OSError, smtplib.SMTPException, NothingSentError):
            return None
        return {250: True, 252: True, 550: False}.get(reply.code)


def transport(settings: Environment = env) -> Transport:
    """Nothing leaves this machine unless the sandbox is off and a server is named."""
    if settings.sandbox:
        return Transport(host="127.0.0.1", port=settings.sandbox_smtp_port, is_sandbox=True)
    parts = urlsplit(settings.email_url)
    security = SECURITY[parts.scheme]
    return Transport(
        host=parts.hostname or "",
        port=parts.port or PORTS[security],
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
