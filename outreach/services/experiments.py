"""Testing one element of a campaign: setting up, adding an arm, looking, promoting and taking it back."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from string import ascii_uppercase

from django.db import transaction

from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotFoundError
from gtmos.kernel.fsm import move
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.enums import CampaignState, ExperimentState, Metric
from outreach.events import VariantAdded, VariantUnpromoted
from outreach.experiments.sample_size import needed_per_arm
from outreach.models import Campaign, Experiment, Touch, Variant
from outreach.rendering.fields import unknown_places
from outreach.services.approvals import APPROVAL, locked, renew_scheduled, reopen_content, stamp_approval
from outreach.services.recipients import split_people
from outreach.services.verdicts import apply_verdict, judge, note_look, record_promotion

logger = logging.getLogger(__name__)

ELEMENTS = ("subject", "body", "cta")
LOOK_EVERY = timedelta(minutes=15)
FEWEST, MOST_VARIANTS = 2, 3
LONGEST_TEXT = 300
# What is looked for where nobody says: from this rate to that one.
GOALS = {
    Metric.REPLY: (0.05, 0.10),
    Metric.OPEN: (0.35, 0.45),
    Metric.CLICK: (0.05, 0.10),
    Metric.MEETING: (0.02, 0.05),
    Metric.UNSUBSCRIBE: (0.97, 0.99),
}
LIVE = (CampaignState.ACTIVE, CampaignState.RUNNING, CampaignState.PAUSED)


def create_test(
    campaign: Campaign, *, element: str, variants: Sequence[str], metric: str, split: Sequence[float] = ()
) -> Experiment:
    """The test of a campaign that is being drafted; the first variant is the control."""
    texts = _checked(element, variants, metric, split)
    baseline, target = GOALS[Metric(metric)]
    experiment = Experiment.objects.create(
        campaign=campaign,
        element=element,
        metric=metric,
        baseline_rate=baseline,
        target_rate=target,
        planned_per_arm=planned(baseline, target, arms=len(texts)),
    )
    Variant.objects.bulk_create(
        Variant(experiment=experiment, letter=letter, text=text, weight=weight)
        for letter, text, weight in zip(ascii_uppercase, texts, split or [1.0] * len(texts), strict=False)
    )
    return experiment


def planned(baseline: float, target: float, *, arms: int, alpha: float = 0.05) -> int:
    """People in each arm that the deciding rule needs; with more arms each comparison gets a part of alpha."""
    return needed_per_arm(baseline, target, alpha=alpha / max(1, arms - 1)).always_valid


def _checked(element: str, variants: Sequence[str], metric: str, split: Sequence[float]) -> list[str]:
    if element not in ELEMENTS:
        raise InvalidInputError(
            f"A test compares the {', '.join(ELEMENTS)}; not the {element.replace('_', ' ')}.",
            code="untestable_element",
        )
    if metric not in Metric.values:
        raise InvalidInputError(f"A test is measured by {', '.join(Metric.values)}.", code="unknown_metric")
    texts = [_text(text) for text in variants]
    if not FEWEST <= len(texts) <= MOST_VARIANTS or len(set(texts)) < len(texts):
        raise InvalidInputError(
            f"A test needs {FEWEST} or {MOST_VARIANTS} different variants.", code="bad_variants"
        )
    if split and (len(split) != len(texts) or any(not share > 0 for share in split)):
        raise InvalidInputError("The split needs one share above zero for each variant.", code="bad_split")
    return texts


def _text(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_TEXT:
        raise InvalidInputError(
            f"A variant needs a text of at most {LONGEST_TEXT} characters.", code="bad_variant"
        )
    unknown = unknown_places(text)
    if unknown:
        raise InvalidInputError(f"Nobody can fill {', '.join(unknown)}.", code="unknown_field")
    return text


def experiment_of(campaign: Campaign, *, lock: bool = False) -> Experiment:
    experiments = Experiment.objects.select_related("campaign").prefetch_related("variants")
    if lock:
        experiments = experiments.select_for_update(of=("self",))
    experiment = experiments.filter(campaign=campaign).first()
    if experiment is None:
        raise NotFoundError(f"{campaign} has no test.", code="no_test")
    return experiment


@transaction.atomic
def add_variant(campaign: Campaign, *, text: str, actor: Actor, letter: str | None = None) -> Variant:
    """One more arm. From here on a new split counts; who was written to before is not judged with it.

    In a campaign under way this changes what leaves, so it needs the right to send and renews the approval.
    """
    campaign = _open_for_test(campaign, actor)
    experiment = experiment_of(campaign, lock=True)
    if experiment.state != ExperimentState.RUNNING:
        raise DomainError("This test is decided; nothing can be added to it.", code="test_is_decided")
    variant = _new_variant(experiment, text, letter)
    experiment.split += 1
    arms = Variant.objects.filter(experiment=experiment).count()
    experiment.planned_per_arm = planned(
        experiment.baseline_rate, experiment.target_rate, arms=arms, alpha=experiment.alpha
    )
    experiment.evaluation = {}
    save_changes(experiment, "split", "planned_per_arm", "evaluation")
    experiment = experiment_of(campaign)
    split_people(experiment)
    _renew(campaign, actor)
    history.record(
        campaign, before={"variants": arms - 1}, after={"variants": arms}, actor=actor, category="TEST"
    )
    events.publish(
        VariantAdded(experiment_id=experiment.pk, campaign_id=campaign.pk, letter=variant.letter),
        subject=experiment,
        actor=actor,
    )
    live.push(f"campaign:{campaign.pk}")
    return variant


@transaction.atomic
def remove_variant(campaign: Campaign, letter: str, *, actor: Actor) -> Experiment:
    """Take back an arm that nobody was sent yet. Where nobody was written to since, the former split counts again."""
    campaign = _open_for_test(campaign, actor)
    experiment = experiment_of(campaign, lock=True)
    variant = experiment.variants.filter(letter=letter.strip().upper()).first()
    if variant is None:
        raise NotFoundError(f"This test has no variant {letter}.", code="no_such_variant")
    arms = Variant.objects.filter(experiment=experiment).count()
    if experiment.state != ExperimentState.RUNNING or arms <= FEWEST:
        raise DomainError("This variant cannot be taken out of the test.", code="variant_stays")
    leaving = Touch.objects.filter(campaign=campaign).exclude(state__in=("scheduled", "cancelled"))
    if leaving.filter(variant=variant).exists():
        raise DomainError(f"Variant {variant.letter} was sent already and stays.", code="variant_was_sent")
    is_fresh = (
        variant.added_at is not None and not leaving.filter(enrollment__split=experiment.split).exists()
    )
    variant.delete()
    experiment.split += -1 if is_fresh and experiment.split > 1 else 1
    experiment.planned_per_arm = planned(
        experiment.baseline_rate, experiment.target_rate, arms=arms - 1, alpha=experiment.alpha
    )
    experiment.evaluation = {}
    save_changes(experiment, "split", "planned_per_arm", "evaluation")
    experiment = experiment_of(campaign)
    split_people(experiment)
    _renew(campaign, actor)
    history.record(
        campaign, before={"variants": arms}, after={"variants": arms - 1}, actor=actor, category="TEST"
    )
    live.push(f"campaign:{campaign.pk}")
    return experiment


def _open_for_test(campaign: Campaign, actor: Actor) -> Campaign:
    if campaign.state in LIVE:
        require(actor, "outreach.promote_variant", campaign)
        return locked(campaign)
    require(actor, "outreach.edit_campaign", campaign)
    return reopen_content(campaign, what="variants", actor=actor)


def _new_variant(experiment: Experiment, text: str, letter: str | None) -> Variant:
    known = {variant.letter: variant for variant in experiment.variants.all()}
    free = [each for each in ascii_uppercase[:MOST_VARIANTS] if each not in known]
    wanted = (letter or "").strip().upper() or next(iter(free), "")
    if not free or wanted not in free:
        raise DomainError(
            f"A test has at most {MOST_VARIANTS} variants; {', '.join(sorted(known))} are there.",
            code="variant_exists" if free else "too_many_variants",
        )
    text = _text(text)
    if text in {variant.text for variant in known.values()}:
        raise InvalidInputError("This text is in the test already.", code="same_text")
    weight = sum(variant.weight for variant in known.values()) / len(known)
    return Variant.objects.create(
        experiment=experiment, letter=wanted, text=text, weight=weight, added_at=clock.now()
    )


def _renew(campaign: Campaign, actor: Actor) -> None:
    """Whoever changes what leaves approves it by doing so."""
    if campaign.state not in LIVE or not campaign.approved_hash:
        return
    stamp_approval(campaign, actor=actor)
    save_changes(campaign, *APPROVAL)
    renew_scheduled(campaign)


@transaction.atomic
def promote_variant(campaign: Campaign, letter: str, *, actor: Actor) -> Experiment:
    """The rest of the people get this variant. Noted as not proven, with the figures, when the rule has not decided."""
    require(actor, "outreach.promote_variant", campaign)
    campaign = locked(campaign)
    experiment = experiment_of(campaign, lock=True)
    variant = experiment.variants.filter(letter=letter.strip().upper()).first()
    if variant is None:
        raise NotFoundError(f"This test has no variant {letter}.", code="no_such_variant")
    if experiment.promoted_id == variant.pk:
        return experiment
    before = experiment.state
    move(experiment.promote_by_hand, refusal="This test is decided already. Take the promotion back first.")
    evaluation = judge(experiment)
    note_look(experiment, evaluation)
    is_proven = evaluation.winner is not None and evaluation.winner.name == variant.letter
    record_promotion(experiment, variant, by="person", is_proven=is_proven, before=before, actor=actor)
    renew_scheduled(campaign)
    return experiment


@transaction.atomic
def unpromote(campaign: Campaign, *, actor: Actor) -> Experiment:
    """Take a promotion by hand back: the test goes on, and who waits is split again as planned."""
    require(actor, "outreach.promote_variant", campaign)
    campaign = locked(campaign)
    experiment = experiment_of(campaign, lock=True)
    if experiment.state == ExperimentState.RUNNING:
        return experiment
    before, letter = experiment.state, experiment.promoted.letter if experiment.promoted else ""
    move(
        experiment.reopen, refusal="Only what a person promoted, or what ended undecided, can be taken back."
    )
    experiment.promoted = experiment.decided_at = experiment.decided_by = None
    experiment.decision = {}
    save_changes(experiment, "state", "promoted", "decided_at", "decided_by", "decision")
    split_people(experiment)
    renew_scheduled(campaign)
    history.record(
        experiment, before={"state": before}, after={"state": experiment.state}, actor=actor, category="STATE"
    )
    events.publish(
        VariantUnpromoted(experiment_id=experiment.pk, campaign_id=campaign.pk, letter=letter),
        subject=experiment,
        actor=actor,
    )
    live.push(f"campaign:{campaign.pk}")
    return experiment


@transaction.atomic
def look_at(experiment: Experiment, *, actor: Actor) -> Experiment:
    """Count, judge and, where the rule has decided, promote. Looking often does no harm."""
    require(actor, "outreach.edit_campaign", experiment.campaign)
    campaign = locked(experiment.campaign)
    experiment = experiment_of(campaign, lock=True)
    if experiment.state != ExperimentState.RUNNING:
        return experiment
    evaluation = judge(experiment)
    note_look(experiment, evaluation)
    apply_verdict(experiment, evaluation)
    if experiment.state == ExperimentState.PROMOTED:
        renew_scheduled(campaign)
    live.push(f"campaign:{campaign.pk}")
    return experiment


def look_at_all() -> int:
    """Every test under way that was not looked at for fifteen minutes of business time; each in its own transaction."""
    now = clock.now()
    due = Experiment.objects.filter(
        state=ExperimentState.RUNNING, campaign__state__in=(CampaignState.RUNNING, CampaignState.PAUSED)
    ).exclude(looked_at__gt=now - LOOK_EVERY)
    seen = 0
    for experiment in due.select_related("campaign").order_by("looked_at", "pk"):
        try:
            look_at(experiment, actor=SYSTEM)
        except Exception:  # one test that cannot be judged must not keep the others from being looked at
            logger.exception("the test %s could not be looked at", experiment.pk)
        else:
            seen += 1
    return seen
