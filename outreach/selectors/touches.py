"""Touches as people and the engine ask for them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from outreach.enums import CampaignState, EnrollmentState, TouchState
from outreach.models import Enrollment, Mailbox, Touch

ON_THE_WAY = (TouchState.CLAIMED, TouchState.HANDING)


def visible_touches(*, actor: Actor) -> QuerySet[Touch]:
    return visible_to(actor, Touch.objects.all(), through="campaign__")


def touches_to_decide(*, actor: Actor) -> QuerySet[Touch]:
    """Only a person can say what is to become of these: in doubt, late, or assumed to be sent."""
    waiting = visible_touches(actor=actor).filter(state__in=(TouchState.IN_DOUBT, TouchState.LATE))
    return waiting | visible_touches(actor=actor).filter(state=TouchState.SENT, is_assumed=True)


def touches_in_doubt(*, handed_before: datetime) -> QuerySet[Touch]:
    """By server time: those whose old connection has certainly ended."""
    return Touch.objects.filter(state=TouchState.IN_DOUBT, handed_at__lt=handed_before).order_by("handed_at")


def due_touches(now: datetime) -> QuerySet[Touch]:
    """What a worker could take now; what is stopped, or waits for a new approval, is left out."""
    return Touch.objects.filter(
        state=TouchState.SCHEDULED,
        next_at__lte=now,
        campaign__state=CampaignState.RUNNING,
        enrollment__state=EnrollmentState.ACTIVE,
        mailbox__is_active=True,
    ).exclude(approved_hash="")


def has_due(now: datetime) -> bool:
    return due_touches(now).exists()


def has_startable(now: datetime) -> bool:
    """A scheduled campaign whose first mail is due."""
    return Touch.objects.filter(
        state=TouchState.SCHEDULED,
        next_at__lte=now,
        campaign__state=CampaignState.ACTIVE,
        campaign__starts_at__lte=now,
    ).exists()


def resumable(now: datetime) -> QuerySet[Enrollment]:
    """People whose pause is over."""
    return Enrollment.objects.filter(state=EnrollmentState.PAUSED, paused_until__lte=now)


def oldest_due(now: datetime) -> timedelta:
    """How long the oldest mail that could go out has been waiting; the figure of liveness."""
    oldest = due_touches(now).aggregate(at=Min("next_at"))["at"]
    return now - oldest if oldest else timedelta(0)


def failing_mailboxes() -> QuerySet[Mailbox]:
    """Whose server has not answered since; work goes on by itself when it does."""
    return Mailbox.objects.filter(failing_since__isnull=False, is_active=True).order_by("failing_since")


def count_by_state(campaign_id: UUID) -> dict[str, int]:
    rows = Touch.objects.filter(campaign_id=campaign_id).values_list("state").annotate(Count("id"))
    return dict(rows.order_by())
