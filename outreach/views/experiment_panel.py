"""The panel of a test: what is known, how sure it is, and what can be done."""

from math import ceil
from typing import Any

from gtmos.context.selectors.assumptions import evidence_from
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from outreach.enums import CampaignState, ExperimentState, Metric
from outreach.models import Campaign, Experiment, Variant
from outreach.selectors.performance import Performance
from outreach.selectors.readiness import audience_warning

S = CampaignState
VERDICTS = {
    "not_enough_data": ("Not enough data", ""),
    "keep_testing": ("Keep testing", "warn"),
    "proven_better": ("Proven", "good"),
    "proven_worse": ("Proven", "good"),
    "inconclusive": ("Not proven", "warn"),
    "split_off": ("Split is off", "bad"),
}
ELEMENT_WORDS = {"subject": "Subject line test", "body": "Text test", "cta": "Test of the question"}


def variants_of(experiment: Experiment | None) -> list[Variant]:
    return sorted(experiment.variants.all(), key=lambda each: each.letter) if experiment else []


def experiment_panel(
    campaign: Campaign,
    experiment: Experiment | None,
    figures: Performance,
    people: int,
    *,
    actor: Actor,
) -> dict[str, Any] | None:
    if experiment is None:
        return None
    seen = experiment.evaluation
    texts = {variant.letter: variant.text for variant in variants_of(experiment)}
    title, tone = VERDICTS.get(seen.get("verdict_code", ""), ("Not looked at yet", ""))
    is_running = experiment.state == ExperimentState.RUNNING
    return {
        "experiment": experiment,
        "name": ELEMENT_WORDS.get(experiment.element, "Test"),
        "measure": Metric(experiment.metric).label,
        "pill": {"text": title, "tone": tone},
        "decided": _decision_words(experiment),
        "title": seen.get("title", "Nothing is measured yet"),
        "detail": seen.get("detail", "The figures stand here once the first mails have left."),
        "arms": _arms(seen, texts),
        "lines": _lines(seen),
        "difference_title": f"Difference, {seen.get('variant')} minus {seen.get('control')}" if seen else "",
        "statistics": _statistics(seen),
        "planned": _planned(campaign, experiment, figures, people),
        "warning": audience_warning(experiment, people) if people and is_running else "",
        "others": [
            {"letter": letter, "text": text}
            for letter, text in texts.items()
            if letter != experiment_lead(seen)
        ],
        "lead": experiment_lead(seen) or ("B" if "B" in texts else ""),
        "letters": list(texts),
        "variants": variants_of(experiment),
        "is_running": is_running,
        "is_live": campaign.state in {S.ACTIVE, S.RUNNING, S.PAUSED},
        "can_add": is_running and len(texts) < 3,
        "can_undo": experiment.state in {ExperimentState.PROMOTED_BY_HAND, ExperimentState.INCONCLUSIVE}
        and campaign.state in {S.ACTIVE, S.RUNNING, S.PAUSED},
        "learned": [] if is_running else list(evidence_from([experiment.pk], actor=actor)[:1]),
    }


def experiment_lead(seen: dict[str, Any]) -> str:
    return str(seen.get("winner") or seen.get("leader") or "")


def _decision_words(experiment: Experiment) -> str:
    if experiment.state == ExperimentState.RUNNING:
        return ""
    if experiment.state == ExperimentState.INCONCLUSIVE:
        return "The test has ended. Nothing was proven."
    letter = experiment.promoted.letter if experiment.promoted else ""
    if experiment.state == ExperimentState.PROMOTED:
        return f"{letter} was promoted by the rule. Everybody who waits gets {letter}."
    who = experiment.decided_by.name if experiment.decided_by else "somebody"
    words = experiment.decision.get("words", "not proven")
    return f"{letter} was promoted by {who}, {words} at that time. Everybody who waits gets {letter}."


def _arms(seen: dict[str, Any], texts: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "label": arm["name"],
            "name": texts.get(arm["name"], arm["name"]),
            "count": arm["successes"],
            "base": arm["trials"],
            "rate": arm["rate"],
            "low": arm["ci95"][0],
            "high": arm["ci95"][1],
        }
        for arm in seen.get("variants", [])
        if arm["rate"] is not None
    ]


def _lines(seen: dict[str, Any]) -> list[dict[str, Any]]:
    if seen.get("difference") is None:
        return []
    once, always = seen["ci95_difference"], seen["sequential"]["interval_difference"]
    return [
        {
            "name": name,
            "estimate": seen["difference"],
            "low": low,
            "high": high,
            "kind": kind,
        }
        for name, (low, high), kind in (
            ("If looked at once", once, "once"),
            ("Looked at all along", always, "always"),
        )
    ]


def _statistics(seen: dict[str, Any]) -> list[dict[str, str]]:
    if seen.get("z") is None:
        return []
    lift, around = seen.get("lift"), seen.get("ci95_lift")
    return [
        {
            "label": "Lift",
            "value": _signed(lift),
            "note": f"{_signed(around[0])} to {_signed(around[1])}" if around else "too few replies to say",
        },
        {"label": "z", "value": f"{seen['z']:.2f}".replace("-", wording.MINUS), "note": "pooled"},
        {
            "label": "p, one look",
            "value": wording.p_value(seen["p_value"]),
            "note": f"Fisher {wording.p_value(seen['p_value_fisher'])}",
        },
        {
            "label": "p, always valid",
            "value": wording.p_value(seen["sequential"]["p_value"]),
            "note": f"limit {seen['alpha']:g}",
        },
    ]


def _signed(fraction: float | None) -> str:
    if fraction is None:
        return wording.NOT_KNOWN
    return f"{fraction * 100:+.0f}{wording.NO_BREAK}%".replace("-", wording.MINUS)


def _planned(campaign: Campaign, experiment: Experiment, figures: Performance, people: int) -> dict[str, Any]:
    trials = {arm["name"]: arm["trials"] for arm in experiment.evaluation.get("variants", [])}
    to_go = max(0, people - figures.step(1).sent)
    cap = campaign.mailbox.daily_cap if campaign.mailbox else 0
    days = (
        f", {wording.plural(ceil(to_go / cap), 'day')} at {wording.counted(cap)} a day"
        if cap and to_go
        else ""
    )
    return {
        "arms": [
            {
                "label": variant.letter,
                "have": trials.get(variant.letter, 0),
                "planned": experiment.planned_per_arm,
            }
            for variant in variants_of(experiment)
        ],
        "least": experiment.minimum_per_arm,
        "left": f"{wording.counted(to_go)} people still to be written to{days}"
        if to_go
        else "everybody was written to",
        "plan": (
            f"Plan: find {experiment.baseline_rate * 100:g} % → {experiment.target_rate * 100:g} % "
            "in 8 of 10 tests."
        ),
    }
