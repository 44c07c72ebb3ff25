"""Sending domains: who sees which, and which are to be checked."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.permissions import allows
from outreach.models import Mailbox, SendingDomain
from outreach.selectors.campaigns import visible_mailboxes

CHECK_EVERY = timedelta(days=1)


def due_domains(now: datetime) -> QuerySet[SendingDomain]:
    """Those that nobody looked at for a day, and those that somebody asked about."""
    old = Q(checked_at__isnull=True) | Q(checked_at__lte=now - CHECK_EVERY)
    return SendingDomain.objects.filter(old | Q(wanted_at__isnull=False))


def visible_domains(*, actor: Actor) -> QuerySet[SendingDomain]:
    """Each with its mailboxes that the reader sees. Who configures sees all, others those of such a mailbox."""
    boxes = visible_mailboxes(actor=actor)
    domains = SendingDomain.objects.all()
    if not allows(actor, "outreach.configure_domains"):
        domains = domains.filter(Exists(boxes.filter(domain=OuterRef("pk"))))
    return domains.prefetch_related(Prefetch("mailboxes", queryset=boxes.select_related("owner")))


def get_mailbox(key: UUID, *, actor: Actor) -> Mailbox:
    box = visible_mailboxes(actor=actor).filter(pk=key).first()
    if box is None:
        raise NotFoundError("There is no such mailbox.", code="not_found")
    return box


def get_domain(key: UUID, *, actor: Actor) -> SendingDomain:
    domain = visible_domains(actor=actor).filter(pk=key).first()
    if domain is None:
        raise NotFoundError("There is no such sending domain.", code="not_found")
    return domain
