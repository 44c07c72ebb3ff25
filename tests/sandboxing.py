"""The sandbox and the listener on real sockets, each in a loop of its own thread."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from gtmos.sandbox.mailbox import Entry, Mailbox
from gtmos.sandbox.places import Places
from gtmos.sandbox.server import accept_mail
from outreach.channels.email.listener import Intake, listen


@contextmanager
def a_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def port_of(server: asyncio.Server) -> int:
    return server.sockets[0].getsockname()[1]


async def ended(server: asyncio.Server) -> None:
    """Closed, and everybody who was connected has seen it."""
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Sandbox:
    def __init__(self, places: Places) -> None:
        self.places = places
        self.mailbox = Mailbox(places)
        self.seen: list[Entry] = []
        self.port = 0


@contextmanager
def a_sandbox(directory) -> Iterator[Sandbox]:
    box = Sandbox(Places(directory, 0, 0))
    with a_loop() as loop:
        server = asyncio.run_coroutine_threadsafe(accept_mail(box.mailbox, box.seen.append, 0), loop).result()
        box.port = port_of(server)
        try:
            yield box
        finally:
            asyncio.run_coroutine_threadsafe(ended(server), loop).result()
            box.mailbox.close()


@contextmanager
def a_listener(keep) -> Iterator[int]:
    with ThreadPoolExecutor(2) as executor, a_loop() as loop:
        intake = Intake(keep, executor)
        server = asyncio.run_coroutine_threadsafe(listen(intake, 0), loop).result()
        try:
            yield port_of(server)
        finally:
            asyncio.run_coroutine_threadsafe(ended(server), loop).result()
