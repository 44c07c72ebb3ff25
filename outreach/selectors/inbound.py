"""What came in: what waits, what could not be read, and which mail of ours an answer belongs to."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from crm.models import Contact
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from outreach.channels.email.addresses import canonical
from outreach.enums import MailKind, TouchState
from outreach.models import InboundMail, Mailbox, Touch

GIVE_UP_AFTER = 5
# A mail that was never handed over cannot be answered.
ANSWERABLE = (TouchState.SENT, TouchState.IN_DOUBT, TouchState.HANDING)
UNREAD = Q(processed_at__isnull=True)


def waiting_mails() -> QuerySet[InboundMail]:
    """Those tried least come first, so that one that cannot be read holds up nobody."""
    return InboundMail.objects.filter(UNREAD, attempts__lt=GIVE_UP_AFTER).order_by("attempts", "id")


def failed_mails() -> QuerySet[InboundMail]:
    """Mails that a person has to look at: reading them failed each time."""
    return InboundMail.objects.filter(UNREAD, attempts__gte=GIVE_UP_AFTER).order_by("-id")


def visible_mails(*, actor: Actor) -> QuerySet[InboundMail]:
    """Answers to what the actor may see; mail that belongs to nobody is for those who see everything."""
    mails = InboundMail.objects.select_related("contact", "touch__campaign").defer("raw")
    if actor.is_system or (actor.user is not None and actor.user.sees_everything):
        return mails
    return visible_to(actor, mails.filter(contact__isnull=False), through="contact__")


def replies_of(campaign_id: UUID, *, actor: Actor) -> QuerySet[InboundMail]:
    kinds = (MailKind.REPLY, MailKind.AUTO_REPLY, MailKind.UNSUBSCRIBE)
    return visible_mails(actor=actor).filter(touch__campaign=campaign_id, kind__in=kinds)


def own_addresses() -> set[str]:
    """Every address we write from, as it is written and in the spelling that addresses are compared in."""
    written = [address.lower() for address in Mailbox.objects.values_list("address", flat=True)]
    return {*written, *map(canonical, written)}


def touch_of(message_ids: Iterable[str]) -> Touch | None:
    """The mail of ours that is named, the first name counting most."""
    names = [each for each in dict.fromkeys(message_ids) if each][:100]
    found = Touch.objects.filter(message_id__in=names, state__in=ANSWERABLE).select_related(
        "enrollment__campaign", "contact__company", "campaign", "mailbox"
    )
    by_name = {touch.message_id: touch for touch in found}
    return next((by_name[name] for name in names if name in by_name), None)


def contact_of(address: str) -> Contact | None:
    """The person who writes from this address."""
    if not address:
        return None
    exact = Contact.objects.filter(email_key=address.strip().lower()).select_related("company").first()
    return exact or Contact.objects.filter(email_key=canonical(address)).select_related("company").first()
