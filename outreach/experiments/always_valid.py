"""The rule that decides: evidence that holds however often, and whenever, an experiment is looked at.

The evidence against "variant minus control = d" is a mixture of likelihood ratios. Each compares one
pair of rates with its projection on that null, the nearest pair whose difference is d:

    E(d) = sum_j w_j * prod_i  p_j(answer_i | arm_i) / p_j0(answer_i | arm_i)

Each person is put into an arm by chance, with the planned share, apart from everything before. The pairs
of rates with difference d then form a convex set of distributions of (arm, answer), p_j0 is the reverse
information projection of p_j on it, and each factor has mean one or less under every member of the null
(Grünwald, de Heide and Koolen 2024, Safe testing, JRSS B 86, theorem 1; for streams of yes-or-no data
Turner, Ly and Grünwald 2024, J. Stat. Plan. Inference 230, theorem 1 and section 3; for a linear
difference Turner and Grünwald 2023, Exact anytime-valid confidence intervals for contingency tables,
Stat. Probab. Lett. 198). The baseline may even drift. The product is a test supermartingale, a mixture of
such is one again, and so the chance that E(d) ever reaches 1/alpha under the null is at most alpha (Ville
1939). This is exact for small samples and low rates; no normal approximation enters. For d = 0 it holds
as well for strict pairs, one person each, by the inequality of the means.

1/E(0) is the always-valid p-value (Johari, Koomen, Pekelis and Walsh 2022, Operations Research 70,
definition 1); the d that are not rejected form the confidence sequence (Howard, Ramdas, McAuliffe and
Sekhon 2021, Annals of Statistics 49). Both depend on the counts alone, and zero lies outside the sequence
exactly when p is at most alpha, as both come from the same E.

Late answers: exactly valid when a trial counts once it is decided, that is with its answer, or as a
failure when its window has closed. When trials count as soon as they are sent, answers still to come are
missing in both arms alike; that case is covered by simulation (benchmarks/experiments.py), not by proof.

The weights below are part of the rule. Changing them while an experiment runs voids its guarantee.
"""

from collections.abc import Callable
from functools import lru_cache
from math import exp, log, sqrt
from typing import NamedTuple

from outreach.experiments.arms import Interval, Table

# Where the rates may lie, with more weight on what outreach sees; a rough grid is enough, because the
# ratio depends on the place along the null in second order only.
BASELINES = (0.01, 0.03, 0.07, 0.15, 0.3, 0.5, 0.7, 0.85, 0.93, 0.97, 0.99)
BASELINE_WEIGHTS = (20, 40, 50, 30, 16, 12, 6, 4, 3, 2, 1)
# How far apart, as a part of the greatest distance possible at that place: around a third, which is 5 %
# against 10 %, with the long tails of Student's t on the log scale so that small effects can be proven too.
SMALLEST_EFFECT, LARGEST_EFFECT, EFFECTS = 0.002, 0.95, 22
TYPICAL_EFFECT, EFFECT_SPREAD, TAIL = 0.3, 0.75, 4
WIDEST = 0.999
STEPS = 12


class Ratio(NamedTuple):
    """One likelihood ratio, in logs: its weight and what each of the four kinds of answer multiplies it by."""

    weight: float
    control_success: float
    control_failure: float
    variant_success: float
    variant_failure: float


def log_evidence(table: Table, *, difference: float = 0.0, share: float = 0.5) -> float:
    """Log E(d) for the counts so far; `share` is the planned part of the variant in this pair."""
    ratios = plain_ratios(share) if difference == 0 else _ratios(difference, share)
    return mixture(ratios, *map(float, table.cells))


def mixture(ratios: tuple[Ratio, ...], a1: float, a0: float, b1: float, b0: float) -> float:
    """Log of the weighted sum; successes and failures of the control, then of the variant."""
    logs = [w + a1 * ca1 + a0 * ca0 + b1 * cb1 + b0 * cb0 for w, ca1, ca0, cb1, cb0 in ratios]
    peak = max(logs)
    return peak + log(sum([exp(value - peak) for value in logs]))


def p_value(table: Table, *, share: float = 0.5) -> float:
    """Always-valid p-value of "no difference": the inverse of the evidence."""
    return min(1.0, exp(-log_evidence(table, share=share)))


def log_evidence_bound(table: Table, *, share: float = 0.5) -> float:
    """More than log E(0) can be, in a microsecond: the best tilt of the arms of successes and of failures."""
    a1, a0, b1, b0 = table.cells
    return _tilt(a1, b1, share) + _tilt(a0, b0, share)


def is_proven(table: Table, *, alpha: float = 0.05, share: float = 0.5) -> bool:
    """Whether a difference is proven; the mixture is only worked out when the bound allows it."""
    needed = -log(alpha)
    return log_evidence_bound(table, share=share) >= needed and log_evidence(table, share=share) >= needed


def confidence_sequence(table: Table, *, alpha: float = 0.05, share: float = 0.5) -> Interval:
    """All differences not rejected at any look: covers the true one at all times with chance 1 - alpha."""
    return _confidence_sequence(table, alpha, share)


@lru_cache(maxsize=1024)
def _confidence_sequence(table: Table, alpha: float, share: float) -> Interval:
    needed = -log(alpha)

    def is_rejected(difference: float) -> bool:
        return log_evidence(table, difference=difference, share=share) >= needed

    step = _standard_error(table)
    low = _edge(is_rejected, table.difference, -step)
    high = _edge(is_rejected, table.difference, step)
    return Interval(*_agree_on_zero(low, high, table.difference, is_zero_rejected=is_rejected(0.0)))


def _agree_on_zero(low: float, high: float, seen: float, *, is_zero_rejected: bool) -> tuple[float, float]:
    """The search ends on a grid; this keeps zero on the side where the p-value has it."""
    if not is_zero_rejected or seen == 0:
        return min(low, 0.0), max(high, 0.0)
    if seen > 0:
        return max(low, 1e-12), high
    return low, min(high, -1e-12)


def _edge(is_rejected: Callable[[float], bool], start: float, step: float) -> float:
    """Walk out from the estimate in growing steps until a difference is rejected, then halve."""
    inside, outside = start, start + 3 * step
    while abs(outside) < WIDEST and not is_rejected(outside):
        inside, outside = outside, outside + step
        step *= 1.5
    if abs(outside) >= WIDEST:
        outside = WIDEST if step > 0 else -WIDEST
        if not is_rejected(outside):
            return 1.0 if step > 0 else -1.0
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        if is_rejected(middle):
            outside = middle
        else:
            inside = middle
    return outside


def _standard_error(table: Table) -> float:
    """A step for the search, never zero: one is added to each cell (as in Agresti and Caffo 2000)."""
    a1, a0, b1, b0 = (cell + 1 for cell in table.cells)
    return sqrt(a1 * a0 / (a1 + a0) ** 3 + b1 * b0 / (b1 + b0) ** 3)


def _tilt(control: int, variant: int, share: float) -> float:
    total = control + variant
    tilt = variant * log(variant / (total * share)) if variant else 0.0
    return tilt + (control * log(control / (total * (1 - share))) if control else 0.0)


@lru_cache(maxsize=256)
def plain_ratios(share: float) -> tuple[Ratio, ...]:
    return _ratios(0.0, share)


def _ratios(difference: float, share: float) -> tuple[Ratio, ...]:
    return tuple(
        _ratio(control, control + difference, side * effect, share, log_weight)
        for place, place_weight in _weighted_baselines()
        for control in (place * (1 - abs(difference)) + max(0.0, -difference),)
        for side in (1, -1)
        for effect, log_weight in _weighted_effects(place_weight / 2)
    )


def _ratio(control: float, variant: float, effect: float, share: float, log_weight: float) -> Ratio:
    """A pair of rates against its projection (control, variant).

    Moving both rates by tilt * rate * (1 - rate) / share, in opposite ways, makes the given pair the point
    where the weighted Kullback-Leibler divergence along the null is least: its derivative is zero there.
    """
    other = 1 - share
    furthest = (
        min(other / (1 - control), share / variant)
        if effect > 0
        else min(other / control, share / (1 - variant))
    )
    tilt = effect * furthest
    control_tilt, variant_tilt = tilt / other, tilt / share
    return Ratio(
        log_weight,
        log(1 - control_tilt * (1 - control)),
        log(1 + control_tilt * control),
        log(1 + variant_tilt * (1 - variant)),
        log(1 - variant_tilt * variant),
    )


def _weighted_baselines() -> tuple[tuple[float, float], ...]:
    total = sum(BASELINE_WEIGHTS)
    return tuple((at, weight / total) for at, weight in zip(BASELINES, BASELINE_WEIGHTS, strict=True))


@lru_cache(maxsize=64)
def _weighted_effects(part: float) -> tuple[tuple[float, float], ...]:
    """Effects with the log of their weight; the weights add up to `part`."""
    growth = (LARGEST_EFFECT / SMALLEST_EFFECT) ** (1 / (EFFECTS - 1))
    effects = [SMALLEST_EFFECT * growth**step for step in range(EFFECTS)]
    scores = [log(effect / TYPICAL_EFFECT) / EFFECT_SPREAD for effect in effects]
    weights = [(1 + score * score / TAIL) ** (-(TAIL + 1) / 2) for score in scores]
    total = sum(weights)
    return tuple(
        (effect, log(part * weight / total)) for effect, weight in zip(effects, weights, strict=True)
    )
