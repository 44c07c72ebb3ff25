"""The outside form of an experiment: counts in as plain data, every figure out as plain data."""

from collections.abc import Mapping
from typing import Any

from outreach.experiments.arms import Arm, Interval
from outreach.experiments.errors import InvalidExperimentError
from outreach.experiments.evaluation import ALPHA, MINIMUM, Comparison, Evaluation, evaluate
from outreach.experiments.wording import describe

RULE = "mixture of exact likelihood ratios, valid at every look"


def evaluate_payload(payload: object) -> Evaluation:
    """Evaluate `{"variants": [{"name", "trials", "successes"}, …], "looks": n, "alpha": 0.05}`.

    Optional: "minimum", "planned_per_arm", "baseline" and "target", and "weight" per variant. A variant
    without trials is refused here, as there is nothing to report about it.
    """
    if not isinstance(payload, Mapping):
        raise InvalidExperimentError('Expected an object with "variants".')
    variants = payload.get("variants")
    if not isinstance(variants, list):
        raise InvalidExperimentError('"variants" must be a list of variants with name, trials and successes.')
    planned = payload.get("planned_per_arm")
    return evaluate(
        [_arm(variant) for variant in variants],
        alpha=_number(payload.get("alpha", ALPHA), "alpha"),
        looks=_whole(payload.get("looks", 1), "looks"),
        minimum=_whole(payload.get("minimum", MINIMUM), "minimum"),
        planned_per_arm=None if planned is None else _whole(planned, "planned_per_arm"),
        baseline=_optional_number(payload.get("baseline"), "baseline"),
        target=_optional_number(payload.get("target"), "target"),
    )


def _arm(variant: object) -> Arm:
    if not isinstance(variant, Mapping):
        raise InvalidExperimentError("Each variant must be an object with name, trials and successes.")
    name = variant.get("name")
    if not isinstance(name, str):
        raise InvalidExperimentError("Every variant needs a name.")
    arm = Arm(
        name,
        _whole(variant.get("trials"), f"{name}: trials"),
        _whole(variant.get("successes"), f"{name}: successes"),
        _number(variant.get("weight", 1), f"{name}: weight"),
    )
    if arm.trials == 0:
        raise InvalidExperimentError(f"{name} has no trials yet, so there is nothing to compare.")
    return arm


def _whole(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidExperimentError(f"{name} must be a whole number.")
    return value


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidExperimentError(f"{name} must be a number.")
    return float(value)


def _optional_number(value: object, name: str) -> float | None:
    return None if value is None else _number(value, name)


def figures(evaluation: Evaluation) -> dict[str, Any]:
    """Every figure, ready for JSON. Top-level figures are those of the main comparison."""
    words = describe(evaluation)
    return {
        **_comparison_figures(evaluation.main),
        "needed_per_arm": evaluation.needed.always_valid if evaluation.needed else None,
        "sample_ratio_p": evaluation.sample_ratio_p,
        "verdict": evaluation.verdict.words,
        "verdict_code": evaluation.verdict.value,
        "sequential": {
            "decision": evaluation.verdict.words,
            "p_value": evaluation.main.always_valid_p,
            "interval_difference": list(evaluation.main.always_valid_interval),
            "rule": RULE,
        },
        "title": words.title,
        "detail": words.detail,
        "leader": evaluation.leader.name if evaluation.leader else None,
        "winner": evaluation.winner.name if evaluation.winner else None,
        "variants": _variant_figures(evaluation),
        "comparisons": [_comparison_figures(item) for item in evaluation.comparisons],
        **_plan_figures(evaluation),
    }


def _comparison_figures(comparison: Comparison) -> dict[str, Any]:
    return {
        "control": comparison.control.name,
        "variant": comparison.variant.name,
        "z": comparison.z,
        "p_value": comparison.p_value,
        "p_value_fisher": comparison.p_value_fisher,
        "method": comparison.method,
        "difference": comparison.difference,
        "ci95_difference": _bounds(comparison.difference_interval),
        "lift": comparison.lift,
        "ci95_lift": _bounds(comparison.lift_interval),
        "sequential": {
            "p_value": comparison.always_valid_p,
            "interval_difference": list(comparison.always_valid_interval),
        },
    }


def _variant_figures(evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {
            "name": result.arm.name,
            "trials": result.arm.trials,
            "successes": result.arm.successes,
            "rate": result.rate,
            "ci95": _bounds(result.interval),
        }
        for result in evaluation.arms
    ]


def _plan_figures(evaluation: Evaluation) -> dict[str, Any]:
    goal = evaluation.goal
    return {
        "needed_one_look": evaluation.needed.one_look if evaluation.needed else None,
        "needed_for": goal
        and {
            "baseline": goal.baseline,
            "target": goal.target,
            "source": "planned" if goal.is_planned else "observed",
        },
        "planned_per_arm": evaluation.planned_per_arm,
        "minimum": evaluation.minimum,
        "looks": evaluation.looks,
        "alpha": evaluation.alpha,
    }


def _bounds(interval: Interval | None) -> list[float] | None:
    return list(interval) if interval else None
