"""What can be done to a campaign. Drafting is here; its way from ready to archived is in `launching`."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from crm.models import Contact
from gtmos.context.models import Product
from gtmos.context.selectors.messages import default_product, message_tree, usable_claims
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.enums import CampaignKind, CampaignState, Channel, Metric
from outreach.events import CampaignDrafted
from outreach.models import Campaign, Mailbox, ResearchJob, Step
from outreach.rendering.drafting import (
    MINIMUM_GAP_HOURS,
    MOST_TOUCHES,
    DraftStep,
    Material,
    draft_steps,
)
from outreach.rendering.naming import campaign_name
from outreach.rendering.phrases import OPENINGS, theme_of
from outreach.selectors.campaigns import not_written_to, visible_mailboxes
from outreach.services.approvals import reopen_content
from outreach.services.experiments import create_test
from outreach.services.launching import (
    approve_campaign,
    archive_campaign,
    cancel_start,
    complete_campaign,
    make_ready,
    pause_campaign,
    resume_campaign,
)
from outreach.services.recipients import (
    add_recipients,
    chosen_prospects,
    drop_recipients,
    enroll,
    split_people,
)

__all__ = [
    "add_recipients",
    "approve_campaign",
    "archive_campaign",
    "cancel_start",
    "complete_campaign",
    "delete_draft",
    "draft_campaign",
    "drop_recipients",
    "make_ready",
    "pause_campaign",
    "resume_campaign",
    "update_campaign",
]

NAMES_LOCK = 704_212
LONGEST_INTERVAL_DAYS = 60
EDITABLE = frozenset({"name", "theme", "mailbox", "product", "answer_days", "kind"})
CONTENT = frozenset({"theme", "mailbox", "product"})


@transaction.atomic
def draft_campaign(  # noqa: PLR0913 -- every slot that a sentence about a campaign can fill
    *,
    actor: Actor,
    kind: str = CampaignKind.OUTREACH,
    name: str = "",
    theme: str = "",
    touches: int = 3,
    research: ResearchJob | None = None,
    only_selected: bool | None = None,
    contacts: Iterable[Contact] = (),
    interval_days: int | None = None,
    product: Product | None = None,
    ab_element: str = "",
    ab_variants: Sequence[str] = (),
    ab_metric: str = Metric.REPLY,
    ab_split: Sequence[float] = (),
) -> Campaign:
    """Write a campaign without sending anything: people by priority, messages from the message tree, the test.

    People who may not be written to are left out and counted in `skipped`.
    """
    require(actor, "outreach.edit_campaign")
    _check(kind, touches, interval_days)
    product = product or default_product(actor=actor)
    campaign = Campaign.objects.create(
        name=_free_name(name, theme, kind, research),
        kind=kind,
        theme=theme.strip()[:80],
        product=product,
        mailbox=_mailbox_for(actor),
        research=research,
        owner=actor.user,
    )
    _write_steps(campaign, touches, interval_days, ab_element)
    _add_people(campaign, research, contacts, only_selected=only_selected, actor=actor)
    if ab_element or ab_variants:
        _add_test(campaign, ab_element or "subject", ab_variants, ab_metric or Metric.REPLY, ab_split)
    history.record_creation(campaign, actor=actor)
    events.publish(
        CampaignDrafted(campaign_id=campaign.pk, recipients=campaign.enrollments.count()),
        subject=campaign,
        actor=actor,
    )
    live.push("campaigns:all")
    return campaign


def _check(kind: str, touches: int, interval_days: int | None) -> None:
    if kind not in CampaignKind.values:
        raise InvalidInputError(
            f"A campaign is one of {', '.join(CampaignKind.values)}.", code="unknown_kind"
        )
    if not 1 <= touches <= MOST_TOUCHES:
        raise InvalidInputError(f"A campaign has 1 to {MOST_TOUCHES} touches.", code="bad_touches")
    if interval_days is not None and not 2 <= interval_days <= LONGEST_INTERVAL_DAYS:
        raise InvalidInputError(
            f"Between two touches lie 2 to {LONGEST_INTERVAL_DAYS} days.", code="bad_interval"
        )


def _free_name(name: str, theme: str, kind: str, research: ResearchJob | None) -> str:
    """A name that was given must be free; one made here gets a number until it is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NAMES_LOCK])
    given = " ".join(name.split())[:200]
    if given:
        if Campaign.objects.filter(name__iexact=given).exists():
            raise DomainError(f"There is a campaign called {given} already.", code="name_taken")
        return given
    base = campaign_name(theme, kind, research.criteria if research else {})
    taken = {
        each.lower()
        for each in Campaign.objects.filter(name__istartswith=base).values_list("name", flat=True)
    }
    candidates = (base, *(f"{base} {number}" for number in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate.lower() not in taken)


def _mailbox_for(actor: Actor) -> Mailbox | None:
    """The person's own address, else the first that they may use."""
    mailboxes = list(visible_mailboxes(actor=actor).filter(is_active=True).order_by("created_at"))
    own = [mailbox for mailbox in mailboxes if actor.user and mailbox.owner_id == actor.user.pk]
    return next(iter([*own, *mailboxes]), None)


def _write_steps(campaign: Campaign, touches: int, interval_days: int | None, tested: str) -> None:
    drafted = draft_steps(
        _material(campaign.product),
        theme=theme_of(campaign.theme),
        touches=touches,
        interval_days=interval_days,
        tested=tested,
    )
    Step.objects.bulk_create(_step(campaign, step) for step in drafted)


def _step(campaign: Campaign, step: DraftStep) -> Step:
    return Step(
        campaign=campaign,
        number=step.number,
        offset_days=step.offset_days,
        minimum_gap_hours=MINIMUM_GAP_HOURS,
        channel=Channel.EMAIL,
        subject=step.subject,
        body=step.body,
        sources=[source.as_data() for source in step.sources],
    )


def _material(product: Product | None) -> Material:
    if product is None:
        return Material()
    tree = message_tree(product)
    claims = usable_claims(tree, on=clock.today())
    return Material(
        headline=tree.headline,
        value_props=tuple(text for text in tree.value_props if isinstance(text, str) and text.strip()),
        claims=tuple((claim.text, claim.evidence_url) for claim in claims),
        narrative=tree.founding_narrative,
        call_to_action=tree.call_to_action,
    )


def _add_people(
    campaign: Campaign,
    research: ResearchJob | None,
    contacts: Iterable[Contact],
    *,
    only_selected: bool | None,
    actor: Actor,
) -> None:
    prospects = chosen_prospects(research, only_selected=only_selected) if research else []
    chosen = [
        *((prospect.contact_id, prospect) for prospect in prospects),
        *((contact.pk, None) for contact in contacts),
    ]
    campaign.skipped = enroll(campaign, chosen, actor=actor)
    campaign.save(update_fields=["skipped"])


def _add_test(
    campaign: Campaign, element: str, variants: Sequence[str], metric: str, split: Sequence[float]
) -> None:
    texts = list(variants)
    if not texts and element == "subject":
        texts = list(OPENINGS[theme_of(campaign.theme)].subjects)
    elif len(texts) == 1 and element == "subject":
        texts = [campaign.steps.get(number=1).subject, *texts]
    experiment = create_test(campaign, element=element, variants=texts, metric=metric, split=split)
    if element == "subject":
        campaign.steps.filter(number=1).update(subject=experiment.variants.get(letter="A").text)
    split_people(experiment)


@transaction.atomic
def update_campaign(campaign: Campaign, *, changes: dict[str, Any], actor: Actor) -> Campaign:
    """Rename it, or change sender, product, theme or waiting time; what changes the mails voids the approval."""
    require(actor, "outreach.edit_campaign", campaign)
    unknown = sorted(set(changes) - EDITABLE)
    if unknown:
        raise InvalidInputError(f"A campaign has no {', '.join(unknown)}.", code="unknown_field")
    if CONTENT & set(changes):
        campaign = reopen_content(campaign, what=", ".join(sorted(CONTENT & set(changes))), actor=actor)
    else:
        campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if "name" in changes:
        changes = {**changes, "name": _renamed(campaign, changes["name"])}
    before = history.changed_values(campaign, changes)
    for field, value in changes.items():
        setattr(campaign, field, value)
    save_changes(campaign, *changes)
    history.record(campaign, before=before, after=changes, actor=actor, category="CAMPAIGN")
    live.push(f"campaign:{campaign.pk}")
    return campaign


def _renamed(campaign: Campaign, name: str) -> str:
    name = " ".join(str(name).split())[:200]
    if not name:
        raise InvalidInputError("A campaign needs a name.", code="name_missing")
    if Campaign.objects.filter(name__iexact=name).exclude(pk=campaign.pk).exists():
        raise DomainError(f"There is a campaign called {name} already.", code="name_taken")
    return name


@transaction.atomic
def delete_draft(campaign: Campaign, *, actor: Actor) -> None:
    """A draft to whose people nothing was sent is gone without a trace but its history."""
    require(actor, "outreach.edit_campaign", campaign)
    found = Campaign.objects.select_for_update(of=("self",)).filter(pk=campaign.pk).first()
    if found is None:
        return
    campaign = found
    people = campaign.enrollments.all()
    is_unsent = people.count() == not_written_to(people).count()
    if campaign.state not in {CampaignState.DRAFT, CampaignState.READY} or not is_unsent:
        raise DomainError(
            f"{campaign} is {campaign.get_state_display()}; only drafts can be deleted. Archive it instead.",
            code="not_a_draft",
        )
    history.record(
        campaign,
        before={"deleted": None},
        after={"deleted": campaign.name},
        actor=actor,
        category="DELETED",
        summary=f"Deleted the draft {campaign.name}",
    )
    campaign.delete()
    live.push("campaigns:all")
