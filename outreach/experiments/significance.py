"""One-look statistics of proportions, for display: they do not hold when a test is looked at all along."""

from collections.abc import Iterator, Sequence
from math import erfc, exp, log, pi, sqrt
from statistics import NormalDist
from typing import NamedTuple

from outreach.experiments.arms import Interval, Table

SMALL_CELL = 5
LEVEL = 0.95
TIES = 1 + 1e-7
Z_TEST = "two-proportion z-test, pooled, two-sided"
FISHER = "Fisher exact test, two-sided"


class ZTest(NamedTuple):
    z: float
    p_value: float


def normal_quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


def two_proportion_z(table: Table) -> ZTest:
    """Pooled z-test, two-sided (Fleiss, Levin and Paik 2003, Statistical Methods, section 3.2).

    Positive z: the variant has the higher rate. erfc keeps full precision far out in the tail.
    """
    trials = table.control_trials + table.variant_trials
    pooled = (table.control_successes + table.variant_successes) / trials
    variance = pooled * (1 - pooled) * (1 / table.control_trials + 1 / table.variant_trials)
    if variance <= 0:
        return ZTest(0.0, 1.0)
    z = table.difference / sqrt(variance)
    return ZTest(z, erfc(abs(z) / sqrt(2)))


def fisher_exact(table: Table) -> float:
    """Two-sided exact test: the sum of all tables no likelier than the one seen (Fisher 1934; Irwin 1935).

    Probabilities are taken relative to the likeliest table, so nothing overflows for large counts.
    """
    successes = table.control_successes + table.variant_successes
    failures = table.control_trials + table.variant_trials - successes
    low = max(0, table.control_trials - failures)
    high = min(table.control_trials, successes)
    mode = (table.control_trials + 1) * (successes + 1) // (successes + failures + 2)
    mode = min(max(mode, low), high)

    def ratio(count: int) -> float:
        """How much likelier `count + 1` control successes are than `count`."""
        rest = failures - table.control_trials + count + 1
        return (successes - count) * (table.control_trials - count) / ((count + 1) * rest)

    above = list(_chain(ratio(count) for count in range(mode, high)))
    below = list(_chain(1 / ratio(count) for count in range(mode - 1, low - 1, -1)))
    weights = [*reversed(below), 1.0, *above]
    seen = weights[table.control_successes - low] * TIES
    return min(1.0, sum(sorted(weight for weight in weights if weight <= seen)) / sum(sorted(weights)))


def _chain(ratios: Iterator[float]) -> Iterator[float]:
    weight = 1.0
    for ratio in ratios:
        weight *= ratio
        yield weight


def method(table: Table) -> str:
    """The test whose p-value is shown: the normal approximation fails when a cell is small."""
    return FISHER if min(table.cells) < SMALL_CELL else Z_TEST


def wilson(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """Score interval of one rate (Wilson 1927, JASA 22; Newcombe 1998, Stat. Med. 17, method 3)."""
    z = normal_quantile((1 + level) / 2)
    rate = successes / trials
    centre = (rate + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return Interval(low, high)


def wald_difference(table: Table, *, level: float = LEVEL) -> Interval:
    """Interval of the difference of rates, variances not pooled (Fleiss et al. 2003, equation 3.18)."""
    a, b = table.control_rate, table.variant_rate
    half = normal_quantile((1 + level) / 2) * sqrt(
        a * (1 - a) / table.control_trials + b * (1 - b) / table.variant_trials
    )
    return Interval(max(-1.0, table.difference - half), min(1.0, table.difference + half))


def lift(table: Table) -> float | None:
    """Relative change of the rate; not known while the control has no success."""
    return table.variant_rate / table.control_rate - 1 if table.control_successes else None


def katz_lift(table: Table, *, level: float = LEVEL) -> Interval | None:
    """Interval of the lift by the log of the ratio (Katz et al. 1978, Biometrics 34, method C)."""
    if not (table.control_successes and table.variant_successes):
        return None
    variance = (1 - table.control_rate) / table.control_successes
    variance += (1 - table.variant_rate) / table.variant_successes
    half = normal_quantile((1 + level) / 2) * sqrt(variance)
    centre = log(table.variant_rate / table.control_rate)
    return Interval(exp(centre - half) - 1, exp(centre + half) - 1)


def sample_ratio_p(trials: Sequence[int], weights: Sequence[float]) -> float:
    """Chi-square test of the split against the planned shares (Pearson 1900)."""
    total, planned = sum(trials), sum(weights)
    if total == 0:
        return 1.0
    expected = [total * weight / planned for weight in weights]
    statistic = sum((seen - want) ** 2 / want for seen, want in zip(trials, expected, strict=True))
    return chi_square_tail(statistic, len(trials) - 1)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """Upper tail for whole degrees of freedom: finite sums (Abramowitz and Stegun 1964, 26.4.4 and 26.4.5)."""
    half = statistic / 2
    if degrees % 2:
        tail, term, start = erfc(sqrt(half)), 2 * sqrt(half / pi) * exp(-half), 3
    else:
        tail, term, start = 0.0, exp(-half), 2
    for step in range(start, degrees + 1, 2):
        tail += term
        term *= statistic / step
    return min(1.0, tail)
