"""A person who was written to, and the mails that come back."""

from email.message import EmailMessage
from itertools import count

from gtmos.kernel import clock
from outreach.models import Enrollment, InboundMail, Touch
from outreach.services.inbound import process_waiting, store_mail
from outreach.tests.campaign_builders import a_reader, a_touch, an_approved_campaign, running

numbers = count(1)


def a_written_to(people: int = 1, **fields) -> list[Touch]:
    """People of a running campaign who got its first mail; the second one waits."""
    contacts = fields.pop("contacts", None) or [a_reader() for _ in range(people)]
    campaign = running(an_approved_campaign(contacts=contacts, **fields))
    touches = []
    for enrollment in Enrollment.objects.filter(campaign=campaign).order_by("position"):
        touch = a_touch(enrollment, handed_at=clock.now())
        touch.token = f"token-of-{next(numbers):020d}"
        touch.save()
        touches.append(touch)
        a_touch(enrollment, step_no=2, state="scheduled")
    return touches


def a_reply(touch: Touch, text: str, *, sender: str = "", names: bool = True, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = sender or touch.contact.email
    mail["To"] = touch.mailbox.address
    mail["Subject"] = headers.pop("Subject", f"Re: {touch.subject}")
    mail["Date"] = "Mon, 16 Nov 2026 10:00:00 +0000"
    mail["Message-ID"] = f"<answer{next(numbers)}@reader.example>"
    if names:
        mail["In-Reply-To"] = touch.message_id
        mail["References"] = touch.message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{text}\n\nOn Sun, 15 Nov 2026, we wrote:\n> {touch.subject}\n> unsubscribe\n")
    return mail.as_bytes()


def away(touch: Touch, text: str) -> bytes:
    return a_reply(touch, text, Subject="Automatic reply: your mail", Auto_Submitted="auto-replied")


def a_bounce(touch: Touch, *, status: str = "5.1.1", recipient: str = "", action: str = "failed") -> bytes:
    return (
        "From: Mail Delivery Subsystem <mailer-daemon@mx.reader.example>\r\n"
        f"To: {touch.mailbox.address}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <bounce{next(numbers)}@mx.reader.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.reader.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient or touch.recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {status[0]}50 {status} not here\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: {touch.mailbox.address}\r\nTo: {touch.recipient}\r\n"
        f"Message-ID: {touch.message_id}\r\nSubject: {touch.subject}\r\n\r\ntext\r\n--b--\r\n"
    ).encode()


def a_complaint(touch: Touch) -> bytes:
    return (
        "From: <feedback@provider.example>\r\n"
        f"To: {touch.mailbox.address}\r\nSubject: Abuse report\r\nMIME-Version: 1.0\r\n"
        f"Message-ID: <complaint{next(numbers)}@provider.example>\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: P/1\r\nVersion: 1\r\n"
        f"Original-Rcpt-To: {touch.recipient}\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: {touch.mailbox.address}\r\nTo: {touch.recipient}\r\n"
        f"Message-ID: {touch.message_id}\r\nSubject: {touch.subject}\r\n\r\ntext\r\n--b--\r\n"
    ).encode()


def receive(touch: Touch, raw: bytes, *, at: str = "") -> InboundMail:
    """Kept and read, as when it came to the mailbox that wrote."""
    mail = store_mail(raw, sender=touch.contact.email, recipients=[at or touch.mailbox.address])
    process_waiting()
    return InboundMail.objects.get(pk=mail.pk)


def state_of(touch: Touch) -> tuple[Touch, Enrollment]:
    return Touch.objects.get(pk=touch.pk), Enrollment.objects.get(pk=touch.enrollment_id)
