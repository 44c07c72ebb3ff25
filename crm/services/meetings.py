"""What can be done to a meeting."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.enums import ActivityType, MeetingState
from crm.events import MeetingChanged, MeetingClosed, MeetingPlanned
from crm.models import Company, Contact, Deal, Meeting, MeetingAttendee
from crm.services.activities import inherited, log_activity
from crm.services.changing import apply_changes, check, locked
from crm.services.companies import ownership
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fsm import move
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

EDITABLE = frozenset(
    {"title", "starts_at", "ends_at", "place", "link", "agenda", "outcome", "company", "deal", "owner"}
)
SOURCE = "crm.meeting"


@transaction.atomic
def plan_meeting(  # noqa: PLR0913 -- a record has as many sides as it has; nearly all are optional
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    contacts: Collection[Contact] = (),
    users: Collection[User] = (),
    company: Company | None = None,
    deal: Deal | None = None,
    place: str = "",
    link: str = "",
    agenda: str = "",
) -> Meeting:
    """Put a meeting into the calendar; without users its planner attends."""
    require(actor, "crm.create_meeting")
    company = company or (deal.company if deal else None) or _home(contacts)
    meeting = Meeting(
        title=title.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        link=link,
        agenda=agenda,
        company=company,
        deal=deal,
        **(ownership(actor) or inherited(deal or company)),
    )
    _check(meeting)
    meeting.save(force_insert=True)
    _invite(meeting, contacts, users or ([actor.user] if actor.user else []))
    history.record_creation(meeting, actor=actor)
    events.publish(MeetingPlanned(meeting_id=meeting.pk), subject=meeting, actor=actor)
    _tell(meeting)
    return meeting


@transaction.atomic
def log_meeting(*, outcome: str, actor: Actor, **said: Any) -> Meeting:
    """One that took place already."""
    return complete_meeting(plan_meeting(actor=actor, **said), outcome=outcome, actor=actor)


@transaction.atomic
def update_meeting(
    meeting: Meeting,
    *,
    changes: dict[str, Any],
    actor: Actor,
    contacts: Collection[Contact] | None = None,
    users: Collection[User] | None = None,
) -> Meeting:
    """Change fields, and who attends where it is said."""
    require(actor, "crm.edit_meeting", meeting)
    meeting = locked(meeting)
    changed = apply_changes(
        meeting, changes, allowed=EDITABLE, actor=actor, category="MEETING", derive=_check
    )
    before = _names(meeting)
    _replace(meeting, contacts, users)
    after = _names(meeting)
    attended = {"attendees": after}
    noted = history.record(
        meeting, before={"attendees": before}, after=attended, actor=actor, category="MEETING"
    )
    fields = (*changed, *(("attendees",) if noted else ()))
    if fields:
        events.publish(MeetingChanged(meeting_id=meeting.pk, fields=fields), subject=meeting, actor=actor)
        _tell(meeting)
    return meeting


@transaction.atomic
def complete_meeting(meeting: Meeting, *, outcome: str, actor: Actor) -> Meeting:
    """It was held. What came of it stands on the timeline and counts as an activity."""
    if meeting.starts_at > clock.now():
        raise DomainError("This meeting has not begun yet.", code="not_begun")
    meeting = _close(meeting, Meeting.hold, outcome, actor)
    people = meeting.attendees.filter(contact__isnull=False).select_related("contact")
    first = people.first()
    log_activity(
        type=ActivityType.MEETING,
        subject=meeting.title,
        body=meeting.outcome or meeting.agenda,
        company=meeting.company,
        contact=first.contact if first else None,
        deal=meeting.deal,
        happened_at=meeting.starts_at,
        duration_minutes=int((meeting.ends_at - meeting.starts_at).total_seconds() // 60),
        source_type=SOURCE,
        source_id=meeting.pk,
        actor=actor,
    )
    return meeting


def mark_no_show(meeting: Meeting, *, actor: Actor, outcome: str = "") -> Meeting:
    if meeting.starts_at > clock.now():
        raise DomainError("This meeting has not begun yet.", code="not_begun")
    return _close(meeting, Meeting.miss, outcome, actor)


def cancel_meeting(meeting: Meeting, *, actor: Actor, outcome: str = "") -> Meeting:
    return _close(meeting, Meeting.cancel, outcome, actor)


@transaction.atomic
def _close(meeting: Meeting, step: Callable[[Meeting], None], outcome: str, actor: Actor) -> Meeting:
    require(actor, "crm.edit_meeting", meeting)
    meeting = locked(meeting)
    before = {"state": meeting.state, "outcome": meeting.outcome}
    label = MeetingState(meeting.state).label
    move(step.__get__(meeting), refusal=f"{meeting} is {label} already.")
    meeting.outcome = outcome.strip() or meeting.outcome
    save_changes(meeting, "state", "outcome")
    after = {"state": meeting.state, "outcome": meeting.outcome}
    history.record(meeting, before=before, after=after, actor=actor, category="STATE")
    closed = MeetingClosed(meeting_id=meeting.pk, state=meeting.state)
    events.publish(closed, subject=meeting, actor=actor)
    _tell(meeting)
    return meeting


def _check(meeting: Meeting) -> list[str]:
    if not meeting.title.strip():
        raise InvalidInputError("A meeting needs a title.", code="title_missing")
    if meeting.ends_at < meeting.starts_at:
        raise InvalidInputError("A meeting cannot end before it begins.", code="ends_before")
    check(meeting, ["title", "starts_at", "ends_at", "place", "link"])
    return []


def _home(contacts: Collection[Contact]) -> Company | None:
    return next((each.company for each in contacts if each.company), None)


def _invite(meeting: Meeting, contacts: Collection[Contact], users: Collection[User]) -> None:
    rows = [MeetingAttendee(meeting=meeting, contact=each) for each in dict.fromkeys(contacts)]
    rows += [MeetingAttendee(meeting=meeting, user=each) for each in dict.fromkeys(users)]
    MeetingAttendee.objects.bulk_create(rows)


def _replace(meeting: Meeting, contacts: Collection[Contact] | None, users: Collection[User] | None) -> None:
    """Who stays keeps their row: it says since when they attend."""
    rows = MeetingAttendee.objects.filter(meeting=meeting)
    if contacts is not None:
        rows.filter(contact__isnull=False).exclude(contact__in=contacts).delete()
    if users is not None:
        rows.filter(user__isnull=False).exclude(user__in=users).delete()
    people, colleagues = set(rows.values_list("contact", flat=True)), set(rows.values_list("user", flat=True))
    _invite(
        meeting,
        [each for each in contacts or () if each.pk not in people],
        [each for each in users or () if each.pk not in colleagues],
    )


def _names(meeting: Meeting) -> str:
    people = MeetingAttendee.objects.filter(meeting=meeting).select_related("contact", "user")
    return ", ".join(sorted(str(each) for each in people))


def _tell(meeting: Meeting) -> None:
    for each in MeetingAttendee.objects.filter(meeting=meeting):
        live.push(f"contact:{each.contact_id}" if each.contact_id else f"user:{each.user_id}")
    for noun, key in (("company", meeting.company_id), ("deal", meeting.deal_id)):
        if key:
            live.push(f"{noun}:{key}")
