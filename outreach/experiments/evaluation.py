"""From counts to a verdict: every figure of an experiment, and the one rule that may decide it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from outreach.experiments import always_valid, significance
from outreach.experiments.arms import Arm, Interval, Table
from outreach.experiments.errors import InvalidExperimentError
from outreach.experiments.sample_size import Needed, needed_per_arm

MINIMUM = 100
ALPHA = 0.05
SPLIT_ALPHA = 0.001
UNKNOWN_DIFFERENCE = Interval(-1.0, 1.0)


class Verdict(StrEnum):
    NOT_ENOUGH_DATA = "not_enough_data"
    KEEP_TESTING = "keep_testing"
    PROVEN_BETTER = "proven_better"
    PROVEN_WORSE = "proven_worse"
    INCONCLUSIVE = "inconclusive"
    SPLIT_OFF = "split_off"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class ArmResult:
    arm: Arm
    rate: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One variant against the control. Figures are None while one of the two has no trials.

    `always_valid_p` and `always_valid_interval` are corrected for the number of variants (Bonferroni);
    the one-look figures are not, as they decide nothing.
    """

    control: Arm
    variant: Arm
    z: float | None = None
    p_value: float | None = None
    p_value_fisher: float | None = None
    method: str | None = None
    difference: float | None = None
    difference_interval: Interval | None = None
    lift: float | None = None
    lift_interval: Interval | None = None
    always_valid_p: float = 1.0
    always_valid_interval: Interval = UNKNOWN_DIFFERENCE
    alpha: float = ALPHA

    @property
    def one_look_p(self) -> float | None:
        """The p-value of the method named: Fisher's when a cell is small."""
        return self.p_value_fisher if self.method == significance.FISHER else self.p_value

    @property
    def is_proven(self) -> bool:
        return bool(self.difference) and self.always_valid_p <= self.alpha

    @property
    def is_better(self) -> bool:
        return self.is_proven and (self.difference or 0) > 0

    @property
    def is_worse(self) -> bool:
        return self.is_proven and (self.difference or 0) < 0


@dataclass(frozen=True, slots=True)
class Goal:
    """The rates a needed sample is worked out for, and whether they were planned or are those seen."""

    baseline: float
    target: float
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`winner` is set only when the always-valid rule has decided; `leader` just has the higher rate."""

    verdict: Verdict
    arms: tuple[ArmResult, ...]
    comparisons: tuple[Comparison, ...]
    main: Comparison
    leader: Arm | None
    winner: Arm | None
    sample_ratio_p: float
    looks: int
    alpha: float
    minimum: int
    planned_per_arm: int | None
    goal: Goal | None
    needed: Needed | None


def evaluate(
    arms: Sequence[Arm],
    *,
    alpha: float = ALPHA,
    looks: int = 1,
    minimum: int = MINIMUM,
    planned_per_arm: int | None = None,
    baseline: float | None = None,
    target: float | None = None,
) -> Evaluation:
    """Judge an experiment; the first arm is the control.

    Only the always-valid p-value decides, so `looks` changes nothing but the words: the verdict holds for
    any number of looks. With more than one variant each is compared with the control at alpha divided by
    their number. The main comparison is that of the variant with the highest rate, the proven ones first.
    """
    _check(arms, alpha, looks, minimum, planned_per_arm)
    control, variants = arms[0], arms[1:]
    comparisons = tuple(compare(control, variant, alpha=alpha, among=len(variants)) for variant in variants)
    main = max(comparisons, key=lambda item: (item.is_better, item.variant.rate or 0.0))
    split_p = significance.sample_ratio_p([arm.trials for arm in arms], [arm.weight for arm in arms])
    verdict = _verdict(arms, comparisons, split_p, minimum, planned_per_arm)
    goal = _goal(main, baseline, target)
    return Evaluation(
        verdict=verdict,
        arms=tuple(_arm_result(arm) for arm in arms),
        comparisons=comparisons,
        main=main,
        leader=_leader(arms),
        winner=_winner(verdict, main),
        sample_ratio_p=split_p,
        looks=looks,
        alpha=alpha,
        minimum=minimum,
        planned_per_arm=planned_per_arm,
        goal=goal,
        needed=_needed(goal, alpha / len(variants)),
    )


def compare(control: Arm, variant: Arm, *, alpha: float = ALPHA, among: int = 1) -> Comparison:
    """All figures of one pair; `among` is how many variants share the error allowed by `alpha`."""
    table = Table.of(control, variant)
    if not (control.trials and variant.trials):
        return Comparison(control, variant, alpha=alpha)
    share = variant.weight / (control.weight + variant.weight)
    z, p_value = significance.two_proportion_z(table)
    return Comparison(
        control=control,
        variant=variant,
        z=z,
        p_value=p_value,
        p_value_fisher=significance.fisher_exact(table),
        method=significance.method(table),
        difference=table.difference,
        difference_interval=significance.wald_difference(table),
        lift=significance.lift(table),
        lift_interval=significance.katz_lift(table),
        always_valid_p=min(1.0, always_valid.p_value(table, share=share) * among),
        always_valid_interval=always_valid.confidence_sequence(table, alpha=alpha / among, share=share),
        alpha=alpha,
    )


def _check(arms: Sequence[Arm], alpha: float, looks: int, minimum: int, planned_per_arm: int | None) -> None:
    if len(arms) < 2:
        raise InvalidExperimentError("A test needs a control and at least one more variant.")
    names = [arm.name for arm in arms]
    if len(set(names)) < len(names):
        raise InvalidExperimentError("Every variant needs a name of its own.")
    if not 0 < alpha < 1:
        raise InvalidExperimentError(f"Alpha must lie between 0 and 1, not {alpha}.")
    if looks < 1:
        raise InvalidExperimentError("The number of looks must be one or more.")
    if minimum < 1 or (planned_per_arm is not None and planned_per_arm < 1):
        raise InvalidExperimentError("The least and the planned sample must be one or more.")


def _verdict(
    arms: Sequence[Arm],
    comparisons: Sequence[Comparison],
    split_p: float,
    minimum: int,
    planned_per_arm: int | None,
) -> Verdict:
    fewest = min(arm.trials for arm in arms)
    if fewest < minimum:
        return Verdict.NOT_ENOUGH_DATA
    if split_p < SPLIT_ALPHA:
        return Verdict.SPLIT_OFF
    if any(comparison.is_better for comparison in comparisons):
        return Verdict.PROVEN_BETTER
    if all(comparison.is_worse for comparison in comparisons):
        return Verdict.PROVEN_WORSE
    if planned_per_arm is not None and min(arm.settled for arm in arms) >= planned_per_arm:
        return Verdict.INCONCLUSIVE
    return Verdict.KEEP_TESTING


def _winner(verdict: Verdict, main: Comparison) -> Arm | None:
    if verdict == Verdict.PROVEN_WORSE:
        return main.control
    return main.variant if verdict == Verdict.PROVEN_BETTER else None


def _leader(arms: Sequence[Arm]) -> Arm | None:
    """The arm with the highest rate, if it is one alone."""
    rates = [arm.rate or 0.0 for arm in arms]
    best = max(rates)
    return arms[rates.index(best)] if rates.count(best) == 1 else None


def _arm_result(arm: Arm) -> ArmResult:
    interval = significance.wilson(arm.successes, arm.trials) if arm.trials else None
    return ArmResult(arm, arm.rate, interval)


def _goal(main: Comparison, baseline: float | None, target: float | None) -> Goal | None:
    if baseline is not None and target is not None:
        return Goal(baseline, target, is_planned=True)
    if baseline is not None or target is not None:
        raise InvalidExperimentError("A planned sample needs both the baseline and the target.")
    seen, better = main.control.rate, main.variant.rate
    if not seen or not better or seen == better or max(seen, better) == 1:
        return None
    return Goal(seen, better, is_planned=False)


def _needed(goal: Goal | None, alpha: float) -> Needed | None:
    """For rates seen, a difference beyond any real sample is not known rather than an error."""
    if goal is None:
        return None
    try:
        return needed_per_arm(goal.baseline, goal.target, alpha=alpha)
    except InvalidExperimentError:
        if goal.is_planned:
            raise
        return None
