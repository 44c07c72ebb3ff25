"""What happened with a customer."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from crm.enums import ActivityType, Direction
from crm.events import ActivityDeleted, ActivityLogged, NewCustomerActivity
from crm.models import Activity, Company, Contact, Deal
from crm.services.changing import check
from crm.services.companies import ownership
from crm.services.mentions import tell_mentioned
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require


@transaction.atomic
def log_activity(  # noqa: PLR0913 -- a fact has as many sides as it has; all but three are optional
    *,
    type: str,  # noqa: A002 -- the field's standard name
    subject: str,
    actor: Actor,
    body: str = "",
    company: Company | None = None,
    contact: Contact | None = None,
    deal: Deal | None = None,
    happened_at: datetime | None = None,
    duration_minutes: int | None = None,
    outcome: str = "",
    direction: str = "out",
    is_untrusted: bool = False,
    source_type: str = "",
    source_id: UUID | None = None,
) -> Activity:
    """Note a call, meeting, mail or note. The same source is noted once."""
    require(actor, "crm.log_activity")
    if source_id is not None:
        known = Activity.objects.filter(source_type=source_type, source_id=source_id).first()
        if known is not None:
            return known
    company = company or (contact.company if contact else None) or (deal.company if deal else None)
    moment = happened_at or clock.now()
    activity = Activity(
        type=type,
        subject=(subject.strip() or ActivityType(type).label.capitalize())[:300],
        body=body,
        company=company,
        contact=contact,
        deal=deal,
        happened_at=moment,
        duration_minutes=duration_minutes,
        outcome=outcome,
        direction=direction,
        is_untrusted=is_untrusted,
        source_type=source_type,
        source_id=source_id,
        **(ownership(actor) or inherited(contact or deal or company)),
    )
    check(activity, ["type", "subject", "outcome", "direction", "duration_minutes"])
    activity.save(force_insert=True)
    if contact is not None and type != ActivityType.NOTE:
        _note_last_contact(contact, moment)
    tell_mentioned(activity, actor=actor)
    events.publish(ActivityLogged(activity_id=activity.pk, type=type), subject=activity, actor=actor)
    if direction == Direction.IN and (contact or company):
        _tell_of_customer(activity, actor=actor)
    for topic in topics(activity):
        live.push(topic)
    return activity


def _tell_of_customer(activity: Activity, *, actor: Actor) -> None:
    """What came from their side, however we learnt of it."""
    fact = NewCustomerActivity(
        activity_id=activity.pk,
        contact_id=activity.contact_id,
        company_id=activity.company_id,
        type=activity.type,
        source=activity.source_type or actor.source,
    )
    events.publish(fact, subject=activity.contact or activity.company, actor=actor)


@transaction.atomic
def delete_activity(activity: Activity, *, actor: Actor) -> None:
    """Take back an activity that was logged by mistake; what came from a mail stays."""
    require(actor, "crm.delete_activity", activity)
    if activity.source_id is not None:
        raise DomainError("This was noted from a message and stays.", code="activity_has_source")
    history.record(
        activity,
        before={"subject": activity.subject},
        after={"subject": None},
        actor=actor,
        category="DELETED",
        summary=f"Deleted {activity.get_type_display()} {activity.subject}",
    )
    events.publish(ActivityDeleted(activity_id=activity.pk), subject=activity, actor=actor)
    told = topics(activity)
    activity.delete()
    for topic in told:
        live.push(topic)


def inherited(record: Company | Contact | Deal | None) -> dict[str, UUID | None]:
    """What the system notes belongs to whoever owns the record it is about."""
    return {"owner_id": record.owner_id, "team_id": record.team_id} if record else {}


def _note_last_contact(contact: Contact, moment: datetime) -> None:
    if contact.last_contact_date is None or contact.last_contact_date < moment:
        contact.last_contact_date = moment
        contact.save(update_fields=["last_contact_date", "updated_at"])


def topics(activity: Activity) -> list[str]:
    pairs = (
        ("company", activity.company_id),
        ("contact", activity.contact_id),
        ("deal", activity.deal_id),
    )
    return [f"{noun}:{key}" for noun, key in pairs if key]
