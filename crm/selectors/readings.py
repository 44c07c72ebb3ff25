"""The log of readings and what of it waits for a person: each follows the note or the mail it came from."""

from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery

from crm.enums import ProposalKind, ProposalState
from crm.models import Activity, Company, Contact, Deal, Proposal, Reading
from crm.selectors.mail import readable
from crm.selectors.visibility import (
    one,
    visible_activities,
    visible_companies,
    visible_contacts,
    visible_deals,
)
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from gtmos.kernel.rights import hidden_fields

MODELS: dict[str, type[Company | Contact | Deal]] = {"company": Company, "contact": Contact, "deal": Deal}
VISIBLE = {"company": visible_companies, "contact": visible_contacts, "deal": visible_deals}
WAITING = (ProposalState.OPEN, ProposalState.CONFLICT)


def visible_readings(*, actor: Actor) -> QuerySet[Reading]:
    """Of a note or a mail only where the actor may read that very text."""
    rows = visible_to(
        actor, Reading.objects.select_related("company", "contact", "deal", "activity", "employee")
    )
    if actor.is_system:
        return rows
    return rows.filter(Q(activity__isnull=True) | Q(activity__in=_read_by(actor)))


def _read_by(actor: Actor) -> QuerySet[Activity]:
    if "body" in hidden_fields(Activity, actor=actor):
        return Activity.objects.none()
    seen = visible_activities(actor=actor).select_related(None).filter(readable(actor))
    return Activity.objects.filter(pk__in=seen.order_by().values("pk")).order_by()


def get_reading(key: UUID | str, *, actor: Actor) -> Reading:
    return one(visible_readings(actor=actor), key)


def readings(*, actor: Actor, view: str = "log", interaction: str = "") -> QuerySet[Reading]:
    """`view` is waiting, conflicts or log."""
    rows = visible_readings(actor=actor).annotate(
        waiting=Count("proposals", filter=Q(proposals__state__in=WAITING)),
        conflicts=Count("proposals", filter=Q(proposals__state=ProposalState.CONFLICT)),
    )
    if view == "waiting":
        rows = rows.filter(waiting__gt=0)
    elif view == "conflicts":
        rows = rows.filter(conflicts__gt=0)
    return rows.filter(interaction_type=interaction) if interaction else rows


def visible_proposals(*, actor: Actor) -> QuerySet[Proposal]:
    """Without those about records, and with values of fields, that the actor may not see."""
    seen = visible_readings(actor=actor).select_related(None).order_by().values("pk")
    rows = Proposal.objects.filter(reading__in=seen).select_related("reading__company", "decided_by")
    return rows if actor.is_system else rows.filter(_about_visible(actor)).exclude(_with_hidden(actor))


def _about_visible(actor: Actor) -> Q:
    seen = {
        noun: rows(actor=actor).select_related(None).order_by().values("pk") for noun, rows in VISIBLE.items()
    }
    keys = (Q(record_type=noun, record_id__in=rows) for noun, rows in seen.items())
    return reduce(or_, keys, Q(record_id__isnull=True))


def _with_hidden(actor: Actor) -> Q:
    hidden = ((noun, name) for noun, model in MODELS.items() for name in hidden_fields(model, actor=actor))
    return reduce(or_, (Q(record_type=noun, after__has_key=name) for noun, name in hidden), Q(pk=None))


def proposals_of(reading: Reading, *, actor: Actor) -> list[Proposal]:
    return list(visible_proposals(actor=actor).filter(reading=reading))


def get_proposal(key: UUID | str, *, actor: Actor) -> Proposal:
    return one(visible_proposals(actor=actor), key)


def newest_reading(activity: Activity) -> Reading | None:
    return Reading.objects.filter(activity=activity).order_by("-created_at", "-pk").first()


def with_found(activities: QuerySet[Activity]) -> QuerySet[Activity]:
    """Beside each, how many changes wait that were found in it."""
    waiting = (
        Proposal.objects.filter(reading__activity=OuterRef("pk"), state__in=WAITING)
        .order_by()
        .values("reading__activity")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return activities.annotate(found=Subquery(waiting, output_field=IntegerField()))


def found_in(activity: Activity) -> int:
    """How many changes wait that were found in it."""
    return Proposal.objects.filter(reading__activity=activity, state__in=WAITING).count()


def record_of(proposal: Proposal, *, actor: Actor) -> Company | Contact | Deal | None:
    if proposal.record_id is None:
        return None
    found: Company | Contact | Deal = one(rows_of(proposal.record_type, actor=actor), proposal.record_id)
    return found


def rows_of(noun: str, *, actor: Actor) -> QuerySet[Any]:
    return VISIBLE[noun](actor=actor)


def waiting_company(reading: Reading) -> Proposal | None:
    """The company that is to be made, while nobody has decided on it."""
    waiting = reading.proposals.filter(kind=ProposalKind.CREATE_COMPANY, state__in=WAITING)
    return waiting.first()
