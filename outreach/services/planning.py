"""Making the touches that are due to exist. Any number of planners may run: a touch can be made only once."""

import logging
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from gtmos.context.models import Organisation
from gtmos.kernel import clock, jobs, live
from outreach.channels.email.addresses import canonical
from outreach.enums import CampaignState, EnrollmentState, TouchState
from outreach.models import Campaign, ChannelAddress, Enrollment, Mailbox, Step, Touch
from outreach.selectors.approved import WAITS, approved_digests, digest_of
from outreach.selectors.calendar import closed_days, window_of
from outreach.selectors.suppression import in_force
from outreach.services.messages import Composed, compose, compose_many
from outreach.services.suppression import addresses_for
from outreach.timing.cadence import Gap, first_touch_at, next_touch_at, spacing_seconds
from outreach.timing.windows import Window, zone_of

logger = logging.getLogger(__name__)

# The next step of each person: the first, or the one after a step that was sent.
CANDIDATES = """
SELECT e.id, s.id, prev.sent_at
FROM outreach_enrollment e
JOIN outreach_campaign c ON c.id = e.campaign_id
JOIN outreach_step s ON s.campaign_id = c.id
LEFT JOIN outreach_touch prev ON prev.enrollment_id = e.id AND prev.step_no = s.number - 1
WHERE c.id = %(campaign)s AND e.state = 'active'
  AND (s.number = 1 OR prev.state = 'sent')
  AND NOT EXISTS (SELECT FROM outreach_touch t WHERE t.enrollment_id = e.id AND t.step_no = s.number)
ORDER BY s.number, e.position, e.id
LIMIT %(limit)s
"""
# Against a change of the steps, not against the sending that goes on meanwhile.
HOLD_CAMPAIGN = "SELECT approved_hash, approved_at FROM outreach_campaign WHERE id = %(campaign)s AND state = ANY(%(states)s) FOR SHARE"
PLANNED = (CampaignState.ACTIVE, CampaignState.RUNNING)


@dataclass(frozen=True, slots=True)
class Text:
    """What a touch says, or why it cannot be said."""

    subject: str = ""
    body: str = ""
    content_hash: str = ""
    fault: str = ""
    waits: str = ""

    def under(self, approval: str) -> str:
        """A mail that waits for an approval is under none, so no worker takes it."""
        return "" if self.waits else approval


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the touches of one campaign have in common."""

    campaign: Campaign
    mailbox: Mailbox
    approved_hash: str
    closed: frozenset[date]
    spacing: float
    home_zone: str

    def zone(self, enrollment: Enrollment) -> ZoneInfo:
        return zone_of(enrollment.contact.time_zone, self.home_zone)

    def window(self, enrollment: Enrollment) -> Window:
        return window_of(self.mailbox, enrollment.contact, self.closed)


def plan_touches(*, limit: int = 500) -> int:
    """Create the due touches of every campaign under way; returns how many are new."""
    campaigns = Campaign.objects.filter(state__in=PLANNED, mailbox__isnull=False, starts_at__isnull=False)
    made = 0
    ordered = campaigns.exclude(approved_hash="").select_related("mailbox").order_by("starts_at", "pk")
    for campaign in ordered:
        if made >= limit:
            break
        try:
            made += _plan_campaign(campaign, limit - made)
        except Exception:  # one campaign that cannot be planned must not keep the others waiting
            logger.exception("the mails of campaign %s could not be planned", campaign.pk)
    return made


@transaction.atomic
def _plan_campaign(campaign: Campaign, limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(HOLD_CAMPAIGN, {"campaign": campaign.pk, "states": list(PLANNED)})
        held = cursor.fetchone()
        if held is None or not held[0]:
            return 0
        cursor.execute(CANDIDATES, {"campaign": campaign.pk, "limit": limit})
        rows = cursor.fetchall()
    if not rows:
        return 0
    campaign.approved_hash, campaign.approved_at = held
    plan = _plan_of(campaign, held[0])
    touches = _touches(plan, rows)
    before = Touch.objects.filter(campaign=campaign).count()
    Touch.objects.bulk_create(touches, ignore_conflicts=True)
    made = Touch.objects.filter(campaign=campaign).count() - before
    if made:
        live.push(f"campaign:{campaign.pk}")
        jobs.enqueue("outreach.drain_touches")
    return made


def _plan_of(campaign: Campaign, approved_hash: str) -> Plan:
    mailbox = campaign.mailbox
    assert mailbox is not None
    window = Window(mailbox.window_start, mailbox.window_end, weekends=mailbox.sends_on_weekends)
    organisation = Organisation.objects.first()
    return Plan(
        campaign=campaign,
        mailbox=mailbox,
        approved_hash=approved_hash,
        closed=closed_days(),
        spacing=spacing_seconds(window, mailbox.daily_cap),
        home_zone=organisation.time_zone if organisation else "UTC",
    )


def _touches(plan: Plan, rows: Sequence[tuple[uuid.UUID, uuid.UUID, datetime | None]]) -> list[Touch]:
    enrollments = Enrollment.objects.select_related(
        "campaign", "contact__company", "variant", "prospect"
    ).in_bulk({row[0] for row in rows})
    steps = Step.objects.in_bulk({row[1] for row in rows})
    addresses = addresses_for([each.contact.email for each in enrollments.values()])
    now = clock.now()
    suppressed = set(
        ChannelAddress.objects.filter(
            in_force(now), pk__in={each.pk for each in addresses.values()}
        ).values_list("pk", flat=True)
    )
    composed = compose_many(plan.campaign, [(row[0], steps[row[1]]) for row in rows])
    approved = approved_digests(enrollments)
    touches = []
    for enrollment_id, step_id, previous_at in rows:
        enrollment, step = enrollments[enrollment_id], steps[step_id]
        address = addresses[enrollment.contact.email]
        due_at = _due_at(plan, enrollment, step, previous_at)
        text = text_of(
            enrollment.contact.email,
            composed.get((enrollment_id, step.number)),
            step_no=step.number,
            approved=approved.get(enrollment_id, frozenset()),
        )
        touch = _touch(plan, enrollment, step, address, text, due_at)
        if address.pk in suppressed or enrollment.contact.do_not_email:
            touch.state, touch.last_error = TouchState.CANCELLED, "The address wants no more mail."
        touches.append(touch)
    return touches


def _due_at(plan: Plan, enrollment: Enrollment, step: Step, previous_at: datetime | None) -> datetime:
    seed, zone = f"{enrollment.pk}:{step.number}", plan.zone(enrollment)
    window = plan.window(enrollment)
    starts_at, paused_until = plan.campaign.starts_at, enrollment.contact.paused_until
    assert starts_at is not None
    if previous_at is None or enrollment.first_sent_at is None:
        due_at = first_touch_at(starts_at, enrollment.position, plan.spacing, window, zone, seed=seed)
    else:
        gap = Gap(timedelta(days=step.offset_days), timedelta(hours=step.minimum_gap_hours))
        due_at = next_touch_at(enrollment.first_sent_at, previous_at, gap, window, zone, seed=seed)
    if paused_until is not None and paused_until > due_at:
        gap = Gap(timedelta(0), timedelta(0))
        due_at = next_touch_at(paused_until, paused_until, gap, window, zone, seed=seed)
    return due_at


def _touch(
    plan: Plan, enrollment: Enrollment, step: Step, address: ChannelAddress, text: Text, due_at: datetime
) -> Touch:
    return Touch(
        enrollment=enrollment,
        campaign=plan.campaign,
        contact=enrollment.contact,
        step=step,
        step_no=step.number,
        variant=enrollment.variant,
        channel=step.channel,
        mailbox=plan.mailbox,
        recipient=enrollment.contact.email,
        address=address,
        subject=text.subject,
        body=text.body,
        content_hash=text.content_hash,
        approved_hash=text.under(plan.approved_hash),
        token=secrets.token_urlsafe(32),
        message_id=f"<{uuid.uuid4().hex}@{plan.mailbox.address.rpartition('@')[2]}>",
        idempotency_key=uuid.uuid4().hex,
        due_at=due_at,
        next_at=due_at,
        state=TouchState.FAILED if text.fault else TouchState.SCHEDULED,
        last_error=text.fault or text.waits,
    )


def text_of(email: str, composed: Composed | None, *, step_no: int, approved: frozenset[str]) -> Text:
    """Nothing unresolved ever leaves: a hole in the text makes the touch fail, visibly, before it could be sent.

    What reads otherwise than it was approved waits until a person has approved that.
    """
    if "@" not in canonical(email):
        return Text(fault="This person has no e-mail address.")
    if composed is None or composed.missing:
        missing = ", ".join(composed.missing) if composed else "the text"
        return Text(fault=f"Not known: {missing}."[:500])
    if not composed.subject.strip() or not composed.body.strip():
        return Text(fault="The subject or the text is empty.")
    waits = "" if digest_of(step_no, composed.content_hash) in approved else WAITS
    return Text(composed.subject, composed.body, composed.content_hash, waits=waits)


@transaction.atomic
def rewrite_touch(touch_id: int, *, next_at: datetime) -> None:
    """Write a waiting touch anew, for the person's present address and variant, the present sender and approval.

    Its Message-ID stays. One that had failed begins again: with all its attempts, and with a new failure to tell of.
    """
    touch = (
        Touch.objects.select_for_update(of=("self",))
        .select_related(
            "enrollment__contact__company", "enrollment__variant", "campaign__mailbox", "mailbox", "step"
        )
        .get(pk=touch_id)
    )
    approved = touch.campaign.approved_hash
    is_waiting = touch.state in {TouchState.SCHEDULED, TouchState.FAILED, TouchState.LATE}
    if (
        not is_waiting
        or touch.step is None
        or not approved
        or touch.enrollment.state == EnrollmentState.FINISHED
    ):
        return
    touch.recipient = touch.enrollment.contact.email
    touch.variant, touch.mailbox = touch.enrollment.variant, touch.campaign.mailbox or touch.mailbox
    if touch.state == TouchState.FAILED:
        touch.announced, touch.attempts, touch.bounced_at = "", 0, None
    text = text_of(
        touch.recipient,
        compose(touch.enrollment, touch.step),
        step_no=touch.step_no,
        approved=approved_digests([touch.enrollment_id]).get(touch.enrollment_id, frozenset()),
    )
    touch.address = addresses_for([touch.recipient])[touch.recipient]
    touch.approved_hash, touch.next_at = text.under(approved), next_at
    touch.state = TouchState.FAILED if text.fault else TouchState.SCHEDULED
    touch.subject, touch.body, touch.content_hash = text.subject, text.body, text.content_hash
    touch.last_error = text.fault or text.waits
    touch.save(
        update_fields=[
            "recipient", "address", "approved_hash", "next_at", "state", "subject", "body", "content_hash",
            "last_error", "variant", "mailbox", "announced", "attempts", "bounced_at",
        ]
    )  # fmt: skip
