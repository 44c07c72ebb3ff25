"""The way of a campaign from ready to archived. Nothing leaves without an approval of exactly what leaves."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min

from gtmos.kernel import clock, events, history, jobs, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.events import Event
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fsm import move
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.enums import CampaignState, ExperimentState
from outreach.events import (
    CampaignActivated,
    CampaignApproved,
    CampaignArchived,
    CampaignCompleted,
    CampaignPaused,
    CampaignResumed,
    CampaignStartCancelled,
)
from outreach.models import Campaign
from outreach.selectors.approved import waiting_for_approval
from outreach.selectors.campaigns import WAITS, content_fingerprint, shown_fingerprint
from outreach.selectors.readiness import blockers
from outreach.services.approvals import APPROVAL, locked, renew_scheduled, stamp_approval
from outreach.services.verdicts import close_test

CANCEL_WINDOW = timedelta(minutes=15)
S = CampaignState


@transaction.atomic
def make_ready(campaign: Campaign, *, actor: Actor) -> Campaign:
    """Say that it could leave; refused with the codes of what is missing."""
    require(actor, "outreach.edit_campaign", campaign)
    campaign = locked(campaign)
    if campaign.state == S.READY:
        return campaign
    _refuse_unready(campaign)
    before = campaign.state
    move(campaign.make_ready, refusal=_refusal(campaign, "made ready"))
    return _settle(campaign, before, "state", actor=actor)


@transaction.atomic
def approve_campaign(campaign: Campaign, *, actor: Actor, shown: str | None = None) -> Campaign:
    """Approve exactly what is there. The first mail leaves after the window in which it can be cancelled.

    A paused campaign that was changed is approved again and stays paused until it is resumed; one under way goes on
    with the mails that waited because they read otherwise than approved. `shown` is the fingerprint of what the person
    saw; anything else is not approved.
    """
    require(actor, "outreach.approve_campaign", campaign)
    campaign = locked(campaign)
    if shown is not None and shown != shown_fingerprint(campaign):
        raise DomainError(
            f"{campaign} has changed since you looked at it. Look at it again, then approve.",
            code="changed_since_shown",
        )
    if campaign.state in {S.ACTIVE, S.RUNNING} and campaign.approved_hash == content_fingerprint(campaign):
        return _approve_again(campaign, actor) if waiting_for_approval(campaign) else campaign
    _refuse_unready(campaign)
    before = campaign.state
    if campaign.state == S.PAUSED:
        return _approve_again(campaign, actor)
    if campaign.state == S.DRAFT:
        move(campaign.make_ready, refusal=_refusal(campaign, "approved"))
    move(campaign.activate, refusal=_refusal(campaign, "approved"))
    stamp_approval(campaign, actor=actor)
    now = clock.now()
    campaign.activated_at, campaign.starts_at = now, now + CANCEL_WINDOW
    _settle(
        campaign,
        before,
        *("state", "activated_at", "starts_at", *APPROVAL),
        facts=(
            _approved(campaign),
            CampaignActivated(campaign_id=campaign.pk, starts_at=campaign.starts_at),
        ),
        actor=actor,
    )
    jobs.enqueue("outreach.plan_touches")
    return campaign


def _approve_again(campaign: Campaign, actor: Actor) -> Campaign:
    """While nothing was sent there is a window to cancel in again; mails planned before wait for its end."""
    stamp_approval(campaign, actor=actor)
    if campaign.starts_at is not None and not campaign.touches.exclude(state__in=WAITS).exists():
        campaign.starts_at = clock.now() + CANCEL_WINDOW
        campaign.paused_from = CampaignState.ACTIVE if campaign.state == S.PAUSED else campaign.paused_from
        _put_off(campaign, campaign.starts_at)
    fields = ("starts_at", "paused_from", *APPROVAL)
    _settle(campaign, campaign.state, *fields, facts=(_approved(campaign),), actor=actor)
    renew_scheduled(campaign)
    return campaign


def _put_off(campaign: Campaign, starts_at: datetime) -> None:
    """What is planned before this moment moves behind it, at the same pace."""
    early = campaign.touches.filter(next_at__lt=starts_at)
    first = early.aggregate(at=Min("next_at"))["at"]
    if first is not None:
        early.update(next_at=F("next_at") + (starts_at - first))


def _approved(campaign: Campaign) -> CampaignApproved:
    return CampaignApproved(
        campaign_id=campaign.pk,
        recipients=campaign.enrollments.count(),
        approved_hash=campaign.approved_hash,
    )


@transaction.atomic
def cancel_start(campaign: Campaign, *, actor: Actor) -> Campaign:
    """Take the start back before the first mail; the approval goes with it, nothing is sent."""
    require(actor, "outreach.pause_campaign", campaign)
    campaign = locked(campaign)
    if campaign.state == S.READY:
        return campaign
    before = campaign.state
    move(campaign.cancel_start, refusal=_refusal(campaign, "called back, as mails have left"))
    campaign.starts_at, campaign.approved_at, campaign.approved_by = None, None, None
    campaign.approved_hash = ""
    return _settle(
        campaign,
        before,
        *("state", "starts_at", *APPROVAL),
        facts=(CampaignStartCancelled(campaign_id=campaign.pk),),
        actor=actor,
    )


@transaction.atomic
def pause_campaign(campaign: Campaign, *, reason: str = "", actor: Actor) -> Campaign:
    """No hand-over begins after this has committed."""
    require(actor, "outreach.pause_campaign", campaign)
    campaign = locked(campaign)
    if campaign.state == S.PAUSED:
        return campaign
    before = campaign.state
    move(campaign.pause, refusal=_refusal(campaign, "paused"))
    campaign.paused_from, campaign.pause_reason = before, reason.strip()[:300]
    return _settle(
        campaign,
        before,
        *("state", "paused_from", "pause_reason"),
        facts=(CampaignPaused(campaign_id=campaign.pk, reason=campaign.pause_reason),),
        actor=actor,
    )


@transaction.atomic
def resume_campaign(campaign: Campaign, *, actor: Actor) -> Campaign:
    """Go on where it was. Nothing that was sent is sent again; mails that became late wait for a person."""
    require(actor, "outreach.approve_campaign", campaign)
    campaign = locked(campaign)
    if campaign.state in {S.ACTIVE, S.RUNNING}:
        return campaign
    if campaign.state == S.PAUSED and campaign.approved_hash != content_fingerprint(campaign):
        raise DomainError(
            f"{campaign} was changed while it was paused. Approve it again first.", code="needs_approval"
        )
    before = campaign.state
    back = campaign.resume_to_running if campaign.paused_from == S.RUNNING else campaign.resume_to_active
    move(back, refusal=_refusal(campaign, "resumed"))
    campaign.paused_from = campaign.pause_reason = ""
    _settle(
        campaign,
        before,
        *("state", "paused_from", "pause_reason"),
        facts=(CampaignResumed(campaign_id=campaign.pk),),
        actor=actor,
    )
    jobs.enqueue("outreach.plan_touches")
    return campaign


@transaction.atomic
def complete_campaign(campaign: Campaign, *, actor: Actor) -> Campaign:
    """End it: people who are still in it get nothing more; a test that runs ends without a winner.

    Only the campaign is locked, as a hand-over locks it last: its people are taken out afterwards, by the sweep of
    `finishing`, which locks in the order of the hand-over. From this commit on the gate refuses their mails.
    """
    require(actor, "outreach.pause_campaign", campaign)
    campaign = locked(campaign)
    if campaign.state == S.COMPLETED:
        return campaign
    before = campaign.state
    move(campaign.complete, refusal=_refusal(campaign, "completed"))
    campaign.completed_at = clock.now()
    _settle(
        campaign,
        before,
        *("state", "completed_at"),
        facts=(CampaignCompleted(campaign_id=campaign.pk),),
        actor=actor,
    )
    experiment = getattr(campaign, "experiment", None)
    if experiment is not None and experiment.state == ExperimentState.RUNNING:
        close_test(experiment, actor=actor)
    jobs.enqueue("outreach.finish_campaigns")
    return campaign


@transaction.atomic
def archive_campaign(campaign: Campaign, *, actor: Actor) -> Campaign:
    """Out of sight, nothing deleted."""
    require(actor, "outreach.edit_campaign", campaign)
    campaign = locked(campaign)
    if campaign.state == S.ARCHIVED:
        return campaign
    before = campaign.state
    move(campaign.archive, refusal=_refusal(campaign, "archived"))
    return _settle(campaign, before, "state", facts=(CampaignArchived(campaign_id=campaign.pk),), actor=actor)


def _refuse_unready(campaign: Campaign) -> None:
    missing = blockers(campaign)
    if missing:
        raise DomainError(
            f"{campaign} is not ready: {' '.join(finding.sentence for finding in missing)}",
            code="not_ready",
            missing=tuple(finding.code for finding in missing),
        )


def _refusal(campaign: Campaign, verb: str) -> str:
    return f"{campaign} is {campaign.get_state_display()} and cannot be {verb}."


def _settle(
    campaign: Campaign, before: str, *fields: str, actor: Actor, facts: tuple[Event, ...] = ()
) -> Campaign:
    save_changes(campaign, *fields)
    history.record(
        campaign, before={"state": before}, after={"state": campaign.state}, actor=actor, category="STATE"
    )
    for fact in facts:
        events.publish(fact, subject=campaign, actor=actor)
    live.push(f"campaign:{campaign.pk}")
    return campaign
