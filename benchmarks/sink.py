"""A mail server that remembers what it accepted: the truth that sending is measured against.

It writes each Message-ID to a file at the moment of acceptance, before the reply. It can misbehave: refuse for
now at RCPT, break off before it accepts, or accept and never reply.

    python -m benchmarks.sink PORT LOG [FAULT_RATE [SEED]]
"""

# ruff: noqa: ARG002 -- aiosmtpd gives every hook more than it needs
import asyncio
import logging
import os
import re
import sys
import time
from collections import Counter
from email.parser import BytesParser
from pathlib import Path
from random import Random

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Sink:
    """What aiosmtpd calls. `keep` keeps whole mails in memory, for tests that read them."""

    def __init__(self, log: Path, *, fault_rate: float = 0.0, seed: int = 0, keep: bool = False) -> None:
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.random = Random(seed)
        self.fault_rate = fault_rate
        self.keep = keep
        self.accepted: Counter[str] = Counter(accepted_in(log))
        self.mails: list[tuple[str, bytes]] = []
        self.refuse: dict[str, str] = {}
        self.silent: dict[str, bool] = {}  # whom it never replies about, and whether it takes the mail

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    async def handle_VRFY(self, server, session, envelope, address):  # noqa: N802
        return "252 accepted" if f"<{address.strip('<>')}>" in self.accepted else "550 never seen"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802
        if address in self.refuse:
            return self.refuse[address]
        if self.random.random() < self.fault_rate:
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if envelope.rcpt_tos[0] in self.silent:
            if self.silent[envelope.rcpt_tos[0]]:
                self.accept(envelope)
            server.transport.abort()
            return "451 broken off"
        fault = self.random.random()
        if fault < self.fault_rate:
            server.transport.abort()
            return "451 broken off"
        self.accept(envelope)
        if fault < 2 * self.fault_rate:
            server.transport.abort()
        return "250 2.0.0 accepted"

    def accept(self, envelope) -> None:
        found = MESSAGE_ID.search(envelope.content)
        message_id = found[1].decode() if found else "none"
        os.write(self.log, f"{time.time():.6f} {message_id} {envelope.rcpt_tos[0]}\n".encode())
        self.accepted[message_id] += 1
        if self.keep:
            self.mails.append((envelope.rcpt_tos[0], envelope.original_content))

    def parsed(self):
        return [(recipient, BytesParser().parsebytes(raw)) for recipient, raw in self.mails]


def accepted_in(log: Path) -> list[str]:
    """The Message-IDs of a log, one for each acceptance."""
    return [line.split()[1] for line in log.read_text().splitlines()] if log.exists() else []


class InProcess(Controller):
    """The sink in a thread of this process, on a free port."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink, hostname="127.0.0.1", port=0, ready_timeout=10)

    def factory(self):
        return SMTP(self.handler, hostname="sink", enable_SMTPUTF8=False, ident="sink")

    def _trigger_server(self) -> None:
        """The base class connects to itself to finish starting; with port 0 it must know the real one."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


async def serve(port: int, sink: Sink) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="sink", enable_SMTPUTF8=False, ident="sink", loop=loop), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    rate = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    number = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    asyncio.run(serve(int(sys.argv[1]), Sink(Path(sys.argv[2]), fault_rate=rate, seed=number)))
