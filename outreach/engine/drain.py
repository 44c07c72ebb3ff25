"""Sending what is due: some hands side by side for a while, each with connections of its own."""

import logging
import os
import socket
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, connection

from gtmos.context.models import Organisation
from gtmos.kernel import clock
from gtmos.kernel.durability import durability_faults
from gtmos.kernel.schedule.place_services import note_place
from outreach.channels.email.transport import Transport, transport
from outreach.engine import ledger
from outreach.engine.announcing import announce
from outreach.engine.downtime import note_life
from outreach.engine.hand import Hand
from outreach.engine.terms import PRODUCTION, Terms
from outreach.selectors.calendar import closed_days
from outreach.selectors.touches import has_due
from outreach.services.touches import begin_campaigns

logger = logging.getLogger(__name__)

ANNOUNCE_EVERY_SECONDS = 1.0
_at_work = threading.Lock()


@dataclass(frozen=True, slots=True)
class Drained:
    """What came of the touches, by result; `locked` says why nothing was tried."""

    counts: Counter[str] = field(default_factory=Counter)
    locked: str = ""

    @property
    def sent(self) -> int:
        return self.counts["sent"]


def drain(
    *,
    budget_seconds: float = 20.0,
    connections: int = 4,
    guard: bool = True,
    way: Transport | None = None,
    terms: Terms = PRODUCTION,
) -> Drained:
    """Send what is due until the time is up. One at a time in a process; any number of processes may do it.

    `guard=False` is for tests on stores that are not durable; there a crash may send twice.
    """
    if guard and (faults := durability_faults()):
        logger.error("sending is locked: %s", ", ".join(faults))
        return Drained(locked=", ".join(faults))
    if closed := note_place():
        logger.warning("sending is locked: %s", closed)
        return Drained(locked=closed)
    if not _at_work.acquire(blocking=False):
        return Drained(locked="another drain of this process is at work")
    try:
        note_life(terms)
        begin_campaigns()
        if not has_due(clock.now()):
            announce()
            return Drained()
        return Drained(_side_by_side(budget_seconds, connections, way or transport(), terms))
    finally:
        _at_work.release()


def _side_by_side(budget_seconds: float, connections: int, way: Transport, terms: Terms) -> Counter[str]:
    worker = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    organisation = Organisation.objects.first() or Organisation(name="")
    closed = closed_days()
    until = time.monotonic() + budget_seconds
    ended = threading.Event()
    with ThreadPoolExecutor(connections + 1, thread_name_prefix="hand") as pool:
        heart = pool.submit(_beat, worker, terms, ended)
        hands = [
            pool.submit(_one_hand, Hand(worker, way, terms, organisation, until, closed))
            for _ in range(connections)
        ]
        try:
            _announce_while(hands)
        finally:
            wait(hands)
            ended.set()
            heart.result()
    ledger.until_answered(lambda: ledger.release_claims(worker), seconds=terms.lease)
    announce()
    return sum((hand.result() for hand in hands), Counter[str]())


def _one_hand(hand: Hand) -> Counter[str]:
    """A database that went away ends the hand, not the process; what it held is given back or reaped."""
    try:
        return hand.work()
    except (OperationalError, InterfaceError) as error:
        logger.warning("a hand stopped: %s", error)
        hand.done["database silent"] += 1
        return hand.done
    except Exception:  # outermost loop: the other hands go on; what this one holds is given back or reaped
        logger.exception("a hand stopped")
        hand.done["broken off"] += 1
        return hand.done
    finally:
        connection.close()


def _announce_while(hands: list[Future[Counter[str]]]) -> None:
    while wait(hands, timeout=ANNOUNCE_EVERY_SECONDS).not_done:
        try:
            announce()
        except (OperationalError, InterfaceError):
            connection.close()


def _beat(worker: str, terms: Terms, ended: threading.Event) -> None:
    """Renew the leases while hands wait for slow replies."""
    pause = terms.lease / 3
    while not ended.wait(pause):
        try:
            ledger.renew_leases(worker, terms)
            pause = terms.lease / 3
        except (OperationalError, InterfaceError):
            pause = min(1.0, terms.lease / 10)
    connection.close()
