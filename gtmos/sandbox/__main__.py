"""`python -m gtmos.sandbox`: the mailbox and its people, as a process of its own."""

import asyncio
import logging
import signal

from gtmos.sandbox.audience import Crowd
from gtmos.sandbox.mailbox import Mailbox
from gtmos.sandbox.outbound import Post
from gtmos.sandbox.places import places
from gtmos.sandbox.server import accept_mail


async def main() -> None:
    """Until somebody asks to stop."""
    where = places()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    mailbox = Mailbox(where)
    crowd = Crowd(where, Post(where.inbound_port))
    server = await accept_mail(mailbox, crowd.saw, where.smtp_port)
    async with server, asyncio.TaskGroup() as group:
        living = group.create_task(crowd.run())
        await stopped.wait()
        living.cancel()
    mailbox.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(main())
