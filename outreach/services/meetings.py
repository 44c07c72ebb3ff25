"""What a meeting means for those who were written to: booked, cancelled, or nobody came."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max

from crm.enums import MeetingState
from crm.events import MeetingChanged, MeetingPlanned
from crm.models import Contact, Meeting
from crm.services.tasks import create_task
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from outreach.enums import Outcome, TouchState
from outreach.models import Touch
from outreach.selectors.availability import offer_to
from outreach.services.enrollments import finish_enrollment, lock_touches_of
from outreach.services.facts import add_facts
from outreach.services.followups import source_key

# A meeting so long after a mail has other reasons.
CREDITED_WITHIN = timedelta(days=90)
# The facts that bring people into a meeting.
INVITES = (MeetingPlanned.name, MeetingChanged.name)
# Who cancelled has a day to think; who forgot is written to while they still remember.
ASKS = {
    MeetingState.CANCELLED: ("Ask {name} for another time", timedelta(days=1)),
    MeetingState.NO_SHOW: ("Write to {name}, who did not come", timedelta(hours=2)),
}


def credit_meeting(contact_id: UUID, *, at: datetime) -> Touch | None:
    """It counts for the last mail that the person had got before, and ends that campaign for them."""
    lock_touches_of(contact_id)
    before = Touch.objects.filter(
        contact=contact_id, state=TouchState.SENT, sent_at__range=(at - CREDITED_WITHIN, at)
    )
    touch = before.select_related("enrollment__campaign").order_by("-sent_at").first()
    if touch is not None:
        add_facts(touch, meeting_at=at)
        finish_enrollment(touch.enrollment, outcome=Outcome.MEETING, actor=SYSTEM, at=at)
    return touch


def credit_invited(meeting: Meeting, record: EventRecord) -> None:
    """For whom of the customer this fact brought in, from when it did; noted afterwards it counts from when it was.

    What is written to them between then and the meeting did not bring it about.
    """
    at = min(clock.of(record.happened_at), meeting.starts_at)
    for contact_id in _invited_with(meeting, record):
        credit_meeting(contact_id, at=at)


def _invited_with(meeting: Meeting, record: EventRecord) -> list[UUID]:
    """Added after the fact before this one, in the order in which locks are taken. All of it is server time."""
    told = EventRecord.objects.filter(subject_id=meeting.pk, name__in=INVITES)
    before = told.filter(happened_at__lt=record.happened_at).aggregate(at=Max("happened_at"))["at"]
    added = meeting.attendees.filter(contact__isnull=False, created_at__lte=record.happened_at)
    if before is not None:
        added = added.filter(created_at__gt=before)
    return list(added.order_by("contact").values_list("contact_id", flat=True))


def follow_up(meeting: Meeting, state: str) -> None:
    """Cancelled or missed: a task for whoever leads it, with three times that could be offered, once for each meeting."""
    asked = ASKS.get(MeetingState(state))
    guests = _guests(meeting)
    if asked is None or not guests:
        return
    title, within = asked
    first, now = guests[0], clock.now()
    owner = meeting.owner or first.owner
    offer = offer_to(first, owner=owner, now=now) if owner and not first.do_not_email else None
    notes = [f"About: {meeting.title}.", meeting.outcome, offer.text if offer and offer.lines else ""]
    create_task(
        title=title.format(name=_named(guests)),
        actor=SYSTEM,
        due_at=now + within,
        owner=owner,
        note="\n\n".join(filter(None, notes)),
        contact=first,
        deal=meeting.deal,
        source_type="outreach.meeting",
        source_id=source_key("meeting", meeting.pk, state),
    )


def _guests(meeting: Meeting) -> list[Contact]:
    """The people of the customer, in the order in which locks are taken."""
    return list(Contact.objects.filter(meetings__meeting=meeting).select_related("owner").order_by("pk"))


def _named(guests: list[Contact]) -> str:
    more = len(guests) - 1
    return f"{guests[0]} and {more} more" if more else str(guests[0])
