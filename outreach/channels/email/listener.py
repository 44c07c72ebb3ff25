"""The SMTP server that takes answers and bounces: it acknowledges only what is safely kept."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError

LARGEST_MAIL = 10 * 1024 * 1024
LONGEST_WAIT = 300.0
Keep = Callable[[bytes, str, Sequence[str]], None]
logger = logging.getLogger(__name__)


class Intake:
    """What aiosmtpd calls. `keep` returns when the mail is committed; only then do we say so."""

    def __init__(self, keep: Keep, executor: Executor) -> None:
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self.keep = keep
        self.executor = executor
        self.kept = 0
        self.arrived = asyncio.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        del server, session
        raw = envelope.original_content or b""
        work = partial(self.keep, raw, envelope.mail_from or "", list(envelope.rcpt_tos))
        try:
            await asyncio.get_running_loop().run_in_executor(self.executor, work)
        except DatabaseError as error:
            logger.warning("a mail could not be kept, the sender is asked to try again: %s", error)
            return "451 4.3.0 The mail could not be kept. Try again later."
        self.kept += 1
        self.arrived.set()
        return "250 2.0.0 Kept."


async def listen(intake: Intake, port: int, *, host: str = "127.0.0.1") -> asyncio.Server:
    """Start to accept; the caller owns the server and closes it."""
    loop = asyncio.get_running_loop()

    def factory() -> Any:
        return SMTP(
            intake,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname="inbound",
            ident="inbound",
            timeout=LONGEST_WAIT,
            loop=loop,
        )

    return await loop.create_server(factory, host, port)
