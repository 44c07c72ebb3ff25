"""Ending what is over: people who did not answer in time, and campaigns with nobody left in them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from gtmos.kernel import clock, events, live
from gtmos.kernel.actors import SYSTEM
from outreach.enums import CampaignState, EnrollmentState, Outcome, TouchState
from outreach.events import EnrollmentsFinished
from outreach.models import Campaign, Enrollment, Step, Touch
from outreach.services.launching import complete_campaign

OPEN = (
    TouchState.SCHEDULED,
    TouchState.CLAIMED,
    TouchState.HANDING,
    TouchState.IN_DOUBT,
    TouchState.LATE,
)
ENDED = (TouchState.FAILED, TouchState.CANCELLED)


def finish_due() -> int:
    """Finish who waited long enough, then the campaigns that are empty; returns how many campaigns ended."""
    now = clock.now()
    running = Campaign.objects.filter(state=CampaignState.RUNNING).order_by("pk")
    for campaign in running:
        _finish_people(campaign, now)
    open_people = Enrollment.objects.filter(campaign=OuterRef("pk")).exclude(state=EnrollmentState.FINISHED)
    empty = list(running.filter(~Exists(open_people)))
    for campaign in empty:
        complete_campaign(campaign, actor=SYSTEM)
    return len(empty)


@transaction.atomic
def _finish_people(campaign: Campaign, now: datetime) -> None:
    _finish(campaign, _unanswered(campaign, now), Outcome.NO_REPLY, now)
    _finish(campaign, _never_sent(campaign), Outcome.CANCELLED, now)


def _finish(campaign: Campaign, people: QuerySet[Enrollment], outcome: Outcome, now: datetime) -> None:
    keys = list(people.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
    if not keys:
        return
    Enrollment.objects.filter(pk__in=keys).update(
        state=EnrollmentState.FINISHED,
        outcome=outcome,
        finished_at=now,
        version=F("version") + 1,
    )
    events.publish(
        EnrollmentsFinished(campaign_id=campaign.pk, outcome=outcome, count=len(keys)),
        subject=campaign,
        actor=SYSTEM,
    )
    live.push(f"campaign:{campaign.pk}")


def _at_the_end(campaign: Campaign) -> QuerySet[Enrollment]:
    """Active people for whom no mail is open and none will come: the last step is there, or one failed."""
    last = Step.objects.filter(campaign=campaign).order_by("-number").values_list("number", flat=True).first()
    mine = Touch.objects.filter(enrollment=OuterRef("pk"))
    return campaign.enrollments.filter(state=EnrollmentState.ACTIVE).filter(
        ~Exists(mine.filter(state__in=OPEN)), Exists(mine.filter(Q(step_no=last) | Q(state__in=ENDED)))
    )


def _unanswered(campaign: Campaign, now: datetime) -> QuerySet[Enrollment]:
    sent = Touch.objects.filter(enrollment=OuterRef("pk"), state=TouchState.SENT)
    waited_since = now - timedelta(days=campaign.answer_days)
    return _at_the_end(campaign).filter(Exists(sent), ~Exists(sent.filter(sent_at__gt=waited_since)))


def _never_sent(campaign: Campaign) -> QuerySet[Enrollment]:
    sent = Touch.objects.filter(enrollment=OuterRef("pk"), state=TouchState.SENT)
    return _at_the_end(campaign).filter(~Exists(sent))
