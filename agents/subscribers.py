"""What follows from facts of the apps below: proposals and reports in the thread that asked."""

from agents.services.suggestions import suggest
from gtmos.kernel.actors import Actor
from gtmos.kernel.events import subscribe
from gtmos.kernel.events.models import EventRecord
from outreach.events import CampaignActivated, ExperimentDecided, ExperimentProven
from outreach.models import Campaign, Experiment

ADVISER = Actor.system("suggestions")
MOST_VARIANTS = 3


@subscribe(CampaignActivated)
def propose_watching(record: EventRecord) -> None:
    """After a launch: look at the live figures, and a third variant where there is room."""
    campaign = _campaign(record)
    if campaign is None:
        return
    subject = _subject(campaign)
    suggest(
        key=f"campaign.watch:{campaign.pk}",
        owner=campaign.owner,
        kind="campaign.watch",
        title=f"Watch {campaign} as it starts",
        reason=f"{campaign.enrollments.count()} people, first mail after the window to call it back",
        command=f"how is {campaign} performing",
        subject=subject,
        actor=ADVISER,
    )
    experiment = Experiment.objects.filter(campaign=campaign, state="running").first()
    if experiment is not None and experiment.variants.count() < MOST_VARIANTS:
        suggest(
            key=f"ab.add_variant:{campaign.pk}",
            owner=campaign.owner,
            kind="ab.add_variant",
            title=f"Add a variant to the test of {campaign}",
            reason=f"{experiment.variants.count()} variants, {experiment.planned_per_arm} people needed in each",
            command=f"add variant {_next_letter(experiment)} to {campaign}",
            subject=subject,
            actor=ADVISER,
        )


@subscribe(ExperimentProven)
def propose_promotion(record: EventRecord) -> None:
    """The rule has decided, and this test leaves the promotion to a person."""
    campaign = _campaign(record)
    if campaign is None:
        return
    letter = str(record.payload["letter"])
    suggest(
        key=f"ab.promote:{record.payload['experiment_id']}:{letter}",
        owner=campaign.owner,
        kind="ab.promote",
        title=f"Promote variant {letter} of {campaign}",
        reason="Proven by the always-valid rule",
        command=f"promote {letter} in {campaign}",
        subject=_subject(campaign),
        actor=ADVISER,
    )


@subscribe(ExperimentDecided)
def propose_next_test(record: EventRecord) -> None:
    campaign = _campaign(record)
    if campaign is None:
        return
    suggest(
        key=f"campaign.decided:{record.payload['experiment_id']}",
        owner=campaign.owner,
        kind="campaign.performance",
        title=f"The test of {campaign} is decided",
        reason=str(record.payload.get("verdict") or "")[:300],
        command=f"how is {campaign} performing",
        subject=_subject(campaign),
        actor=ADVISER,
    )


def _campaign(record: EventRecord) -> Campaign | None:
    key = record.payload["campaign_id"]
    return Campaign.objects.select_related("owner").filter(pk=key, owner__isnull=False).first()


def _subject(campaign: Campaign) -> dict[str, str]:
    return {"type": "campaign", "id": str(campaign.pk), "name": campaign.name}


def _next_letter(experiment: Experiment) -> str:
    used = set(experiment.variants.values_list("letter", flat=True))
    return next(letter for letter in "ABC" if letter not in used)
