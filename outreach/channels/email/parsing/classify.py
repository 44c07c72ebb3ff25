"""Says what one inbound mail means. The text of a mail is only ever data here: nothing in it is followed."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime

from outreach.channels.email.parsing import auto_reply, dsn, feedback
from outreach.channels.email.parsing.html_text import html_to_text
from outreach.channels.email.parsing.intent import intent
from outreach.channels.email.parsing.language import language_of
from outreach.channels.email.parsing.mime import Mail, message_ids, parse_mail
from outreach.channels.email.parsing.reply_text import reply_text
from outreach.channels.email.parsing.return_dates import return_date
from outreach.channels.email.parsing.verdict import BouncedRecipient, Category, Kind, MailVerdict

UNSUBSCRIBE_SUBJECT = re.compile(
    r"^\W{0,4}(?:(?:re|aw|fwd?):\s{0,3})?(?:please )?(?:unsubscribe|opt[- ]?out|remove(?: me)?|stop|abmelden|abbestellen|désinscription|desinscription|baja|darse de baja|cancellami|uitschrijven|afmelden|descadastrar)\b.{0,60}$",
    re.IGNORECASE,
)
SENT_LABEL = re.compile(r"(?:^|,)\s{0,3}\"?(?:\\?sent|gesendet|sent mail)\b", re.IGNORECASE)
UNSUBSCRIBE_CONFIDENCE = 0.6
LONGEST_UNSUBSCRIBE = 700
# A machine says what it is in its first lines.
MACHINE_TEXT = 8_000


def classify(raw: bytes, *, today: date | None = None, own_addresses: Collection[str] = ()) -> MailVerdict:
    """The verdict on one mail as received; `own_addresses` are the mailboxes we send from."""
    mail = parse_mail(raw)
    text = body_text(mail)
    base = MailVerdict(
        Kind.OTHER,
        in_reply_to=next(iter(message_ids(mail.headers.get("in-reply-to"))), ""),
        references=message_ids(mail.headers.get("references"))[:100],
        message_id=next(iter(message_ids(mail.headers.get("message-id"))), ""),
        sender=mail.sender,
        recipient=mail.sender,
        subject=" ".join(mail.subject.split())[:998],
        language=language_of(text),
    )
    return (
        complaint_verdict(mail, base)
        or bounce_verdict(mail, base)
        or own_copy_verdict(mail, base, own_addresses)
        or machine_verdict(mail, text, base, today)
        or person_verdict(mail, text, base, today)
    )


def body_text(mail: Mail) -> str:
    """The words of the mail: the plain part, or the HTML part where the plain one is empty."""
    bodies = [part for part in mail.parts if not part.attachment]
    plain = next(
        (part.text for part in bodies if part.content_type == "text/plain" and part.text.strip()), ""
    )
    if plain:
        return plain
    return next((html_to_text(part.text) for part in bodies if part.content_type == "text/html"), "")


def complaint_verdict(mail: Mail, base: MailVerdict) -> MailVerdict | None:
    complained = feedback.complaint_recipients(mail)
    if complained is None:
        return None
    return replace(
        base,
        kind=Kind.COMPLAINT,
        recipient=complained[0].recipient,
        reason="feedback",
        bounced=tuple(complained),
        confidence=0.98,
        original_message_id=feedback.original_message_id(mail),
    )


def bounce_verdict(mail: Mail, base: MailVerdict) -> MailVerdict | None:
    report = dsn.delivery_report(mail)
    if report is None:
        return None
    main = worst(report.recipients)
    delivered = main.reason == "delivered"
    return replace(
        base,
        kind=Kind.OTHER if delivered else Kind.BOUNCE,
        recipient=main.recipient,
        hard=main.hard,
        reason=main.reason,
        status=main.status,
        bounced=report.recipients,
        confidence=0.95,
        original_message_id=report.original_message_id or base.in_reply_to,
    )


def worst(recipients: tuple[BouncedRecipient, ...]) -> BouncedRecipient:
    """The recipient to act on first: a hard failure before a soft one before a delivery."""
    return min(recipients, key=lambda found: (not found.hard, found.reason == "delivered"))


def own_copy_verdict(mail: Mail, base: MailVerdict, own_addresses: Collection[str]) -> MailVerdict | None:
    """A copy of what we sent ourselves is never an answer."""
    own = {address.strip().lower() for address in own_addresses}
    labelled = bool(SENT_LABEL.search(mail.headers.get("x-gmail-labels")))
    if (base.sender and base.sender in own) or labelled:
        return replace(base, reason="own_message", confidence=1.0)
    return None


def machine_verdict(mail: Mail, text: str, base: MailVerdict, today: date | None) -> MailVerdict | None:
    if mail.headers.get("x-apple-unsubscribe").strip().lower() == "true":
        return replace(
            base, kind=Kind.UNSUBSCRIBE, reason="feedback", intent=Category.UNSUBSCRIBE, confidence=1.0
        )
    machine = auto_reply.machine_behind(mail, text[:MACHINE_TEXT])
    if machine is None:
        return None
    sure = min(1.0, 0.6 + 0.15 * machine.signs)
    if machine.reason not in {"out_of_office", "left_company"}:
        return replace(base, reason=machine.reason, confidence=round(sure, 2))
    away = machine.reason == "out_of_office"
    contact = auto_reply.alternate_contact(mail, text)
    left_intent = Category.REFERRAL if contact else Category.OTHER
    return replace(
        base,
        kind=Kind.AUTO_REPLY,
        reason=machine.reason,
        reply_text=reply_text(text),
        return_on=back_on(mail, text, base, today) if away else None,
        intent=Category.OUT_OF_OFFICE if away else left_intent,
        alternate_contact=contact,
        confidence=round(sure, 2),
    )


def back_on(mail: Mail, text: str, base: MailVerdict, today: date | None) -> date | None:
    sent_on = mail.sent_on or today or datetime.now(tz=UTC).date()  # noqa: TID251 -- pure room without Django's clock
    words = reply_text(text) or text
    return return_date(words, sent_on=sent_on, language=base.language) or return_date(
        mail.subject, sent_on=sent_on, language=base.language
    )


def person_verdict(mail: Mail, text: str, base: MailVerdict, today: date | None) -> MailVerdict:
    new_words = reply_text(text)
    wish = intent(new_words)
    asks_out = (
        wish.category is Category.UNSUBSCRIBE
        and wish.confidence >= UNSUBSCRIBE_CONFIDENCE
        and len(new_words) <= LONGEST_UNSUBSCRIBE
    )
    by_subject = bool(UNSUBSCRIBE_SUBJECT.match(mail.subject)) and len(new_words) <= LONGEST_UNSUBSCRIBE
    points_on = wish.category in {Category.REFERRAL, Category.LATER}
    return replace(
        base,
        kind=Kind.UNSUBSCRIBE if asks_out or by_subject else Kind.REPLY,
        reply_text=new_words,
        intent=Category.UNSUBSCRIBE if by_subject else wish.category,
        return_on=back_on(mail, new_words, base, today) if wish.category is Category.LATER else None,
        alternate_contact=auto_reply.alternate_contact(mail, new_words) if points_on else "",
        confidence=max(wish.confidence, 0.9 if by_subject else 0.5),
    )
