"""Notifications by mail, over the same way as all other mail: at once, or all of a day in one.

That a mail is in our hands is committed before the server hears of it. Where nobody can say whether the server took
it, it is not sent again.
"""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from django.urls import reverse
from django.utils import timezone

from gtmos.context.models import Organisation
from gtmos.env import env
from gtmos.kernel.notifications import letters
from gtmos.kernel.notifications.models import NoticeState, Notification, NotificationMail
from gtmos.kernel.notifications.services import mailing
from gtmos.kernel.schedule.place_services import note_place
from outreach.channels.email.dialogue import NothingSentError, Reply
from outreach.channels.email.message import UnsendableError, envelope_address
from outreach.channels.email.transport import Transport, transport
from outreach.services.notices import AT_A_TIME, UNANSWERED, hand_over, host, sender_address

READ = "Everything in it was read before it left."
GONE = "The person does not work here any more."


def send_waiting_notifications(*, way: Transport | None = None) -> int:
    """Send what waits; returns how many the server took."""
    if note_place():
        return 0
    way = way or transport()
    sent = 0
    for _ in range(AT_A_TIME):
        claimed = mailing.claim()
        if claimed is None:
            break
        sent += _look_again(claimed[0], way) if claimed[1] else _send(claimed[0], way)
    return sent


def _look_again(mail: NotificationMail, way: Transport) -> bool:
    """A worker died with it in its hands."""
    known = way.look_up([message_id(mail)]).get(message_id(mail)) if way.can_look_up else None
    if known is False:
        return _send(mail, way)
    mailing.note(
        mail,
        NoticeState.SENT if known else NoticeState.DOUBT,
        "The server has it." if known else UNANSWERED,
    )
    return bool(known)


def _send(mail: NotificationMail, way: Transport) -> bool:
    lines = mailing.lines_of(mail)
    refusal = way.refusal_of(mail.person.email) or ("" if mail.person.is_active else GONE)
    if not lines or refusal:
        mailing.note(mail, NoticeState.FAILED if lines else NoticeState.NONE, refusal if lines else READ)
        return False
    try:
        reply = hand_over(envelope_address(mail.person.email), message_of(mail, lines), way)
    except UnsendableError as error:
        mailing.note(mail, NoticeState.FAILED, str(error))
        return False
    except NothingSentError as error:
        mailing.note(mail, NoticeState.WAITING, str(error))
        return False
    mailing.note(mail, *_judged(reply))
    return bool(reply and reply.is_good)


def _judged(reply: Reply | None) -> tuple[NoticeState, str]:
    if reply is None:
        return NoticeState.DOUBT, UNANSWERED
    if reply.is_good:
        return NoticeState.SENT, str(reply)
    return (NoticeState.FAILED if reply.is_permanent else NoticeState.WAITING), str(reply)


def message_id(mail: NotificationMail) -> str:
    return f"<notice.{mail.pk}@{host()}>"


def message_of(mail: NotificationMail, lines: list[Notification]) -> bytes:
    organisation = Organisation.objects.filter(pk=1).first()
    name = organisation.name if organisation else "GTM OS"
    told = [letters.Line(each.title, each.text, _absolute(each.url)) for each in lines]
    subject = letters.subject_of(told, is_digest=mail.is_digest, organisation=name)
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((name, sender_address()))
    message["To"] = mail.person.email
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(timezone.now())
    message["Message-ID"] = message_id(mail)
    message["Auto-Submitted"] = "auto-generated"
    settings_url = env.public_url + reverse("workspace:notification-settings")
    message.set_content(letters.text_of(told, settings_url=settings_url))
    return message.as_bytes()


def _absolute(url: str) -> str:
    return f"{env.public_url}{url}" if url.startswith("/") else url


def is_anything_due() -> bool:
    return mailing.due().exists()
