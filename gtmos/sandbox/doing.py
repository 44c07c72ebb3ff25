"""What the people of the sandbox do: only by addresses that stood in the mail, and by mail to whoever wrote it."""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gtmos.sandbox import letters
from gtmos.sandbox.behaviour import Act
from gtmos.sandbox.letters import Received
from gtmos.sandbox.mailbox import Entry
from gtmos.sandbox.outbound import NoAnswerError, Post, visit
from gtmos.sandbox.places import Places

PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.0"
APPLE = "Mozilla/5.0"
GATEWAY = "Barracuda Sentinel (EE)"


@dataclass(frozen=True, slots=True)
class Case:
    """One act upon one mail."""

    act: Act
    entry: Entry
    received: Received

    @property
    def now(self) -> datetime:
        """Business time, since the product's clock may be moved: the mail's own date and the real time since."""
        passed = datetime.fromtimestamp(time.time(), tz=UTC) - datetime.fromisoformat(self.entry.at)
        return self.received.sent_at + max(passed, timedelta(0))


class Doer:
    """Each method returns what the other side said, for the log."""

    def __init__(self, places: Places, post: Post) -> None:
        self.hosts = places.hosts
        self.post = post
        self._deeds: dict[str, Callable[[Case], Coroutine[Any, Any, str]]] = {
            "open": self.opens,
            "machine_open": self.machine_opens,
            "click": self.clicks,
            "scan": self.scans,
            "unsubscribe": self.unsubscribes,
            "reply": self.replies,
            "away": self.is_away,
            "bounce": self.bounces,
            "complaint": self.complains,
        }

    async def do(self, case: Case) -> str:
        return await self._deeds[case.act.what](case)

    async def opens(self, case: Case) -> str:
        return await self._follow(case, "/t/o/", PERSON)

    async def machine_opens(self, case: Case) -> str:
        return await self._follow(case, "/t/o/", APPLE)

    async def clicks(self, case: Case) -> str:
        return await self._follow(case, "/t/c/", PERSON)

    async def scans(self, case: Case) -> str:
        """A gateway looks at every link, the way out included. It must not unsubscribe anybody by that."""
        links = [*case.received.links, case.received.unsubscribe_url]
        for url in filter(None, links):
            await visit(url, hosts=self.hosts, method="HEAD", agent=GATEWAY)
            await visit(url, hosts=self.hosts, agent=GATEWAY)
        return f"{len(links)} links"

    async def unsubscribes(self, case: Case) -> str:
        """The button of a mail program (RFC 8058): a POST without a cookie."""
        url, body = case.received.unsubscribe_url, b"List-Unsubscribe=One-Click"
        return await self._visit(url, agent=PERSON, method="POST", body=body) if url else "no button"

    async def replies(self, case: Case) -> str:
        received, act = case.received, case.act
        raw = letters.worded_reply(received, act.kind, act.choice, at=case.now)
        return await self.post.send(received.recipient, received.sender, raw)

    async def is_away(self, case: Case) -> str:
        raw = letters.away(case.received, case.act.choice, at=case.now)
        return await self.post.send("", case.entry.sender, raw)

    async def bounces(self, case: Case) -> str:
        back_to, act = case.entry.sender, case.act
        raw = letters.bounce(case.received, act.kind, act.choice, at=case.now, envelope_from=back_to)
        return await self.post.send("", back_to, raw)

    async def complains(self, case: Case) -> str:
        back_to = case.entry.sender
        raw = letters.complaint(case.received, at=case.now, envelope_from=back_to)
        return await self.post.send("", back_to, raw)

    async def _follow(self, case: Case, part: str, agent: str) -> str:
        url = next((each for each in case.received.seen_links if part in each), "")
        return await self._visit(url, agent=agent) if url else "the mail has none"

    async def _visit(self, url: str, *, agent: str, method: str = "GET", body: bytes = b"") -> str:
        status = await visit(url, hosts=self.hosts, method=method, agent=agent, body=body)
        if status >= 500:
            raise NoAnswerError(f"status {status}")
        return str(status) if status else "not a host of ours"
