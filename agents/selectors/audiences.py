"""Whom a campaign is for, when it is not the last search."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from crm.models import Company, Contact
from crm.selectors.contacts import visible_contacts
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from outreach.enums import TouchState
from outreach.models import Touch


def quiet_since(days: int, *, actor: Actor) -> QuerySet[Contact]:
    """People whose last mail from us is this long ago, and who never answered."""
    sent = Touch.objects.filter(contact=OuterRef("pk"), state=TouchState.SENT)
    before = clock.now() - timedelta(days=days)
    return visible_contacts(actor=actor).filter(
        Exists(sent), ~Exists(sent.filter(replied_at__isnull=False)), ~Exists(sent.filter(sent_at__gt=before))
    )


def people_of(company: Company, *, actor: Actor) -> QuerySet[Contact]:
    return visible_contacts(actor=actor).filter(company=company)


def people_in_segment(segment: str, *, actor: Actor) -> QuerySet[Contact]:
    words = segment.replace("_", " ")
    return visible_contacts(actor=actor).filter(company__customer_segment_label__iexact=words)


def ticked(keys: list[str], *, actor: Actor) -> QuerySet[Contact]:
    """The people ticked in a list, as far as the actor may see them."""
    return visible_contacts(actor=actor).filter(pk__in=[key for key in keys if _is_key(key)])


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
