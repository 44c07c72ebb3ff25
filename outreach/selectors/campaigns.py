"""Reading campaigns: who sees which, what stands in the list, and what exactly an approval covers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from crm.models import Signal
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.paging import Page, newest_first
from gtmos.kernel.records import visible_to
from outreach.enums import CampaignState, EnrollmentState, ReplyCategory, TouchState
from outreach.models import Campaign, Enrollment, Experiment, Mailbox, Touch, Variant

HUMAN_REPLY = Q(replied_at__isnull=False) & ~Q(reply_category=ReplyCategory.OUT_OF_OFFICE)
WAITS = (TouchState.SCHEDULED, TouchState.LATE, TouchState.FAILED, TouchState.CANCELLED)


def visible_campaigns(*, actor: Actor) -> QuerySet[Campaign]:
    return visible_to(actor, Campaign.objects.select_related("owner", "mailbox", "product"))


def get_campaign(key: UUID | str, *, actor: Actor, with_test: bool = False) -> Campaign:
    """One campaign; with its test in the same statement where the whole page is wanted."""
    campaigns = visible_campaigns(actor=actor)
    if with_test:
        campaigns = campaigns.select_related(
            "approved_by", "experiment__promoted", "experiment__decided_by"
        ).prefetch_related("experiment__variants")
    campaign = campaigns.filter(pk=key).first()
    if campaign is None:
        raise NotFoundError("There is no such campaign.", code="campaign_not_found")
    return campaign


def find_campaign(name: str, *, actor: Actor) -> Campaign:
    """By its name, whole or unmistakable in part."""
    named = visible_campaigns(actor=actor)
    exact = named.filter(name__iexact=name.strip()).first()
    if exact is not None:
        return exact
    alike = list(named.filter(name__icontains=name.strip())[:2])
    if len(alike) != 1:
        raise NotFoundError(
            f"{'Several campaigns are' if alike else 'No campaign is'} called {name}.",
            code="campaign_not_found",
        )
    return alike[0]


def visible_mailboxes(*, actor: Actor) -> QuerySet[Mailbox]:
    return visible_to(actor, Mailbox.objects.all())


def visible_enrollments(*, actor: Actor) -> QuerySet[Enrollment]:
    return visible_to(actor, Enrollment.objects.all(), through="campaign__")


def not_written_to(enrollments: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    """People to whom nothing has left and nothing is leaving: their mails, if planned, only wait."""
    left = Touch.objects.filter(enrollment=OuterRef("pk")).exclude(state__in=WAITS)
    return enrollments.filter(~Exists(left))


def visible_touches(*, actor: Actor) -> QuerySet[Touch]:
    return visible_to(actor, Touch.objects.all(), through="campaign__")


def visible_experiments(*, actor: Actor) -> QuerySet[Experiment]:
    return visible_to(actor, Experiment.objects.select_related("campaign"), through="campaign__")


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of the list of campaigns."""

    campaign: Campaign
    people: int = 0
    open_people: int = 0
    sent: int = 0
    replies: int = 0
    meetings: int = 0
    in_doubt: int = 0


def list_rows(campaigns: Sequence[Campaign]) -> list[ListRow]:
    """The figures of a page of campaigns: two statements for any number of rows."""
    keys = [campaign.pk for campaign in campaigns]
    people, touches = _people(keys), _touches(keys)
    return [
        ListRow(campaign, *people.get(campaign.pk, (0, 0)), *touches.get(campaign.pk, (0, 0, 0, 0)))
        for campaign in campaigns
    ]


def _people(keys: list[UUID]) -> dict[UUID, tuple[int, int]]:
    rows = (
        Enrollment.objects.filter(campaign__in=keys)
        .order_by()
        .values_list("campaign_id")
        .annotate(people=Count("pk"), open_people=Count("pk", filter=~Q(state=EnrollmentState.FINISHED)))
    )
    return {key: (people, open_people) for key, people, open_people in rows}


def _touches(keys: list[UUID]) -> dict[UUID, tuple[int, int, int, int]]:
    rows = (
        Touch.objects.filter(campaign__in=keys)
        .order_by()
        .values_list("campaign_id")
        .annotate(
            sent=Count("pk", filter=Q(state=TouchState.SENT)),
            replies=Count("pk", filter=HUMAN_REPLY),
            meetings=Count("pk", filter=Q(meeting_at__isnull=False)),
            waiting=Count("pk", filter=Q(state__in=(TouchState.IN_DOUBT, TouchState.LATE))),
        )
    )
    return {key: (sent, replies, meetings, waiting) for key, sent, replies, meetings, waiting in rows}


def state_counts(*, actor: Actor) -> dict[str, int]:
    rows = visible_to(actor, Campaign.objects.order_by()).values_list("state").annotate(count=Count("pk"))
    return dict(rows)


def content_fingerprint(campaign: Campaign) -> str:
    """A digest of exactly what is approved: every text, the days, the sender, the variants and the people."""
    steps = campaign.steps.order_by("number").values_list(
        "number", "offset_days", "minimum_gap_hours", "channel", "subject", "body"
    )
    variants = Variant.objects.filter(experiment__campaign=campaign).order_by("letter")
    people = campaign.enrollments.order_by("contact_id").values_list("contact_id", flat=True)
    content = {
        "mailbox": str(campaign.mailbox_id),
        "product": str(campaign.product_id),
        "theme": campaign.theme,
        "steps": list(steps),
        "variants": list(variants.values_list("letter", "text", "weight")),
        "people": [str(key) for key in people],
    }
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def shown_fingerprint(campaign: Campaign) -> str:
    """Of what a person sees before approving: the content, and how often what fills it was changed."""
    known = campaign.enrollments.aggregate(
        people=Sum("contact__version"), companies=Sum("contact__company__version"), mails=Count("pk")
    )
    companies = campaign.enrollments.values("contact__company")
    signals = Signal.objects.filter(company__in=companies).aggregate(
        count=Count("pk"), last=Max("created_at")
    )
    sender, product = campaign.mailbox, campaign.product
    content = [
        content_fingerprint(campaign),
        campaign.version,
        *(known["people"], known["companies"], known["mails"]),
        *(signals["count"], str(signals["last"])),
        sender.version if sender else 0,
        product.version if product else 0,
        campaign.touches.filter(state=TouchState.SCHEDULED, approved_hash="").count(),
    ]
    return sha256(json.dumps(content).encode()).hexdigest()


def campaign_page(*, actor: Actor, state: str = "", text: str = "", after: str = "") -> Page[Campaign]:
    """Newest first; what is archived is shown only when asked for."""
    campaigns = visible_campaigns(actor=actor)
    campaigns = campaigns.filter(state=state) if state else campaigns.exclude(state=CampaignState.ARCHIVED)
    if text.strip():
        campaigns = campaigns.filter(name__icontains=text.strip())
    return newest_first(campaigns, after=after)
