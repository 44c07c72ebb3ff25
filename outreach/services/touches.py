"""Planning touches, deciding about doubtful ones, and starting campaigns whose time has come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from gtmos.kernel import clock, events, history, jobs, live
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fsm import move
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.enums import CampaignState, TouchState
from outreach.events import CampaignStartedRunning
from outreach.models import Campaign, Touch
from outreach.selectors.approved import WAITS
from outreach.services.planning import plan_touches, rewrite_touch

__all__ = [
    "assume_sent",
    "begin_campaigns",
    "cancel_late",
    "cancel_touches",
    "disprove_sent",
    "plan_touches",
    "prove_sent",
    "release_late",
    "resolve_doubt",
    "retry_touch",
    "rewrite_touch",
]

UNDECIDED = (TouchState.IN_DOUBT, TouchState.HANDING)

PROVE = """
WITH told AS (
    UPDATE outreach_touch
    SET state = 'sent', sent_at = COALESCE(sent_at, %(now)s - LEAST(clock_timestamp() - handed_at, interval '1 day')),
        is_assumed = %(assumed)s, lease_until = NULL, last_error = %(how)s
    WHERE id = ANY(%(ids)s) AND (state = ANY(%(states)s) OR (state = 'sent' AND is_assumed AND NOT %(assumed)s))
    RETURNING id, enrollment_id, epoch, sent_at
), first AS (
    UPDATE outreach_enrollment e SET first_sent_at = told.sent_at
    FROM told WHERE e.id = told.enrollment_id AND e.first_sent_at IS NULL
)
INSERT INTO outreach_touchattempt (touch_id, epoch, worker, at, result, detail)
SELECT id, epoch, %(by)s, clock_timestamp(), %(result)s, %(how)s FROM told
"""

DISPROVE = """
WITH told AS (
    UPDATE outreach_touch
    SET state = 'scheduled', next_at = %(now)s, lease_until = NULL, last_error = %(how)s, is_assumed = FALSE,
        sent_at = NULL
    WHERE id = ANY(%(ids)s) AND (state = 'in_doubt' OR (state = 'sent' AND is_assumed))
    RETURNING id, epoch
)
INSERT INTO outreach_touchattempt (touch_id, epoch, worker, at, result, detail)
SELECT id, epoch, %(by)s, clock_timestamp(), 'not sent', %(how)s FROM told
"""


def prove_sent(touch_ids: Sequence[int], *, how: str, by: str = "system") -> int:
    """An open, click, reply, bounce or log entry that names a mail proves that it left, whatever we saw of it."""
    return _settle(PROVE, touch_ids, how=how, by=by, states=list(UNDECIDED), assumed=False, result="sent")


def assume_sent(touch_ids: Sequence[int]) -> int:
    """Nobody can be asked: sending twice is worse than not sending, so it counts as sent until a person says else."""
    how = "The server gave no reply and cannot be asked; it counts as sent."
    return _settle(
        PROVE, touch_ids, how=how, by="system", states=["in_doubt"], assumed=True, result="assumed sent"
    )


def disprove_sent(touch_ids: Sequence[int], *, how: str, by: str = "system") -> int:
    """It surely did not leave: it goes out again, under the same Message-ID."""
    return _settle(DISPROVE, touch_ids, how=how, by=by)


def _settle(statement: str, touch_ids: Sequence[int], **parameters: str | bool | list[str]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO on")
        values: dict[str, Any] = {"ids": list(touch_ids), "now": clock.now(), **parameters}
        cursor.execute(statement, values)
        return max(int(cursor.rowcount), 0)


@transaction.atomic
def resolve_doubt(touch: Touch, *, was_sent: bool, actor: Actor) -> Touch:
    """A person says whether a doubtful mail arrived; with no, it is sent again."""
    require(actor, "outreach.resolve_touch", touch.campaign)
    touch = Touch.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=touch.pk)
    if touch.state != TouchState.IN_DOUBT and not (touch.state == TouchState.SENT and touch.is_assumed):
        raise DomainError("This mail is not in doubt any more.", code="not_in_doubt")
    settle = prove_sent if was_sent else disprove_sent
    settle([touch.pk], how=f"{actor.label} said so.", by=actor.label[:80])
    _record(touch, "state", touch.state, "sent" if was_sent else "scheduled", actor=actor)
    touch.refresh_from_db()
    return touch


@transaction.atomic
def release_late(touch: Touch, *, actor: Actor) -> Touch:
    """Send what was due while nothing ran."""
    require(actor, "outreach.resolve_touch", touch.campaign)
    return _decide_late(touch, TouchState.SCHEDULED, actor=actor)


@transaction.atomic
def cancel_late(touch: Touch, *, actor: Actor) -> Touch:
    """Drop what was due while nothing ran."""
    require(actor, "outreach.resolve_touch", touch.campaign)
    return _decide_late(touch, TouchState.CANCELLED, actor=actor)


def _decide_late(touch: Touch, state: TouchState, *, actor: Actor) -> Touch:
    touch = Touch.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=touch.pk)
    if touch.state != TouchState.LATE:
        raise DomainError("This mail does not wait for a decision.", code="not_late")
    touch.state, touch.next_at = state, clock.now()
    touch.last_error = "" if touch.approved_hash or state != TouchState.SCHEDULED else WAITS
    touch.save(update_fields=["state", "next_at", "last_error"])
    _record(touch, "state", TouchState.LATE, state, actor=actor)
    jobs.enqueue("outreach.drain_touches")
    return touch


def _record(touch: Touch, name: str, before: str, after: str, *, actor: Actor) -> None:
    history.record(
        touch.campaign,
        before={name: before},
        after={name: after},
        actor=actor,
        category="TOUCH",
        summary=f"Touch {touch.step_no} to {touch.recipient}: {before} to {after}",
    )
    live.push(f"campaign:{touch.campaign_id}")


@transaction.atomic
def retry_touch(touch: Touch, *, actor: Actor) -> Touch:
    """Write a failed mail anew, after a person has mended what was wrong, and send it."""
    require(actor, "outreach.resolve_touch", touch.campaign)
    touch = Touch.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=touch.pk)
    if touch.state != TouchState.FAILED:
        raise DomainError("Only a mail that failed can be tried again.", code="not_failed")
    rewrite_touch(touch.pk, next_at=clock.now())
    touch.refresh_from_db()
    _record(touch, "state", TouchState.FAILED, touch.state, actor=actor)
    return touch


@transaction.atomic
def cancel_touches(touches: models.Manager[Touch], *, why: str) -> int:
    """Those of a person or a campaign that still wait will not be sent; what is on its way is stopped by the gate."""
    waiting = touches.filter(state__in=(TouchState.SCHEDULED, TouchState.LATE))
    return waiting.update(state=TouchState.CANCELLED, last_error=why[:500])


def begin_campaigns() -> int:
    """The first mail that is due turns a scheduled campaign into a running one."""
    now = clock.now()
    due = (
        Campaign.objects.filter(
            state=CampaignState.ACTIVE,
            starts_at__lte=now,
            touches__state=TouchState.SCHEDULED,
            touches__next_at__lte=now,
        )
        .order_by("pk")
        .distinct()
    )
    return sum(_begin(campaign.pk, now) for campaign in due)


@transaction.atomic
def _begin(campaign_id: UUID, now: datetime) -> int:
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign_id)
    if campaign.state != CampaignState.ACTIVE or campaign.starts_at is None or campaign.starts_at > now:
        return 0
    move(campaign.run, refusal="This campaign is not scheduled.")
    save_changes(campaign, "state")
    history.record(
        campaign,
        before={"state": CampaignState.ACTIVE},
        after={"state": CampaignState.RUNNING},
        actor=SYSTEM,
        category="STATE",
    )
    events.publish(CampaignStartedRunning(campaign_id=campaign.pk), subject=campaign, actor=SYSTEM)
    live.push(f"campaign:{campaign.pk}")
    return 1
