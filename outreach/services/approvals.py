"""What an approval covers and when it is void."""

from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fsm import move
from gtmos.kernel.records import save_changes
from outreach.enums import CampaignState, TouchState
from outreach.events import CampaignContentChanged
from outreach.models import ApprovedContent, Campaign, Touch
from outreach.selectors.approved import WAITS, approved_digests, content_digests, digest_of
from outreach.selectors.campaigns import content_fingerprint
from outreach.selectors.messages import compose_many

BATCH = 2000
UNSENT = (TouchState.SCHEDULED, TouchState.LATE, TouchState.FAILED)
APPROVAL = ("approved_by", "approved_at", "approved_hash")


def locked(campaign: Campaign) -> Campaign:
    """The row as it stands now, for this transaction alone. The lock also holds back the hand-over of its mails."""
    return (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("mailbox", "product")
        .get(pk=campaign.pk)
    )


def reopen_content(campaign: Campaign, *, what: str, actor: Actor) -> Campaign:
    """Before any change of what is sent: the approval is taken back, and a planned start with it."""
    campaign = locked(campaign)
    state = campaign.state
    if state == CampaignState.RUNNING:
        raise DomainError(
            f"{campaign} is running. Pause it first; after the change it has to be approved again.",
            code="running",
        )
    if state in {CampaignState.COMPLETED, CampaignState.ARCHIVED}:
        raise DomainError(
            f"{campaign} is {campaign.get_state_display()} and cannot be changed.", code="wrong_state"
        )
    was_approved = bool(campaign.approved_hash)
    if state == CampaignState.ACTIVE:
        move(campaign.cancel_start, refusal=f"{campaign} cannot be changed now.")
        campaign.starts_at = None
    if campaign.state == CampaignState.READY:
        move(campaign.reopen, refusal=f"{campaign} cannot be changed now.")
    campaign.approved_by, campaign.approved_at, campaign.approved_hash = None, None, ""
    save_changes(campaign, "state", "starts_at", *APPROVAL)
    history.record(
        campaign, before={"state": state}, after={"state": campaign.state}, actor=actor, category="STATE"
    )
    if was_approved:
        events.publish(
            CampaignContentChanged(campaign_id=campaign.pk, what=what), subject=campaign, actor=actor
        )
    live.push(f"campaign:{campaign.pk}")
    return campaign


def stamp_approval(campaign: Campaign, *, actor: Actor) -> None:
    """Bind the approval to exactly what is there now: the texts, and the mail of each person that they make."""
    campaign.approved_by = actor.user
    campaign.approved_at = clock.now()
    campaign.approved_hash = content_fingerprint(campaign)
    stamp_content(campaign)


def stamp_content(campaign: Campaign) -> None:
    """Remember how each mail reads; one that reads otherwise later waits for a new approval."""
    ApprovedContent.objects.filter(enrollment__campaign=campaign).delete()
    ApprovedContent.objects.bulk_create(
        (ApprovedContent(enrollment_id=key, digests=digests) for key, digests in content_digests(campaign)),
        batch_size=BATCH,
    )


def renew_scheduled(campaign: Campaign) -> int:
    """Mails that wait are written again: each person's present variant, the present sender, the present approval.

    Those that failed or are late too, as a person may still send them. Their state is not touched; a mail that a worker
    holds at this moment is stopped by its old approval.
    """
    waiting = list(
        Touch.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(campaign=campaign, state__in=UNSENT, step__isnull=False)
        .select_related("step", "enrollment")
    )
    approved = approved_digests(touch.enrollment_id for touch in waiting)
    composed = compose_many(campaign, [(touch.enrollment_id, touch.step) for touch in waiting if touch.step])
    for touch in waiting:
        message = composed[touch.enrollment_id, touch.step_no]
        if not message.missing:
            touch.variant_id = touch.enrollment.variant_id
            touch.subject, touch.body = message.subject, message.body
            touch.content_hash = message.content_hash
            digest = digest_of(touch.step_no, message.content_hash)
            is_approved = digest in approved.get(touch.enrollment_id, ())
            touch.approved_hash = campaign.approved_hash if is_approved else ""
            if touch.state == TouchState.SCHEDULED:
                touch.last_error = "" if is_approved else WAITS
            touch.mailbox_id = campaign.mailbox_id or touch.mailbox_id
    Touch.objects.bulk_update(
        waiting,
        ["variant", "subject", "body", "content_hash", "approved_hash", "last_error", "mailbox"],
        batch_size=500,
    )
    return len(waiting)
