"""People who get the mails of the sandbox and behave like people: some open, some answer, some are away."""

import asyncio
import heapq
import itertools
import json
import logging
import os
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from gtmos.sandbox import letters
from gtmos.sandbox.behaviour import Act, acts
from gtmos.sandbox.doing import Case, Doer
from gtmos.sandbox.letters import Received
from gtmos.sandbox.mailbox import Entry, entries
from gtmos.sandbox.outbound import NoAnswerError, Post
from gtmos.sandbox.places import Places
from gtmos.sandbox.presets import Audience, BadControlError, read_control

logger = logging.getLogger("gtmos.sandbox")
SIDE_BY_SIDE = 12
PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0, 60.0)
LOOK_SECONDS = 0.3


@dataclass(order=True, slots=True)
class Due:
    """One act that waits. The mail itself stays on disk until then."""

    at: float
    number: int
    act: Act
    entry: Entry
    tries: int = 0


class Crowd:
    """Follows the control file; `saw` is called for each mail that is accepted."""

    def __init__(self, places: Places, post: Post) -> None:
        self.places = places
        self.doer = Doer(places, post)
        self.audience: Audience | None = None
        self._control = ""
        self._numbers = itertools.count()
        self._heap: list[Due] = []
        self._wake, self._quiet = asyncio.Event(), asyncio.Event()
        self._free = asyncio.Semaphore(SIDE_BY_SIDE)
        self._got: Counter[str] = Counter()
        self._running: set[asyncio.Task[None]] = set()
        self._log = -1

    @property
    def waiting(self) -> int:
        return len(self._heap) + len(self._running)

    async def idle(self) -> None:
        """Until nothing is left to be done."""
        while self.waiting:
            self._quiet.clear()
            await self._quiet.wait()

    def saw(self, entry: Entry) -> None:
        """Decide what this person will do, and when."""
        if self.audience is not None:
            self._plan(self.audience, entry, done=frozenset(), since=time.monotonic())

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_control())
                group.create_task(self._act_when_due())
        finally:
            await self.doer.post.close()

    async def _follow_control(self) -> None:
        while True:
            self.look_at_control()
            await asyncio.sleep(LOOK_SECONDS)

    def look_at_control(self) -> None:
        """Begin with a new audience when the file has changed; end when it is gone."""
        content = self.places.control.read_text() if self.places.control.exists() else ""
        if content == self._control:
            return
        self._control = content
        self._stop()
        if not content:
            return
        try:
            self._begin(read_control(content))
        except BadControlError as error:
            logger.warning("%s", error)

    def _begin(self, audience: Audience) -> None:
        """The truth is written before the first mail is answered, and never changed after."""
        truth = json.dumps(audience.truth(), ensure_ascii=False, indent=1)
        path = self.places.truth(audience.name)
        try:
            with path.open("x") as file:
                file.write(truth)
        except FileExistsError:
            if path.read_text() != truth:
                raise BadControlError(f"another truth of the name {audience.name} is there already") from None
        self._log = os.open(self.places.actions(audience.name), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.audience = audience
        self._take_up(audience)

    def _take_up(self, audience: Audience) -> None:
        """After a restart: whatever was accepted since the start and is not done yet is planned again."""
        if not audience.started_at:
            return
        done = frozenset(_done(self.places, audience.name))
        start, now = datetime.fromisoformat(audience.started_at), time.monotonic()
        for entry in entries(self.places.index):
            if datetime.fromisoformat(entry.at) >= start:
                self._plan(audience, entry, done=done, since=now)

    def _stop(self) -> None:
        self.audience = None
        self._heap.clear()
        self._got.clear()
        if self._log >= 0:
            os.close(self._log)
            self._log = -1

    def _plan(
        self, audience: Audience, entry: Entry, *, done: frozenset[tuple[str, str]], since: float
    ) -> None:
        self._got[entry.recipient.lower()] += 1
        # Reading a mail takes longer than anything else here; mostly the subject says enough.
        text = "" if audience.is_known_by(entry.subject) else self._read(entry).text
        nth = self._got[entry.recipient.lower()]
        for act in acts(audience, entry.recipient, nth, subject=entry.subject, text=text):
            if (entry.message_id, act.what) not in done:
                heapq.heappush(self._heap, Due(since + act.after, next(self._numbers), act, entry))
        self._wake.set()

    async def _act_when_due(self) -> None:
        while True:
            self._wake.clear()
            pause = self._heap[0].at - time.monotonic() if self._heap else None
            if pause is None or pause > 0:
                try:
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
                except TimeoutError:
                    pass
                continue
            await self._free.acquire()
            if self._heap:
                self._start(heapq.heappop(self._heap))
            else:
                self._free.release()

    def _start(self, due: Due) -> None:
        task = asyncio.get_running_loop().create_task(self._do(due))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._free.release()
        self._quiet.set()
        if not task.cancelled() and (error := task.exception()):
            logger.error("an act failed", exc_info=error)

    async def _do(self, due: Due) -> None:
        try:
            detail = await self.doer.do(Case(due.act, due.entry, self._read(due.entry)))
        except NoAnswerError as error:
            self._again(due, str(error))
            return
        except FileNotFoundError:
            return  # the mail was taken away with its person
        self._note(due, detail, ok=True)

    def _again(self, due: Due, why: str) -> None:
        if due.tries >= len(PAUSES):
            self._note(due, why, ok=False)
            return
        at = time.monotonic() + PAUSES[due.tries]
        heapq.heappush(self._heap, Due(at, next(self._numbers), due.act, due.entry, due.tries + 1))
        self._wake.set()

    def _note(self, due: Due, detail: str, *, ok: bool) -> None:
        line = {
            "at": datetime.fromtimestamp(time.time(), tz=UTC).isoformat(timespec="milliseconds"),
            "message_id": due.entry.message_id,
            "person": due.entry.recipient,
            "subject": due.entry.subject,
            "do": due.act.what,
            "kind": due.act.kind,
            "detail": detail[:200],
            "ok": ok,
        }
        if self._log >= 0:
            os.write(self._log, (json.dumps(line, ensure_ascii=False) + "\n").encode())

    def _read(self, entry: Entry) -> Received:
        return letters.read(self.places.mail(entry.id).read_bytes(), recipient=entry.recipient)


def _done(places: Places, name: str) -> set[tuple[str, str]]:
    path = places.actions(name)
    if not path.exists():
        return set()
    lines = (json.loads(line) for line in path.read_text().splitlines() if line.endswith("}"))
    return {(line["message_id"], line["do"]) for line in lines}
