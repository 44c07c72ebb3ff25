"""Tell open pages that something changed. A message says what to read again, never what is there."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


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
    """After the commit. `topic` is "noun:key", for example "campaign:0b6c…"."""
    if not _quiet.get():
        transaction.on_commit(partial(send, topic, kind), robust=True)


def send(topic: str, kind: str) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(
            group_of(topic), {"type": "live.changed", "topic": topic, "kind": kind}
        )
    except (RedisError, OSError):
        logger.warning("live updates are down; pages fall back to polling")
