"""A mail that a colleague passes on: kept in the history, read for what it says, and never taken for an answer."""

from crm.enums import ActivityType, Direction
from crm.models import Activity, Contact
from crm.selectors.contacts import visible_contacts
from crm.services.activities import log_activity
from crm.services.readings import read_activity
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import User
from outreach.channels.email.parsing.classify import body_text
from outreach.channels.email.parsing.forwarded import Forwarded, forwarded
from outreach.channels.email.parsing.mime import parse_mail
from outreach.channels.email.parsing.verdict import Kind, MailVerdict
from outreach.enums import MailKind
from outreach.models import InboundMail
from outreach.services.followups import LONGEST_BODY, source_key
from outreach.services.replies import Answer

_BY_PEOPLE = {Kind.REPLY, Kind.UNSUBSCRIBE, Kind.OTHER}


def passed_on(mail: InboundMail, verdict: MailVerdict) -> Answer | None:
    """What was done with a mail that somebody of the house forwards; None where it is none.

    The name of a sender can be forged, so what comes of it is only ever put before a person.
    """
    colleague = _colleague(verdict)
    if colleague is None:
        return None
    parsed = parse_mail(bytes(mail.raw))
    inside = forwarded(parsed, body_text(parsed))
    if inside is None:
        return None
    answer = Answer(mail, verdict, MailKind.OTHER)
    answer.marks["forwarded_by"] = colleague.email
    try:
        answer.contact, answer.marks["effect"] = _kept_and_read(mail, inside, Actor.of(colleague))
    except DomainError as error:
        answer.marks["effect"] = f"forwarded, not read: {error.message}"
    return answer


def _colleague(verdict: MailVerdict) -> User | None:
    if verdict.kind not in _BY_PEOPLE or not verdict.sender:
        return None
    return User.objects.filter(email__iexact=verdict.sender, is_active=True).first()


def _kept_and_read(mail: InboundMail, inside: Forwarded, actor: Actor) -> tuple[Contact | None, str]:
    writer = _writer(inside.address, actor)
    activity = _kept(mail, inside, writer, actor)
    reading = read_activity(activity, actor=actor)
    return writer, f"forwarded and read: {reading.get_decision_display()}"


def _writer(address: str, actor: Actor) -> Contact | None:
    if not address:
        return None
    return visible_contacts(actor=actor).filter(email_key=address.lower(), erased_at__isnull=True).first()


def _kept(mail: InboundMail, inside: Forwarded, writer: Contact | None, actor: Actor) -> Activity:
    return log_activity(
        type=ActivityType.EMAIL,
        subject=_clean(inside.subject) or "Forwarded e-mail",
        body=_clean(inside.words)[:LONGEST_BODY],
        actor=actor,
        contact=writer,
        happened_at=mail.received_at,
        direction=Direction.IN,
        is_untrusted=True,
        source_type="outreach.inbound_mail",
        source_id=source_key("mail", mail.message_id or mail.digest),
    )


def _clean(text: str) -> str:
    """Without the one character that the database refuses."""
    return text.replace("\x00", "")
