"""Mails of sign-in: invitations and new passwords, over the same way as all other mail.

Each is sent in the transaction that notes it. A worker that dies after the last dot leaves one that may be there
twice; where the server can be asked, it is asked first. The two are the same link, and it works once.
"""

from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from urllib.parse import urlsplit

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from gtmos.context.models import Organisation
from gtmos.env import env
from gtmos.kernel.schedule.place_services import note_place
from gtmos.kernel.signin import letters
from gtmos.kernel.signin import link_services as links
from gtmos.kernel.signin.models import LinkKind, MailState, SignInLink
from outreach.channels.email.dialogue import NothingSentError, Reply
from outreach.channels.email.message import UnsendableError, envelope_address
from outreach.channels.email.transport import Transport, transport

WAITS = (60, 300, 1800, 7200)
UNANSWERED = "The server did not say whether it took the mail."
AT_A_TIME = 50


def send_waiting_notices(*, way: Transport | None = None) -> int:
    """Send what waits; returns how many the server took."""
    if note_place():
        return 0
    way = way or transport()
    sent = 0
    for _ in range(AT_A_TIME):
        tried = _next(way)
        if tried is None:
            break
        sent += tried
    return sent


def _next(way: Transport) -> bool | None:
    """One mail; none when nothing waits. Its try is counted before it is made."""
    with transaction.atomic():
        link = links.next_to_send()
        if link is None:
            return None
        if not links.decide_reader(link):
            return False
        is_first = link.mail_tries == 0
        link.mail_tries += 1
        wait = WAITS[min(link.mail_tries, len(WAITS)) - 1]
        links.note_mail(link, MailState.WAITING, wait=timedelta(seconds=wait))
    with transaction.atomic():
        link = SignInLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
        if not is_first and way.can_look_up and way.look_up([message_id(link)]).get(message_id(link)):
            links.note_mail(link, MailState.SENT, answer="The server has it.")
            return True
        return _send(link, way)


def _send(link: SignInLink, way: Transport) -> bool:
    refusal = way.refusal_of(link.email)
    if refusal:
        links.note_mail(link, MailState.FAILED, answer=refusal)
        return False
    try:
        reader = envelope_address(link.email)
        reply = hand_over(reader, message_of(link), way)
    except UnsendableError as error:
        links.note_mail(link, MailState.FAILED, answer=str(error))
        return False
    except NothingSentError as error:
        _note_failure(link, str(error), is_final=False)
        return False
    if reply is None or not reply.is_good:
        _note_failure(link, str(reply or UNANSWERED), is_final=bool(reply and reply.is_permanent))
        return False
    links.note_mail(link, MailState.SENT, answer=str(reply))
    return True


def _note_failure(link: SignInLink, answer: str, *, is_final: bool) -> None:
    given_up = is_final or link.mail_tries > len(WAITS)
    links.note_mail(link, MailState.FAILED if given_up else MailState.WAITING, answer=answer)


def hand_over(reader: str, message: bytes, way: Transport) -> Reply | None:
    with way.connect() as dialogue:
        reply = dialogue.offer(sender_address(), reader)
        return dialogue.hand_over(message) if reply.code == 354 else reply


def message_id(link: SignInLink) -> str:
    return f"<{link.pk}.{link.serial}@{host()}>"


def host() -> str:
    host = urlsplit(env.public_url).hostname or ""
    return host if "." in host and not host.replace(".", "").isdigit() else "gtmos.example"


def sender_address() -> str:
    return env.notice_from or f"no-reply@{host()}"


def message_of(link: SignInLink) -> bytes:
    organisation = Organisation.objects.filter(pk=1).first()
    name = organisation.name if organisation else "GTM OS"
    letter = letter_of(link, name)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((name, sender_address()))
    mail["To"] = link.email
    mail["Subject"] = " ".join(letter.subject.split())
    mail["Date"] = format_datetime(timezone.now())
    mail["Message-ID"] = message_id(link)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    return mail.as_bytes()


def letter_of(link: SignInLink, organisation: str) -> letters.Letter:
    token = links.token_of(link)
    if link.kind == LinkKind.INVITATION:
        url = env.public_url + reverse("invitation", args=[token])
        inviter = str(link.invited_by) if link.invited_by else ""
        days = links.LASTS[LinkKind.INVITATION].days
        return letters.invitation(organisation=organisation, inviter=inviter, url=url, days=days)
    url = env.public_url + reverse("login-reset", args=[token])
    minutes = round(links.LASTS[LinkKind.RESET].total_seconds() / 60)
    return letters.new_password(organisation=organisation, url=url, minutes=minutes)


def is_anything_due() -> bool:
    return SignInLink.objects.filter(mail_state=MailState.WAITING, mail_next_at__lte=timezone.now()).exists()
