"""What an answer changes. It belongs to a mail of ours that it names; what it says is data and orders nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from crm.models import Contact
from crm.services.contacts import opt_out, pause_contact
from gtmos.kernel import events
from outreach.channels.email.addresses import canonical
from outreach.channels.email.parsing.verdict import MailVerdict
from outreach.enums import MailKind, Outcome, ReplyCategory, SuppressionReason, TouchState
from outreach.events import PersonUnsubscribed, ReplyReceived
from outreach.models import InboundMail, Touch
from outreach.selectors.engagement import touch_by_token
from outreach.selectors.inbound import contact_of, touch_of
from outreach.services.engagement import unsubscribe
from outreach.services.enrollments import (
    finish_enrollment,
    lock_touches_of,
    pause_enrollments_of,
    stop_enrollments_of,
)
from outreach.services.facts import add_facts
from outreach.services.followups import INBOUND, ask_for_answer, note_answer, open_deal
from outreach.services.returns import answered_by_machine, bounced, complained
from outreach.services.suppression import suppress
from outreach.services.touches import prove_sent

UNSUBSCRIBE_TOKEN = re.compile(r"^\W{0,3}unsubscribe[ +_]([A-Za-z0-9_-]{16,43})\s*$", re.IGNORECASE)
NO_FOR = timedelta(days=90)
LATER_FOR = timedelta(days=30)
POSITIVE = {ReplyCategory.INTERESTED: Outcome.INTERESTED, ReplyCategory.MEETING: Outcome.MEETING}
Marks = dict[str, object]


@dataclass(slots=True)
class Answer:
    """A mail, what it means, and the mail of ours that it belongs to."""

    mail: InboundMail
    verdict: MailVerdict
    kind: str
    category: str = ""
    touch: Touch | None = None
    contact: Contact | None = None
    marks: Marks = field(default_factory=dict)


def link(mail: InboundMail, verdict: MailVerdict, *, is_to_us: bool) -> Answer:
    """Find what is answered. Only mail to an address of ours counts, and only by a Message-ID of ours."""
    category = ReplyCategory(verdict.intent) if verdict.intent else ""
    answer = Answer(mail, verdict, MailKind(verdict.kind), category)
    if not is_to_us:
        return _only_kept(answer, "not to an address of ours")
    if answer.kind == MailKind.OTHER:
        return _only_kept(answer, verdict.reason or "nothing to do")
    by_token = UNSUBSCRIBE_TOKEN.match(verdict.subject)
    answer.touch = touch_by_token(by_token[1]) if by_token else None
    if answer.touch is not None:
        answer.kind, answer.marks["how"] = MailKind.UNSUBSCRIBE, "mail"
    else:
        answer.touch = touch_of(_names(verdict))
    answer.contact = answer.touch.contact if answer.touch else contact_of(verdict.sender)
    if (
        answer.touch is not None
        and not by_token
        and not _is_from_the_reader(answer.touch, verdict, answer.kind)
    ):
        answer.marks["from_other"] = verdict.sender
    return answer


def _only_kept(answer: Answer, why: str) -> Answer:
    answer.kind, answer.category = MailKind.OTHER, ""
    answer.marks["effect"] = why
    return answer


def _names(verdict: MailVerdict) -> list[str]:
    return [verdict.original_message_id, verdict.in_reply_to, *reversed(verdict.references)]


def _is_from_the_reader(touch: Touch, verdict: MailVerdict, kind: str) -> bool:
    if kind in {MailKind.BOUNCE, MailKind.COMPLAINT}:
        return True  # these come from servers; that they name our Message-ID is what counts
    return canonical(verdict.sender) in {canonical(touch.recipient), canonical(touch.contact.email)}


def apply_answer(answer: Answer) -> None:
    """Change what the answer changes; called in the transaction that marks the mail as read."""
    if answer.kind == MailKind.OTHER:
        return
    if answer.touch is not None:
        lock_touches_of(answer.touch.contact_id)
        _prove(answer.touch)
    effect = _without_a_touch if answer.touch is None else EFFECTS[MailKind(answer.kind)]
    answer.marks.update(effect(answer))


def _prove(touch: Touch) -> None:
    """Nobody can answer a mail that never left."""
    if touch.state != TouchState.SENT or touch.is_assumed:
        prove_sent([touch.pk], how="An answer names it.")
    touch.refresh_from_db()


def _returned(effect: Callable[[InboundMail, MailVerdict, Touch], Marks]) -> Callable[[Answer], Marks]:
    def run(answer: Answer) -> Marks:
        assert answer.touch is not None
        return effect(answer.mail, answer.verdict, answer.touch)

    return run


def _machine_answer(answer: Answer) -> Marks:
    if answer.marks.get("from_other"):
        return {"effect": "an automatic answer from another address"}
    return _returned(answered_by_machine)(answer)


def _unsubscribed(answer: Answer) -> Marks:
    assert answer.touch is not None
    if answer.marks.get("from_other"):
        return _other_person(answer)
    at, verdict = answer.mail.received_at, answer.verdict
    answer.category = ReplyCategory.UNSUBSCRIBE
    is_written = not answer.marks.get("how") and verdict.reason != "feedback"
    if is_written:
        add_facts(answer.touch, reply_category=ReplyCategory.UNSUBSCRIBE, replied_at=at)
        _note(answer)
    unsubscribe(answer.touch, at=at, how="words" if is_written else "mail")
    return {"effect": "unsubscribed"}


def _replied(answer: Answer) -> Marks:
    touch, at = answer.touch, answer.mail.received_at
    assert touch is not None
    if answer.marks.get("from_other"):
        return _other_person(answer)
    category = ReplyCategory(answer.category or ReplyCategory.OTHER)
    answer.category = category
    moments = {"replied_at": at, **({"meeting_at": at} if category == ReplyCategory.MEETING else {})}
    add_facts(touch, reply_category=category, **moments)
    _note(answer)
    _tell(answer)
    if category == ReplyCategory.NOT_INTERESTED:
        return _said_no(touch, at)
    if category == ReplyCategory.LATER:
        return _said_later(answer, touch)
    return _wants_an_answer(answer, touch, category)


def _said_no(touch: Touch, at: datetime) -> Marks:
    finish_enrollment(touch.enrollment, outcome=Outcome.NOT_INTERESTED, actor=INBOUND, at=at)
    pause_contact(touch.contact, until=at + NO_FOR, actor=INBOUND)
    return {"effect": "not written to for 90 days"}


def _said_later(answer: Answer, touch: Touch) -> Marks:
    day, at = answer.verdict.return_on, answer.mail.received_at
    until = datetime.combine(day, time(9), tzinfo=UTC) if day and day > at.date() else at + LATER_FOR
    pause_enrollments_of(touch.contact, until=until, reason="Asked for later.", actor=INBOUND)
    pause_contact(touch.contact, until=until, actor=INBOUND)
    ask_for_answer(touch.contact, ReplyCategory.LATER, touch=touch, due_at=until)
    return {"effect": "paused", "until": until.isoformat()}


def _wants_an_answer(answer: Answer, touch: Touch, category: ReplyCategory) -> Marks:
    outcome = POSITIVE.get(category, Outcome.REPLIED)
    finish_enrollment(touch.enrollment, outcome=outcome, actor=INBOUND, at=answer.mail.received_at)
    booking, successor = touch.mailbox.booking_url, answer.verdict.alternate_contact
    note = "Their words are in the history."
    if category in POSITIVE:
        note += f" Times can be picked at {booking}." if booking else ""
        deal = open_deal(touch)
        answer.marks["deal"] = str(deal.pk) if deal else ""
    elif category == ReplyCategory.REFERRAL and successor:
        note += f" They name {successor}."
    ask_for_answer(touch.contact, category, touch=touch, note=note)
    return {"effect": outcome.label}


def _other_person(answer: Answer) -> Marks:
    """Somebody else answers our mail: a colleague, as a rule. Only for themselves can they ask for no more mail."""
    touch, sender = answer.touch, answer.verdict.sender
    assert touch is not None
    if answer.kind == MailKind.UNSUBSCRIBE:
        suppress(sender, reason=SuppressionReason.UNSUBSCRIBED, detail="By mail.", actor=INBOUND)
    answer.kind, answer.category = MailKind.REPLY, ReplyCategory.REFERRAL
    at = answer.mail.received_at
    add_facts(touch, reply_category=ReplyCategory.REFERRAL, replied_at=at)
    _note(answer)
    _tell(answer)
    finish_enrollment(touch.enrollment, outcome=Outcome.REPLIED, actor=INBOUND, at=at)
    ask_for_answer(
        touch.contact, ReplyCategory.REFERRAL, touch=touch, note=f"{sender} answered in their place."
    )
    return {"effect": "answered by somebody else"}


def _without_a_touch(answer: Answer) -> Marks:
    """It names no mail of ours. A wish to be left alone is followed all the same; the rest is for a person to read."""
    contact, verdict = answer.contact, answer.verdict
    if answer.kind == MailKind.UNSUBSCRIBE:
        answer.category = ReplyCategory.UNSUBSCRIBE
        return _left_alone(contact, verdict.sender, answer.mail.received_at)
    if contact is None or answer.kind != MailKind.REPLY:
        return {"effect": "names no mail of ours"}
    answer.category = answer.category or ReplyCategory.OTHER
    _note(answer)
    _tell(answer)
    ask_for_answer(contact, ReplyCategory.OTHER, touch=None)
    return {"effect": "names no mail of ours; a person is asked to read it"}


def _left_alone(contact: Contact | None, sender: str, at: datetime) -> Marks:
    if contact is not None:
        lock_touches_of(contact.pk)
    suppress(sender, reason=SuppressionReason.UNSUBSCRIBED, detail="By mail.", actor=INBOUND)
    if contact is not None:
        stop_enrollments_of(contact, outcome=Outcome.UNSUBSCRIBED, actor=INBOUND, at=at)
        opt_out(contact, at=at, detail="By mail.", actor=INBOUND)
        events.publish(
            PersonUnsubscribed(contact_id=contact.pk, touch_id=None, how="words"),
            subject=contact,
            actor=INBOUND,
        )
    return {"effect": "unsubscribed"}


def _note(answer: Answer) -> None:
    assert answer.contact is not None
    note_answer(
        answer.mail,
        answer.contact,
        subject=answer.verdict.subject,
        body=answer.verdict.reply_text.replace("\x00", ""),
        category=answer.category,
    )


def _tell(answer: Answer) -> None:
    touch, contact = answer.touch, answer.contact
    events.publish(
        ReplyReceived(
            mail_id=answer.mail.pk,
            category=answer.category,
            contact_id=contact.pk if contact else None,
            touch_id=touch.pk if touch else None,
            campaign_id=touch.campaign_id if touch else None,
        ),
        subject=contact,
        actor=INBOUND,
    )


EFFECTS: dict[MailKind, Callable[[Answer], Marks]] = {
    MailKind.REPLY: _replied,
    MailKind.AUTO_REPLY: _machine_answer,
    MailKind.UNSUBSCRIBE: _unsubscribed,
    MailKind.BOUNCE: _returned(bounced),
    MailKind.COMPLAINT: _returned(complained),
}
