"""Who has a record open, kept in the store of the live updates. An entry that nobody renews is gone by itself."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

HELD_SECONDS = 45
MOST_PEOPLE = 20


@dataclass(frozen=True, slots=True)
class Present:
    """One open page: whose it is, and the field they are in, by name and as people call it."""

    user: str
    name: str
    field: str = ""
    label: str = ""


def _place(topic: str) -> str:
    return f"presence:{topic}"


async def renew(store: Any, topic: str, channel: str, who: Present) -> None:
    held = {**asdict(who), "until": time.time() + HELD_SECONDS}
    await store.hset(_place(topic), channel, json.dumps(held))
    await store.expire(_place(topic), HELD_SECONDS * 2)


async def leave(store: Any, topic: str, channel: str) -> None:
    await store.hdel(_place(topic), channel)


async def present(store: Any, topic: str) -> list[Present]:
    """Each person once, whoever is in a field first; what has run out is taken away on the way."""
    entries: Mapping[bytes, bytes] = await store.hgetall(_place(topic))
    known: dict[str, Present] = {}
    for channel, raw in entries.items():
        held = json.loads(raw)
        if held.pop("until") < time.time():
            await store.hdel(_place(topic), channel)
            continue
        entry = Present(**held)
        if entry.user not in known or entry.field:
            known[entry.user] = entry
    return sorted(known.values(), key=lambda each: (not each.field, each.name))[:MOST_PEOPLE]
