"""The mails that come back, built like those of real mail programs and servers."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, getaddresses, parsedate_to_datetime
from hashlib import sha256

from gtmos.sandbox.wording import AWAY, BOUNCES, REPLIES

QUOTED_LINES = 25
LINK = re.compile(r"(?:href|src)=[\"']([^\"'<> ]{8,4000})[\"']")
HIDDEN = re.compile(r"<a\b[^>]*display:\s*none[^>]*>", re.IGNORECASE)
HTTP = re.compile(r"<(https?://[^<>\s]{4,2000})>")
DAYS_AWAY = (2, 3, 4, 7, 9, 12, 16)


@dataclass(frozen=True, slots=True)
class Received:
    """What a reader's mail program knows of one mail."""

    message_id: str
    references: str
    sender: str
    sender_name: str
    recipient: str
    subject: str
    sent_at: datetime
    text: str
    html: str
    unsubscribe_url: str
    head: str

    @property
    def links(self) -> list[str]:
        return [url.replace("&amp;", "&") for url in LINK.findall(self.html)]

    @property
    def seen_links(self) -> list[str]:
        """Those that a person can see."""
        return [url.replace("&amp;", "&") for url in LINK.findall(HIDDEN.sub("", self.html))]


def read(raw: bytes, *, recipient: str) -> Received:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    name, address = (getaddresses([str(mail["From"] or "")]) or [("", "")])[0]
    way_out = HTTP.search(str(mail["List-Unsubscribe"] or ""))
    return Received(
        message_id=str(mail["Message-ID"] or "").strip(),
        references=str(mail["References"] or "").strip(),
        sender=address,
        sender_name=name,
        recipient=recipient,
        subject=" ".join(str(mail["Subject"] or "").split()),
        sent_at=parsedate_to_datetime(str(mail["Date"])),
        text=plain.get_content() if plain else "",
        html=rich.get_content() if rich else "",
        unsubscribe_url=way_out[1] if way_out and mail["List-Unsubscribe-Post"] else "",
        head=raw.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace"),
    )


def reply(received: Received, text: str, *, at: datetime, subject: str = "") -> bytes:
    """An answer by a person: in the thread, the old mail quoted below."""
    mail = _addressed(received, at)
    mail["Subject"] = subject or _answered(received.subject)
    quoted = "\n".join(f"> {line}" for line in received.text.splitlines()[:QUOTED_LINES])
    when = received.sent_at.strftime("%a, %d %b %Y at %H:%M")
    who = received.sender_name or received.sender
    mail.set_content(f"{text}\n\nOn {when}, {who} <{received.sender}> wrote:\n\n{quoted}\n")
    return mail.as_bytes(policy=SMTP)


def worded_reply(received: Received, kind: str, choice: int, *, at: datetime) -> bytes:
    texts = REPLIES[kind]
    first = (received.sender_name or "there").split()[0]
    return reply(received, texts[choice % len(texts)].replace("{first}", first), at=at)


def away(received: Received, choice: int, *, at: datetime) -> bytes:
    """The answer of a mail program whose owner is not there (RFC 3834)."""
    subject, text = AWAY[choice % len(AWAY)]
    back = (at + timedelta(days=DAYS_AWAY[choice // 7 % len(DAYS_AWAY)])).strftime("%d.%m.%Y")
    mail = _addressed(received, at)
    mail["Subject"] = subject.format(subject=received.subject)
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text.format(back=back if "Büro" in text or "congés" in text else _in_words(back)) + "\n")
    return mail.as_bytes(policy=SMTP)


def bounce(received: Received, kind: str, choice: int, *, at: datetime, envelope_from: str) -> bytes:
    """A delivery report (RFC 3464) with the head of the mail that came back."""
    status, words = BOUNCES[kind][choice % len(BOUNCES[kind])]
    host = received.recipient.rpartition("@")[2]
    report = (
        f"Reporting-MTA: dns; mx.{host}\r\n\r\nFinal-Recipient: rfc822; {received.recipient}\r\n"
        f"Action: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {words}\r\n"
    )
    return _report(
        received,
        at,
        head=f"From: Mail Delivery Subsystem <mailer-daemon@mx.{host}>\r\nTo: {envelope_from}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n",
        kind="delivery-status",
        text=f"Your mail could not be delivered to {received.recipient}.\r\n\r\n{words}\r\n",
        report=report,
    )


def complaint(received: Received, *, at: datetime, envelope_from: str) -> bytes:
    """An abuse report (RFC 5965), sent by the provider whose spam button was pressed."""
    host = received.recipient.rpartition("@")[2]
    report = (
        "Feedback-Type: abuse\r\nUser-Agent: FeedbackLoop/1.0\r\nVersion: 1\r\n"
        f"Original-Mail-From: <{envelope_from}>\r\nOriginal-Rcpt-To: <{received.recipient}>\r\n"
    )
    return _report(
        received,
        at,
        head=f"From: <feedback@{host}>\r\nTo: {envelope_from}\r\nSubject: FW: Complaint about a mail\r\n",
        kind="feedback-report",
        text="A reader reported this mail as unwanted.\r\n",
        report=report,
    )


def _report(received: Received, at: datetime, *, head: str, kind: str, text: str, report: str) -> bytes:
    mark = f"=_{sha256(received.message_id.encode()).hexdigest()[:24]}"
    parts = (("text/plain; charset=utf-8", text), (f"message/{kind}", report))
    body = "".join(f"--{mark}\r\nContent-Type: {name}\r\n\r\n{content}\r\n" for name, content in parts)
    return (
        f"{head}Date: {format_datetime(at)}\r\nMessage-ID: {_own_id(received, kind)}\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="{mark}"\r\n\r\n{body}'
        f"--{mark}\r\nContent-Type: message/rfc822\r\n\r\n{received.head}\r\n\r\n--{mark}--\r\n"
    ).encode()


def _addressed(received: Received, at: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = received.recipient
    mail["To"] = received.sender
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = _own_id(received, at.isoformat())
    mail["In-Reply-To"] = received.message_id
    mail["References"] = f"{received.references} {received.message_id}".strip()
    return mail


def _own_id(received: Received, salt: str) -> str:
    digest = sha256(f"{received.message_id}{salt}".encode()).hexdigest()[:32]
    return f"<{digest}@{received.recipient.rpartition('@')[2]}>"


def _answered(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _in_words(back: str) -> str:
    day, month, year = back.split(".")
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}"


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
