"""Ending what is over: people who did not answer in time, campaigns with nobody left, and people of ended campaigns."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import SYSTEM
from outreach.enums import CampaignState, EnrollmentState, Outcome, TouchState
from outreach.events import EnrollmentsFinished
from outreach.models import Campaign, Enrollment, Step, Touch
from outreach.services.launching import complete_campaign

logger = logging.getLogger(__name__)

OPEN = (
    TouchState.SCHEDULED,
    TouchState.CLAIMED,
    TouchState.HANDING,
    TouchState.IN_DOUBT,
    TouchState.LATE,
)
ENDED = (TouchState.FAILED, TouchState.CANCELLED)
WAITING = (TouchState.SCHEDULED, TouchState.LATE)
BATCH = 500


def finish_due() -> int:
    """Finish who waited long enough, then the campaigns that are empty; returns how many campaigns ended."""
    now = clock.now()
    running = Campaign.objects.filter(state=CampaignState.RUNNING).order_by("pk")
    ended = 0
    for campaign in (*running, *_with_people_left()):
        try:
            ended += _finish_campaign(campaign, now)
        except Exception:  # one campaign that cannot be ended must not keep the others open
            logger.exception("the campaign %s could not be finished", campaign.pk)
    return ended


def _finish_campaign(campaign: Campaign, now: datetime) -> int:
    if campaign.state != CampaignState.RUNNING:
        release_people(campaign, now=now)
        return 0
    for people, outcome in (
        (_unanswered(campaign, now), Outcome.NO_REPLY),
        (_never_sent(campaign), Outcome.CANCELLED),
    ):
        while _finish_batch(campaign, people, outcome, now) == BATCH:
            continue
    if campaign.enrollments.exclude(state=EnrollmentState.FINISHED).exists():
        return 0
    complete_campaign(campaign, actor=SYSTEM)
    return 1


def _with_people_left() -> QuerySet[Campaign]:
    """Campaigns that ended while people were in them or mails of theirs waited."""
    open_people = Enrollment.objects.filter(campaign=OuterRef("pk")).exclude(state=EnrollmentState.FINISHED)
    waiting = Touch.objects.filter(campaign=OuterRef("pk"), state__in=WAITING)
    ended = Campaign.objects.filter(
        state__in=(CampaignState.COMPLETED, CampaignState.ARCHIVED), completed_at__isnull=False
    )
    return ended.filter(Exists(open_people) | Exists(waiting)).order_by("pk")


def release_people(campaign: Campaign, *, now: datetime) -> None:
    """Take everybody out of a campaign that ended."""
    people = campaign.enrollments.exclude(state=EnrollmentState.FINISHED)
    while _release_batch(campaign, people, now) == BATCH:
        continue
    with transaction.atomic():
        _cancel(Touch.objects.filter(campaign=campaign))


@transaction.atomic
def _release_batch(campaign: Campaign, people: QuerySet[Enrollment], now: datetime) -> int:
    """Touches before people, as the hand-over locks them, so that the two never wait for each other in a circle."""
    keys = list(people.order_by("pk").values_list("pk", flat=True)[:BATCH])
    _cancel(Touch.objects.filter(enrollment__in=keys))
    locked = people.filter(pk__in=keys).select_for_update(of=("self",)).order_by("pk")
    _end(campaign, list(locked.select_related("contact", "campaign")), Outcome.CANCELLED, now)
    return len(keys)


def _cancel(touches: QuerySet[Touch]) -> None:
    waiting = touches.filter(state__in=WAITING).select_for_update().order_by("pk")
    keys = list(waiting.values_list("pk", flat=True))
    Touch.objects.filter(pk__in=keys).update(state=TouchState.CANCELLED, last_error="The campaign ended.")


@transaction.atomic
def _finish_batch(campaign: Campaign, people: QuerySet[Enrollment], outcome: Outcome, now: datetime) -> int:
    locked = people.select_for_update(of=("self",), skip_locked=True).select_related("contact", "campaign")
    ended = list(locked.order_by("pk")[:BATCH])
    _end(campaign, ended, outcome, now)
    return len(ended)


def _end(campaign: Campaign, people: list[Enrollment], outcome: Outcome, now: datetime) -> None:
    """These people, locked: one statement for them all, and a line in each one's history."""
    if not people:
        return
    Enrollment.objects.filter(pk__in=[each.pk for each in people]).update(
        state=EnrollmentState.FINISHED,
        outcome=outcome,
        paused_until=None,
        finished_at=now,
        updated_at=now,
        version=F("version") + 1,
    )
    after = {"state": EnrollmentState.FINISHED, "outcome": outcome}
    for each in people:
        before = {"state": each.state, "outcome": each.outcome}
        each.version += 1
        history.record(each, before=before, after=after, actor=SYSTEM, category="STATE")
    events.publish(
        EnrollmentsFinished(campaign_id=campaign.pk, outcome=outcome, count=len(people)),
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
