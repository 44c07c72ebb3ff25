"""Reading contacts, and whether they may be written to."""

from datetime import datetime

from django.utils import timezone

from crm.enums import EmailStatus
from crm.models import Contact
from crm.selectors.visibility import get_contact, visible_contacts

__all__ = ["get_contact", "mail_block", "visible_contacts"]


def mail_block(contact: Contact, *, now: datetime) -> str:
    """Why this person may not be written to by mail, in words; empty when they may.

    Suppressed addresses are known to outreach, which asks this first and its own list second.
    """
    if contact.opted_out_at is not None:
        return f"Opted out, since {timezone.localtime(contact.opted_out_at):%-d %b %Y}"
    if contact.do_not_email:
        return "Do not e-mail"
    if not contact.email:
        return "No e-mail address known"
    if contact.email_status in {EmailStatus.BOUNCED, EmailStatus.UNAVAILABLE}:
        return "Address bounced" if contact.email_status == EmailStatus.BOUNCED else "Address unavailable"
    if contact.paused_until is not None and contact.paused_until > now:
        return f"Paused until {contact.paused_until:%-d %b %Y}"
    return ""
