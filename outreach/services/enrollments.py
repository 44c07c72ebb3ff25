"""One person's way through a campaign: paused, resumed, ended. Ends are final, and only a graver one replaces an end."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from crm.models import Contact
from gtmos.context.models import Organisation
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fsm import move
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.enums import EnrollmentState, Outcome, TouchState
from outreach.events import EnrollmentFinished, EnrollmentPaused, EnrollmentResumed
from outreach.models import Enrollment, Touch
from outreach.selectors.calendar import closed_days, window_of
from outreach.selectors.touches import resumable
from outreach.services.touches import cancel_touches
from outreach.timing.cadence import Gap, next_touch_at
from outreach.timing.windows import zone_of

# Whatever order the facts come in, the same end is left.
GRAVITY = {
    Outcome.NONE: 0,
    Outcome.CANCELLED: 1,
    Outcome.NO_REPLY: 2,
    Outcome.REPLIED: 3,
    Outcome.INTERESTED: 4,
    Outcome.MEETING: 5,
    Outcome.NOT_INTERESTED: 6,
    Outcome.BOUNCED: 7,
    Outcome.UNSUBSCRIBED: 8,
    Outcome.COMPLAINED: 9,
}


@transaction.atomic
def pause_enrollment(enrollment: Enrollment, *, until: datetime, reason: str, actor: Actor) -> Enrollment:
    """No mail before the given moment; a second pause only ever makes it longer."""
    require(actor, "outreach.edit_campaign", enrollment.campaign)
    enrollment = _locked(enrollment)
    if enrollment.state == EnrollmentState.FINISHED:
        return enrollment
    paused_by_a_person = enrollment.state == EnrollmentState.PAUSED and enrollment.paused_until is None
    if paused_by_a_person or (enrollment.paused_until and enrollment.paused_until >= until):
        return enrollment
    before = {"state": enrollment.state, "paused_until": enrollment.paused_until}
    if enrollment.state == EnrollmentState.ACTIVE:
        move(enrollment.pause, refusal="This person is not being written to.")
    enrollment.paused_until = until
    save_changes(enrollment, "state", "paused_until")
    _record(enrollment, before, {"state": enrollment.state, "paused_until": until}, reason, actor)
    events.publish(
        EnrollmentPaused(enrollment_id=enrollment.pk, until=until, reason=reason),
        subject=enrollment,
        actor=actor,
    )
    return enrollment


@transaction.atomic
def finish_enrollment(
    enrollment: Enrollment, *, outcome: str, actor: Actor, at: datetime | None = None
) -> Enrollment:
    """The person gets no further mail of this campaign."""
    require(actor, "outreach.edit_campaign", enrollment.campaign)
    lock_touches_of(enrollment.contact_id)
    enrollment = _locked(enrollment)
    moment = at or clock.now()
    before = {"state": enrollment.state, "outcome": enrollment.outcome}
    if GRAVITY[Outcome(outcome)] > GRAVITY[Outcome(enrollment.outcome)]:
        enrollment.outcome = Outcome(outcome)
    if enrollment.state != EnrollmentState.FINISHED:
        move(enrollment.finish, refusal="This person is out of the campaign already.")
    enrollment.finished_at = min(filter(None, [enrollment.finished_at, moment]))
    enrollment.paused_until = None
    save_changes(enrollment, "state", "outcome", "finished_at", "paused_until")
    cancel_touches(enrollment.touches, why=f"Ended: {Outcome(enrollment.outcome).label}.")
    after = {"state": enrollment.state, "outcome": enrollment.outcome}
    if after != before:
        _record(enrollment, before, after, "", actor)
        events.publish(
            EnrollmentFinished(
                enrollment_id=enrollment.pk,
                campaign_id=enrollment.campaign_id,
                contact_id=enrollment.contact_id,
                outcome=enrollment.outcome,
            ),
            subject=enrollment,
            actor=actor,
        )
    return enrollment


def lock_touches_of(contact_id: UUID) -> None:
    """Everything written to this person, before anything else is locked: the hand-over does it in this order too."""
    touches = Touch.objects.select_for_update().filter(contact_id=contact_id).order_by("pk")
    list(touches.values_list("pk", flat=True))


def stop_enrollments_of(
    contact: Contact, *, outcome: str, actor: Actor, at: datetime | None = None
) -> list[Enrollment]:
    """End this person's way through every campaign that still writes to them."""
    return [
        finish_enrollment(each, outcome=outcome, actor=actor, at=at) for each in open_enrollments(contact)
    ]


def pause_enrollments_of(contact: Contact, *, until: datetime, reason: str, actor: Actor) -> list[Enrollment]:
    return [
        pause_enrollment(each, until=until, reason=reason, actor=actor) for each in open_enrollments(contact)
    ]


def open_enrollments(contact: Contact) -> Iterable[Enrollment]:
    return (
        Enrollment.objects.filter(contact=contact)
        .exclude(state=EnrollmentState.FINISHED)
        .select_related("campaign")
        .order_by("pk")
    )


def resume_due(*, limit: int = 500) -> int:
    """Go on with everybody whose pause is over."""
    due = resumable(clock.now()).select_related("campaign").order_by("paused_until", "pk")
    return sum(_resume(each) for each in due[:limit])


@transaction.atomic
def _resume(enrollment: Enrollment) -> int:
    waiting = list(
        Touch.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(enrollment=enrollment.pk, state=TouchState.SCHEDULED)
        .select_related("mailbox", "contact__company")
    )
    enrollment = _locked(enrollment)
    now = clock.now()
    until = enrollment.paused_until
    if enrollment.state != EnrollmentState.PAUSED or until is None or until > now:
        return 0
    move(enrollment.resume, refusal="This person is not paused.")
    enrollment.paused_until = None
    save_changes(enrollment, "state", "paused_until")
    for touch in waiting:
        _put_off(touch, now)
    _record(
        enrollment,
        {"state": EnrollmentState.PAUSED, "paused_until": until},
        {"state": enrollment.state, "paused_until": None},
        "The pause is over.",
        SYSTEM,
    )
    events.publish(EnrollmentResumed(enrollment_id=enrollment.pk), subject=enrollment, actor=SYSTEM)
    return 1


def _put_off(touch: Touch, now: datetime) -> None:
    """A mail that fell due during the pause goes into the next open hours, not out at once."""
    if touch.next_at > now:
        return
    window = window_of(touch.mailbox, touch.contact, closed_days())
    zone = zone_of(touch.contact.time_zone, home_zone())
    seed = f"{touch.enrollment_id}:{touch.step_no}:resumed"
    at_once = Gap(timedelta(0), timedelta(0))
    touch.next_at = next_touch_at(now, now, at_once, window, zone, seed=seed)
    touch.save(update_fields=["next_at"])


def home_zone() -> str:
    organisation = Organisation.objects.first()
    return organisation.time_zone if organisation else "UTC"


def _locked(enrollment: Enrollment) -> Enrollment:
    return (
        Enrollment.objects.select_for_update(of=("self",))
        .select_related("campaign", "contact__company")
        .get(pk=enrollment.pk)
    )


def _record(
    enrollment: Enrollment, before: dict[str, object], after: dict[str, object], reason: str, actor: Actor
) -> None:
    history.record(enrollment, before=before, after=after, actor=actor, category="STATE", summary=reason)
    live.push(f"campaign:{enrollment.campaign_id}")
    live.push(f"contact:{enrollment.contact_id}")
