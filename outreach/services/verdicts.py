"""Counting a test, judging it, and writing down what was decided and learned.

A person counts as a trial when the first mail was sent, and as a success when the answer is there; an answer
that comes later turns the one into the other. The simulation in `benchmarks/experiments.py` covers exactly this.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q

from gtmos.context.models import Evidence
from gtmos.context.services.assumptions import add_evidence, create_assumption
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fsm import move
from gtmos.kernel.records import save_changes
from outreach.enums import Metric, TouchState
from outreach.events import ExperimentDecided, ExperimentProven
from outreach.experiments.arms import Arm
from outreach.experiments.evaluation import Evaluation, Verdict, evaluate
from outreach.experiments.reporting import figures
from outreach.models import Experiment, Touch, Variant
from outreach.selectors.campaigns import HUMAN_REPLY
from outreach.services.recipients import give_variant, waiting_people

SUCCESS = {
    Metric.REPLY: HUMAN_REPLY,
    Metric.OPEN: Q(opened_at__isnull=False),
    Metric.CLICK: Q(clicked_at__isnull=False),
    Metric.MEETING: Q(meeting_at__isnull=False),
    # The rule finds the higher rate, so what counts is who stayed.
    Metric.UNSUBSCRIBE: Q(unsubscribed_at__isnull=True),
}
GAINS = {
    Metric.REPLY: "brings more human replies than",
    Metric.OPEN: "is opened by more people than",
    Metric.CLICK: "is clicked by more people than",
    Metric.MEETING: "brings more meetings than",
    Metric.UNSUBSCRIBE: "keeps more people subscribed than",
}
PROVEN_WEIGHT, UNDECIDED_WEIGHT = 3.0, 1.0
DECIDED = frozenset({Verdict.PROVEN_BETTER, Verdict.PROVEN_WORSE})


def arms_of(experiment: Experiment) -> list[Arm]:
    """The counts of the present split, the control first: one statement.

    A trial is open while its answer is waited for, as long as the campaign waits after a mail.
    """
    waited_since = clock.now() - timedelta(days=experiment.campaign.answer_days)
    success = SUCCESS[Metric(experiment.metric)]
    rows = (
        Touch.objects.filter(
            campaign=experiment.campaign_id,
            step_no=1,
            state=TouchState.SENT,
            enrollment__split=experiment.split,
        )
        .order_by()
        .values_list("variant_id")
        .annotate(
            trials=Count("pk"),
            successes=Count("pk", filter=success),
            open_trials=Count("pk", filter=Q(sent_at__gt=waited_since)),
        )
    )
    counts = {variant: figures for variant, *figures in rows}
    return [
        _arm(variant, *counts.get(variant.pk, (0, 0, 0)))
        for variant in sorted(experiment.variants.all(), key=lambda each: each.letter)
        if variant.weight > 0
    ]


def _arm(variant: Variant, trials: int, successes: int, open_trials: int) -> Arm:
    return Arm(variant.letter, trials, successes, weight=variant.weight, open_trials=open_trials)


def judge(experiment: Experiment) -> Evaluation:
    return evaluate(
        arms_of(experiment),
        alpha=experiment.alpha,
        looks=experiment.looks + 1,
        minimum=experiment.minimum_per_arm,
        planned_per_arm=experiment.planned_per_arm or None,
        baseline=experiment.baseline_rate,
        target=experiment.target_rate,
    )


def note_look(experiment: Experiment, evaluation: Evaluation) -> dict[str, Any]:
    """Keep the figures of this look; they are what the page shows until the next one."""
    now = clock.now()
    seen = {**figures(evaluation), "at": now.isoformat()}
    experiment.evaluation = seen
    experiment.looks += 1
    experiment.looked_at = now
    save_changes(experiment, "evaluation", "looks", "looked_at")
    return seen


def apply_verdict(experiment: Experiment, evaluation: Evaluation) -> None:
    """Only the always-valid rule decides by itself, and only where it may."""
    if evaluation.verdict == Verdict.INCONCLUSIVE:
        close_test(experiment, actor=SYSTEM)
        return
    if evaluation.verdict not in DECIDED or evaluation.winner is None:
        return
    winner = experiment.variants.get(letter=evaluation.winner.name)
    if experiment.promotes_itself:
        before = experiment.state
        move(experiment.promote_by_rule, refusal="This test is decided already.")
        record_promotion(experiment, winner, by="rule", is_proven=True, before=before, actor=SYSTEM)
    elif experiment.decision.get("suggested") != winner.letter:
        _suggest(experiment, winner)


def _suggest(experiment: Experiment, winner: Variant) -> None:
    experiment.decision = {"suggested": winner.letter, "figures": experiment.evaluation}
    save_changes(experiment, "decision")
    learn(experiment)
    events.publish(
        ExperimentProven(
            experiment_id=experiment.pk, campaign_id=experiment.campaign_id, letter=winner.letter
        ),
        subject=experiment,
        actor=SYSTEM,
    )


def record_promotion(
    experiment: Experiment, variant: Variant, *, by: str, is_proven: bool, before: str, actor: Actor
) -> None:
    """The rest of the people get this variant; the figures are kept as they stood."""
    experiment.promoted, experiment.decided_at, experiment.decided_by = variant, clock.now(), actor.user
    experiment.decision = {
        "by": by,
        "letter": variant.letter,
        "is_proven": is_proven,
        "words": "proven" if is_proven else "not proven",
        "figures": experiment.evaluation,
    }
    save_changes(experiment, "state", "promoted", "decided_at", "decided_by", "decision")
    give_to_the_rest(experiment, variant)
    if is_proven:
        learn(experiment)
    _announce(experiment, before, by=by, is_proven=is_proven, variant=variant, actor=actor)


def give_to_the_rest(experiment: Experiment, variant: Variant) -> None:
    """Split 0: a person or the verdict chose, not chance, so these never count as trials."""
    people = [key for key, _ in waiting_people(experiment.campaign)]
    give_variant(people, variant, split=0)


def close_test(experiment: Experiment, *, actor: Actor) -> None:
    """The planned sample or the campaign is at its end and nothing was proven."""
    before = experiment.state
    move(experiment.end_inconclusive, refusal="This test is decided already.")
    if not experiment.evaluation:
        note_look(experiment, judge(experiment))
    experiment.decided_at = clock.now()
    experiment.decision = {"by": "end", "is_proven": False, "figures": experiment.evaluation}
    save_changes(experiment, "state", "decided_at", "decision")
    learn(experiment)
    _announce(experiment, before, by="end", is_proven=False, variant=None, actor=actor)


def _announce(
    experiment: Experiment,
    before: str,
    *,
    by: str,
    is_proven: bool,
    variant: Variant | None,
    actor: Actor,
) -> None:
    history.record(
        experiment, before={"state": before}, after={"state": experiment.state}, actor=actor, category="STATE"
    )
    events.publish(
        ExperimentDecided(
            experiment_id=experiment.pk,
            campaign_id=experiment.campaign_id,
            by=by,
            is_proven=is_proven,
            verdict=str(experiment.evaluation.get("verdict_code", "")),
            letter=variant.letter if variant else "",
            text=variant.text if variant else "",
            detail=_detail(experiment),
        ),
        subject=experiment,
        actor=actor,
    )
    live.push(f"campaign:{experiment.campaign_id}")


def _detail(experiment: Experiment) -> str:
    return f"{experiment.evaluation.get('title', '')}. {experiment.evaluation.get('detail', '')}"


def learn(experiment: Experiment) -> Evidence | None:
    """Move the belief that the test was about: a proof weighs more than a test that ended without one.

    A test that never reached its least sample teaches nothing. A belief is moved once by each source, so a proof names
    the variant that was judged: a test that ended undecided and was taken up again can still prove something.
    """
    evaluation = experiment.evaluation
    verdict = evaluation.get("verdict_code")
    if verdict not in {
        Verdict.PROVEN_BETTER,
        Verdict.PROVEN_WORSE,
        Verdict.KEEP_TESTING,
        Verdict.INCONCLUSIVE,
    }:
        return None
    texts = {variant.letter: variant.text for variant in experiment.variants.all()}
    variant, control = texts[evaluation["variant"]], texts[evaluation["control"]]
    gain = GAINS[Metric(experiment.metric)]
    assumption = create_assumption(
        f"In outreach the {experiment.element} “{variant}” {gain} “{control}”", actor=SYSTEM
    )
    is_proof = verdict in DECIDED
    return add_evidence(
        assumption,
        text=f"{experiment.campaign.name}: {_detail(experiment)}",
        supports=verdict == Verdict.PROVEN_BETTER,
        weight=PROVEN_WEIGHT if is_proof else UNDECIDED_WEIGHT,
        source=experiment.variants.get(letter=evaluation["variant"]) if is_proof else experiment,
        actor=SYSTEM,
    )
