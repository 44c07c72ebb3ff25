"""One connection to the database, one to the mail server, one mail after the other."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DatabaseError, InterfaceError, OperationalError

from gtmos.context.models import Organisation
from gtmos.kernel import clock
from outreach.channels.email.dialogue import GO_AHEAD, Dialogue, NothingSentError, Reply
from outreach.channels.email.message import OutgoingMail, UnsendableError, build, envelope_address
from outreach.channels.email.parsing.reasons import Evidence, is_hard, reason_of, status_in
from outreach.channels.email.transport import Transport
from outreach.engine import ledger
from outreach.engine.ledger import Claimed, NotSent, until_answered
from outreach.engine.terms import Terms
from outreach.services.touches import rewrite_touch
from outreach.timing.windows import Window, is_inside, next_allowed, why_closed, zone_of

logger = logging.getLogger(__name__)

CANCELS = frozenset({"suppressed", "opted out", "unreachable", "finished", "no message"})
NO_BASIS = "No lawful basis is recorded for this person. Record it on the contact, then try again."
REWRITES = frozenset({"moved", "not approved"})
FULL = {
    "cap": "the mailbox has sent its mails for today",
    "domain cap": "the mailboxes of the domain have sent its mails for today",
}
ASK_AGAIN_AFTER = timedelta(minutes=15)


class ServerSilentError(Exception):
    """The mail server does not answer; everything claimed goes back and waits."""


@dataclass(slots=True)
class Hand:
    """Works until the time is up, nothing is due, or the server is silent. `done` counts what came of it."""

    worker: str
    way: Transport
    terms: Terms
    organisation: Organisation
    until: float
    closed: frozenset[date] = frozenset()
    done: Counter[str] = field(default_factory=Counter)
    _dialogue: Dialogue | None = None
    _now: Callable[[], datetime] = field(default=clock.now)
    _day: date = field(init=False)
    _days: set[tuple[UUID, date, UUID | None]] = field(default_factory=set)
    _full: dict[tuple[UUID, date], str] = field(default_factory=dict)
    _answering: set[UUID] = field(default_factory=set)

    def work(self) -> Counter[str]:
        try:
            while time.monotonic() < self.until and self._one_batch():
                continue
        finally:
            if self._dialogue is not None:
                self._dialogue.quit()
        return self.done

    def _one_batch(self) -> bool:
        self._now = clock.reader()
        batch = ledger.claim(self.worker, self._now(), self.terms)
        for position, claimed in enumerate(batch):
            try:
                self._one(claimed)
            except ServerSilentError as error:
                self._give_back(batch[position:], str(error))
                return False
        return bool(batch)

    def _one(self, claimed: Claimed) -> None:
        # Taken once: a place that is taken and given back, and a cap that is used up, belong to the same day even
        # when midnight falls into the dialogue.
        self._day = self._today()
        try:
            message = self._prepared(claimed)
        except (ServerSilentError, OperationalError, InterfaceError):
            raise
        except Exception as error:  # one mail that nobody can build or offer must not keep the others here
            logger.exception("touch %s cannot be prepared", claimed.id)
            self._drop_connection()
            why = f"This mail could not be prepared: {type(error).__name__}."
            self._settle(claimed, NotSent("failed", why, "failed", self._now()))
            return
        if message is not None:
            self._hand_over(claimed, message)

    def _prepared(self, claimed: Claimed) -> bytes | None:
        """The message, when the server waits for it; else what became of the touch is written down."""
        refused = self._unfit(claimed)
        if refused is not None:
            self._settle(claimed, refused)
            return None
        try:
            message = build(self._mail(claimed))
            sender, recipient = envelope_address(claimed.sender), envelope_address(claimed.recipient)
        except UnsendableError as error:
            self._settle(claimed, NotSent("failed", str(error), "failed", self._now()))
            return None
        return message if self._offered(claimed, sender, recipient) else None

    def _unfit(self, claimed: Claimed) -> NotSent | None:
        """What can be known without the server and without a lock."""
        now = self._now()
        refusal = self.way.refusal_of(claimed.recipient)
        if refusal:
            return NotSent("failed", refusal, "failed", now)
        window, zone = self._window(claimed), self._zone(claimed)
        if not is_inside(now, window, zone):
            return self._later(claimed, now, why_closed(now, window, zone))
        if (claimed.mailbox_id, self._day) in self._full:
            return self._next_day(claimed)
        return None

    def _offered(self, claimed: Claimed, sender: str, recipient: str) -> bool:
        """Whether the server said 354; when the mail was refused, that is written down."""
        try:
            reply = self._offer(sender, recipient)
        except NothingSentError as error:
            self._settle(claimed, self._try_again(claimed, "broken off", str(error)))
            return False
        if reply.code == GO_AHEAD:
            return True
        dialogue = self._dialogue
        if dialogue is not None and dialogue.is_open:
            dialogue.reset()
        self._settle(claimed, self._refused(claimed, reply))
        return False

    def _drop_connection(self) -> None:
        """Nobody knows in which sentence of the dialogue it stopped."""
        if self._dialogue is not None:
            self._dialogue.close()

    def _offer(self, sender: str, recipient: str) -> Reply:
        """A connection that was idle may have been closed by the server; that is no fault of the mail."""
        if self._dialogue is not None and self._dialogue.is_open:
            try:
                return self._dialogue.offer(sender, recipient)
            except NothingSentError:
                logger.info("the mail server closed an idle connection")
        return self._connected().offer(sender, recipient)

    def _connected(self) -> Dialogue:
        try:
            self._dialogue = self.way.connect()
        except NothingSentError as error:
            raise ServerSilentError(str(error)) from error
        return self._dialogue

    def _hand_over(self, claimed: Claimed, message: bytes) -> None:
        """T2, the message, T3. Between the first two lies the only moment that cannot be taken back."""
        dialogue = self._dialogue
        assert dialogue is not None
        asked_at = time.monotonic()
        try:
            self._ensure_day(claimed)
            refusal, paused_until = ledger.pass_gate(claimed, self._now(), self._day, self.terms)
        except DatabaseError as error:
            # Nobody knows whether the gate was passed, but the final dot was not written.
            dialogue.close()
            self._settle(claimed, self._again_at_once(f"The database did not answer: {error}"))
            return
        if refusal:
            dialogue.close()
            self._refuse(claimed, refusal, paused_until)
            return
        if time.monotonic() - asked_at > self.terms.zombie:
            dialogue.close()
            self._settle(claimed, self._again_at_once("The process slept before the hand-over."))
            return
        self._note(claimed, dialogue, message)

    def _note(self, claimed: Claimed, dialogue: Dialogue, message: bytes) -> None:
        try:
            reply = dialogue.hand_over(message)
        except NothingSentError as error:
            self._settle(claimed, self._again_at_once(str(error)))
            return
        if reply is None:
            self._doubt(claimed)
        elif reply.is_good:
            self._sent(claimed, reply)
        else:
            self._settle(claimed, self._refused(claimed, reply))

    def _sent(self, claimed: Claimed, reply: Reply) -> None:
        note = partial(ledger.note_sent, claimed, worker=self.worker, now=self._now(), detail=reply.text)
        until_answered(note, seconds=self.terms.lease)
        self.done["sent"] += 1
        if claimed.mailbox_id not in self._answering:
            self._answering.add(claimed.mailbox_id)
            ledger.resume_mailboxes({claimed.mailbox_id})

    def _doubt(self, claimed: Claimed) -> None:
        detail = "The server took the message and gave no reply."
        until_answered(
            partial(ledger.note_doubt, claimed, worker=self.worker, detail=detail), seconds=self.terms.lease
        )
        self.done["in doubt"] += 1

    def _settle(self, claimed: Claimed, why: NotSent) -> None:
        note = partial(ledger.note_not_sent, claimed, why, worker=self.worker, day=self._day)
        until_answered(note, seconds=self.terms.lease)
        self.done[why.result] += 1

    def _refuse(self, claimed: Claimed, refusal: str, paused_until: datetime | None) -> None:
        """What the gate said, and what follows from it."""
        now = self._now()
        if refusal == "fenced":
            self.done[refusal] += 1
        elif refusal in CANCELS:
            self._settle(claimed, NotSent("cancelled", refusal, "cancelled", now))
        elif refusal == "no basis":
            self._settle(claimed, NotSent("failed", NO_BASIS, "failed", now))
        elif refusal in REWRITES:
            self._settle(
                claimed, NotSent(refusal, refusal, "scheduled", now + ASK_AGAIN_AFTER, forgiven=True)
            )
            rewrite_touch(claimed.id, next_at=now)
        elif refusal in FULL:
            self._full[claimed.mailbox_id, self._day] = FULL[refusal]
            self._settle(claimed, self._next_day(claimed))
        else:
            self._settle(claimed, self._later(claimed, max(now, paused_until or now), refusal))

    def _refused(self, claimed: Claimed, reply: Reply) -> NotSent:
        """A reply that says no: surely not sent."""
        now = self._now()
        if not reply.is_permanent or reply.command == "MAIL":
            return self._try_again(claimed, "refused for now", str(reply))
        status = status_in(reply.text)
        reason = reason_of(Evidence(reply.text, status, str(reply.code), reply.command))
        if reply.command == "RCPT" and is_hard(reason, status, str(reply.code)):
            return NotSent("bounced", str(reply), "failed", now, bounced_at=now)
        return NotSent("failed", str(reply), "failed", now)

    def _try_again(self, claimed: Claimed, result: str, detail: str) -> NotSent:
        now = self._now()
        if claimed.attempts >= self.terms.give_up_after:
            return NotSent("failed", f"Given up after {claimed.attempts} tries. {detail}", "failed", now)
        return NotSent(result, detail, "scheduled", now + self.terms.retry_after(claimed.attempts))

    def _again_at_once(self, detail: str) -> NotSent:
        return NotSent("not sent", detail, "scheduled", self._now(), forgiven=True)

    def _later(self, claimed: Claimed, moment: datetime, detail: str) -> NotSent:
        next_at = next_allowed(moment, self._window(claimed), self._zone(claimed))
        return NotSent("not now", detail, "scheduled", next_at, forgiven=True)

    def _next_day(self, claimed: Claimed) -> NotSent:
        zone = zone_of(self.organisation.time_zone)
        midnight = datetime.combine(self._day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
        why = self._full[claimed.mailbox_id, self._day]
        return self._later(claimed, midnight, why)

    def _give_back(self, batch: list[Claimed], detail: str) -> None:
        """The server is silent: nobody's attempt, nobody's fault; the mailboxes wait."""
        for claimed in batch:
            self._settle(claimed, self._again_at_once(detail))
        pause = partial(ledger.pause_mailboxes, {claimed.mailbox_id for claimed in batch}, self.terms)
        until_answered(pause, seconds=self.terms.lease)
        self.done["server silent"] += 1

    def _ensure_day(self, claimed: Claimed) -> None:
        key = (claimed.mailbox_id, self._day, claimed.capped_domain)
        if key not in self._days:
            if claimed.capped_domain is not None and claimed.domain_cap is not None:
                ledger.ensure_domain_day(claimed.capped_domain, self._day, claimed.domain_cap)
            ledger.ensure_day(claimed.mailbox_id, self._day, claimed.cap_on(self._day))
            self._days.add(key)

    def _today(self) -> date:
        """A cap counts the days of the organisation's own zone."""
        return self._now().astimezone(zone_of(self.organisation.time_zone)).date()

    def _window(self, claimed: Claimed) -> Window:
        return Window(
            claimed.window_start,
            claimed.window_end,
            weekends=claimed.sends_on_weekends,
            country=claimed.country,
            closed=self.closed,
        )

    def _zone(self, claimed: Claimed) -> ZoneInfo:
        return zone_of(claimed.time_zone, self.organisation.time_zone)

    def _mail(self, claimed: Claimed) -> OutgoingMail:
        return OutgoingMail(
            sender_name=claimed.sender_name,
            sender=claimed.sender,
            recipient=claimed.recipient,
            subject=claimed.subject,
            body=claimed.body,
            message_id=claimed.message_id,
            token=claimed.token,
            sent_at=self._now(),
            signature=claimed.signature,
            organisation=self.organisation.name,
            postal_address=self.organisation.postal_address,
        )
