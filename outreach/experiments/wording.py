"""The verdict in words. "Leading", "not proven", "proven" and "winner" mean one thing each, always.

Leading: the higher rate so far. Proven: the always-valid rule has decided. Winner: the proven one.
"""

from typing import NamedTuple

from outreach.experiments.arms import Interval
from outreach.experiments.evaluation import ArmResult, Comparison, Evaluation, Verdict

FEW = 5
MINUS = "−"


class Words(NamedTuple):
    title: str
    detail: str


def describe(evaluation: Evaluation) -> Words:
    """A title, and one to three short sentences with counts, base and interval."""
    writers = {
        Verdict.NOT_ENOUGH_DATA: _not_enough_data,
        Verdict.SPLIT_OFF: _split_off,
        Verdict.KEEP_TESTING: _keep_testing,
        Verdict.INCONCLUSIVE: _inconclusive,
        Verdict.PROVEN_BETTER: _proven_better,
        Verdict.PROVEN_WORSE: _proven_worse,
    }
    return writers[evaluation.verdict](evaluation)


def _not_enough_data(evaluation: Evaluation) -> Words:
    so_far = ", ".join(f"{result.arm.name} {result.arm.trials}" for result in evaluation.arms)
    return Words(
        "Not enough data",
        f"Each variant needs {evaluation.minimum} before there is a verdict. So far: {so_far}.",
    )


def _split_off(evaluation: Evaluation) -> Words:
    counts = ", ".join(f"{result.arm.name} {result.arm.trials}" for result in evaluation.arms)
    return Words(
        "The split is off, nothing is decided",
        f"The counts ({counts}) do not fit the planned split, p = {p_text(evaluation.sample_ratio_p)}. "
        "Find out why before you trust any rate here.",
    )


def _keep_testing(evaluation: Evaluation) -> Words:
    return Words(_undecided_title(evaluation), f"{_rates(evaluation)} {_evidence(evaluation)}")


def _inconclusive(evaluation: Evaluation) -> Words:
    return Words(
        f"Planned sample reached. {_undecided_title(evaluation)}",
        f"{_rates(evaluation)} {_evidence(evaluation)}",
    )


def _undecided_title(evaluation: Evaluation) -> str:
    if evaluation.leader is None:
        return "No variant is leading"
    return f"{evaluation.leader.name} is leading, not proven"


def _proven_better(evaluation: Evaluation) -> Words:
    comparison = evaluation.main
    name, control = comparison.variant.name, comparison.control.name
    return Words(
        f"{name} is the winner: proven better than {control}",
        f"{_rates(evaluation)} {_proof(comparison)}{_rival(evaluation)}",
    )


def _proven_worse(evaluation: Evaluation) -> Words:
    comparison = evaluation.main
    names = " and ".join(item.variant.name for item in evaluation.comparisons)
    is_or_are = "is" if len(evaluation.comparisons) == 1 else "are"
    return Words(
        f"{comparison.control.name} is the winner: {names} {is_or_are} proven worse",
        f"{_rates(evaluation)} {_proof(comparison)}",
    )


def _rival(evaluation: Evaluation) -> str:
    """With several variants a proof is against the control only; say so."""
    if len(evaluation.comparisons) == 1:
        return ""
    return " Each variant was compared with the control, not with the other variants."


def _rates(evaluation: Evaluation) -> str:
    return " ".join(f"{result.arm.name}: {rate_text(result)}." for result in evaluation.arms)


def _proof(comparison: Comparison) -> str:
    return (
        f"Difference {points_text(comparison.difference or 0)} points "
        f"({span_text(comparison.always_valid_interval)}), always-valid p = "
        f"{p_text(comparison.always_valid_p)}, limit {comparison.alpha:g}: this holds however often it was looked at."
    )


def _evidence(evaluation: Evaluation) -> str:
    comparison = evaluation.main
    decides = (
        f"always-valid p = {p_text(comparison.always_valid_p)}, limit {comparison.alpha:g}; the difference lies in "
        f"{span_text(comparison.always_valid_interval)} points"
    )
    one_look = comparison.one_look_p
    if one_look is not None and one_look <= comparison.alpha < comparison.always_valid_p:
        return (
            f"A single planned look would call p = {p_text(one_look)} enough. "
            f"This test is looked at all along, so another figure decides: {decides}."
        )
    return f"What decides: {decides}."


def rate_text(result: ArmResult) -> str:
    """19 of 138, 13.8 % (9.0 to 20.5); under five successes the counts alone."""
    counts = f"{result.arm.successes} of {result.arm.trials}"
    if result.rate is None or result.interval is None or result.arm.successes < FEW:
        return counts
    low, high = result.interval
    return f"{counts}, {result.rate * 100:.1f} % ({low * 100:.1f} to {high * 100:.1f})"


def points_text(value: float) -> str:
    rounded = round(value * 100, 1)
    if rounded == 0:
        return "0.0"
    return f"+{rounded:.1f}" if rounded > 0 else f"{MINUS}{-rounded:.1f}"


def span_text(interval: Interval) -> str:
    return f"{points_text(interval.low)} to {points_text(interval.high)}"


def p_text(value: float) -> str:
    """Two figures; very small values as a limit, as nobody reads their digits."""
    if value < 0.0001:
        return "under 0.0001"
    return f"{float(f'{value:.2g}'):.10f}".rstrip("0").rstrip(".")
