"""Which live topics a person may follow: those of the records they may see."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Model, QuerySet

from agents.models import Run, Thread
from crm.models import Company, Contact, Deal, ImportBatch, ImportMove
from gtmos.kernel import live
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import allows
from gtmos.kernel.records import visible_to
from outreach.models import Campaign, ResearchJob
from outreach.selectors.domains import visible_domains

NOUNS: dict[str, Callable[[], QuerySet[Model]]] = {
    "company": Company.objects.all,
    "contact": Contact.objects.all,
    "deal": Deal.objects.all,
    "import": ImportBatch.objects.all,
    "move": ImportMove.objects.all,
    "research": ResearchJob.objects.all,
    "campaign": Campaign.objects.all,
    "thread": Thread.objects.all,
    "run": Run.objects.all,
}


# What is told about a record by a topic of its own: what colleagues say of it, what is recommended for it.
BESIDE = frozenset({"conversation", "advice"})
RECORDS = ("company", "contact", "deal")


def may_follow(noun: str, key: UUID, *, actor: Actor) -> bool:
    if noun in BESIDE:
        return any(may_follow(kind, key, actor=actor) for kind in RECORDS)
    if noun == "user":
        return isinstance(actor.user, User) and actor.user.pk == key
    if noun == "domain":
        return visible_domains(actor=actor).filter(pk=key).exists()
    records = NOUNS.get(noun)
    return records is not None and visible_to(actor, records()).filter(pk=key).exists()


def may_follow_all(noun: str, *, actor: Actor) -> bool:
    """Topics about no single record: the flow of events, workflows, and that some record of a kind changed."""
    if noun in live.LISTED:
        return isinstance(actor.user, User) and actor.user.standing.may("view", noun)
    right = {"events": "kernel.watch_events", "workflows": "kernel.configure_workflows"}.get(noun)
    return right is not None and allows(actor, right)
