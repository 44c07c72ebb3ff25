"""Tell open pages that something changed. A message says what to read again, never what is there."""

import asyncio
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

from channels.layers import get_channel_layer
from django.db import connection, transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
LONGEST_SECONDS = 2.0
LISTED = frozenset({"company", "contact", "deal", "task"})  # what lists and boards show many of

_quiet: ContextVar[bool] = ContextVar("live_quiet", default=False)


@contextmanager
def quietly() -> Iterator[None]:
    """For work on thousands of records, which says once at its end that everything may have changed."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def group_of(topic: str) -> str:
    """Channel layers allow only letters, digits, hyphen, underscore and dot in group names."""
    return "live." + topic.replace(":", ".")


def push(topic: str, kind: str = "changed") -> None:
    """After the commit. `topic` is "noun:key", for example "campaign:0b6c…".

    Of what stands in lists, whoever has such a list or board open is told too, once for a transaction: "deal:all".
    """
    if _quiet.get():
        return
    transaction.on_commit(partial(send, topic, kind), robust=True)
    noun = topic.partition(":")[0]
    if noun in LISTED:
        _push_once(Sending(f"{noun}:all", "changed"))


@dataclass(frozen=True, slots=True)
class Sending:
    """One message that waits for the commit."""

    topic: str
    kind: str

    def __call__(self) -> None:
        send(self.topic, self.kind)


def _push_once(sending: Sending) -> None:
    """What a savepoint took back is not among those that wait, so it is told again."""
    if all(waiting != sending for _, waiting, *_ in connection.run_on_commit):
        transaction.on_commit(sending, robust=True)


_loops: dict[int, asyncio.AbstractEventLoop] = {}
_starting = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    """One for each process, in a thread of its own: the broker's connections belong to a loop and are kept by it."""
    with _starting:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="live", daemon=True).start()
    return loop


def send(topic: str, kind: str) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    message = {"type": "live.changed", "topic": topic, "kind": kind}
    sending = asyncio.run_coroutine_threadsafe(layer.group_send(group_of(topic), message), _loop())
    try:
        sending.result(LONGEST_SECONDS)
    except (RedisError, OSError):  # a timeout is an OSError too
        sending.cancel()
        logger.warning("live updates are down; pages fall back to polling")
