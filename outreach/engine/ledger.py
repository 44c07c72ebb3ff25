"""The statements as functions: what the database said, and how to ask until it answers."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from outreach.engine import statements
from outreach.engine.statements import Prepared
from outreach.engine.terms import Terms
from outreach.governor.limits import Ramp, cap_on

T = TypeVar("T")
LONGEST_DETAIL = 500
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A touch this worker may prepare, with all that its mail needs."""

    id: int
    epoch: int
    attempts: int
    mailbox_id: UUID
    campaign_id: UUID
    recipient: str
    subject: str
    body: str
    token: str
    message_id: str
    sender: str
    sender_name: str
    signature: str
    daily_cap: int
    window_start: time_of_day
    window_end: time_of_day
    sends_on_weekends: bool
    time_zone: str
    country: str
    ramp_from: date | None
    ramp_first: int
    ramp_step: int
    domain_id: UUID | None
    domain_cap: int | None

    @property
    def capped_domain(self) -> UUID | None:
        """The domain whose places are counted too."""
        return None if self.domain_cap is None else self.domain_id

    def cap_on(self, day: date) -> int:
        ramp = Ramp(self.ramp_from, self.ramp_first, self.ramp_step)
        return cap_on(day, daily_cap=self.daily_cap, ramp=ramp, domain_cap=self.domain_cap)


@dataclass(frozen=True, slots=True)
class NotSent:
    """Why a mail surely did not leave, and what becomes of its touch."""

    result: str
    detail: str
    state: str
    next_at: datetime
    forgiven: bool = False
    bounced_at: datetime | None = None


def run(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """One statement, or several that travel as one; the rows of the last that has any."""
    assert not connection.in_atomic_block, "each statement of the engine is a transaction of its own"
    rows: list[tuple[Any, ...]] = []
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            while True:
                if cursor.description:
                    rows = cursor.fetchall()
                if not cursor.nextset():
                    return rows
    except DatabaseError:
        connection.close()  # a transaction that failed in the middle must not swallow the next one
        raise


def run_prepared(prepared: Prepared, **parameters: Any) -> list[tuple[Any, ...]]:
    """The same for a statement that the server plans only once for each connection."""
    connection.ensure_connection()
    known = _prepared.setdefault(connection.connection, set())
    if prepared.name not in known:
        run(prepared.preparation)
        known = _prepared.setdefault(connection.connection, set())
        known.add(prepared.name)
    return run(prepared.execution, **parameters)


def storable(text: str) -> str:
    """What a server says may hold a byte that no column takes; losing a result for it would leave a doubt."""
    return text.replace("\x00", "")


def until_answered(action: Callable[[], T], *, seconds: float) -> T:
    """Repeat an idempotent statement while the database is away; after a lease the reaper decides instead."""
    give_up_at = time.monotonic() + seconds
    pause = 0.05
    while True:
        try:
            return action()
        except (OperationalError, InterfaceError):
            if time.monotonic() > give_up_at:
                raise
            threading.Event().wait(pause)
            pause = min(pause * 2, 1.0)


def claim(worker: str, now: datetime, terms: Terms) -> list[Claimed]:
    rows = run(statements.CLAIM, worker=worker, now=now, limit=terms.batch, lease=terms.lease)
    return [Claimed(*row) for row in sorted(rows)]


def pass_gate(claimed: Claimed, now: datetime, day: date, terms: Terms) -> tuple[str, datetime | None]:
    """The reason for a refusal and the end of a pause; no reason means that the mail is irrevocable now."""
    rows = run_prepared(
        statements.GATE,
        id=claimed.id,
        epoch=claimed.epoch,
        margin=terms.margin,
        now=now,
        mailbox=claimed.mailbox_id,
        domain=claimed.capped_domain,
        day=day,
    )
    return rows[0] if rows else ("fenced", None)


def note_sent(claimed: Claimed, *, worker: str, now: datetime, detail: str) -> None:
    run_prepared(
        statements.SENT,
        id=claimed.id,
        epoch=claimed.epoch,
        worker=worker,
        now=now,
        detail=storable(detail)[:200],
    )


def note_not_sent(claimed: Claimed, why: NotSent, *, worker: str, day: date) -> None:
    run_prepared(
        statements.NOT_SENT,
        id=claimed.id,
        epoch=claimed.epoch,
        worker=worker,
        day=day,
        domain=claimed.capped_domain,
        state=why.state,
        next_at=why.next_at,
        result=why.result,
        detail=storable(why.detail)[:LONGEST_DETAIL],
        forgiven=int(why.forgiven),
        bounced_at=why.bounced_at,
    )


def note_doubt(claimed: Claimed, *, worker: str, detail: str) -> None:
    run_prepared(
        statements.IN_DOUBT, id=claimed.id, epoch=claimed.epoch, worker=worker, detail=detail[:LONGEST_DETAIL]
    )


def ensure_day(mailbox_id: UUID, day: date, cap: int) -> None:
    run(statements.ENSURE_DAY, mailbox=mailbox_id, day=day, cap=cap)


def ensure_domain_day(domain_id: UUID, day: date, cap: int) -> None:
    run(statements.ENSURE_DOMAIN_DAY, domain=domain_id, day=day, cap=cap)


def pause_mailboxes(mailbox_ids: set[UUID], terms: Terms) -> None:
    run(
        statements.PAUSE_MAILBOXES,
        mailboxes=sorted(mailbox_ids),
        first=terms.pause_first,
        longest=terms.pause_longest,
    )


def resume_mailboxes(mailbox_ids: set[UUID]) -> None:
    run(statements.RESUME_MAILBOXES, mailboxes=sorted(mailbox_ids))


def release_claims(worker: str) -> None:
    run(statements.RELEASE, worker=worker)


def renew_leases(worker: str, terms: Terms) -> None:
    run(statements.RENEW, worker=worker, lease=terms.lease)
