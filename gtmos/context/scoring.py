"""How much is believed: the Beta distribution of a statement's truth, from counts of evidence."""

from math import exp, lgamma, log
from typing import NamedTuple

MOST_TERMS = 500
CLOSE_ENOUGH = 1e-15
TINY = 1e-300
HALVINGS = 60


class Belief(NamedTuple):
    mean: float
    low: float
    high: float


def belief(evidence_for: float, evidence_against: float, *, prior_weight: float = 2.0) -> Belief:
    """Mean and central 95 % interval; the prior's weight is spread evenly over both sides."""
    for_it, against_it = prior_weight / 2 + evidence_for, prior_weight / 2 + evidence_against
    if for_it <= 0 or against_it <= 0:
        raise ValueError("A belief needs a prior weight above zero.")
    return Belief(
        for_it / (for_it + against_it),
        beta_quantile(0.025, for_it, against_it),
        beta_quantile(0.975, for_it, against_it),
    )


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Halving is slow and cannot fail; sixty halvings are more than a float can tell apart."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if incomplete_beta(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function (Abramowitz and Stegun 1964, 26.5.8)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    # The fraction converges fast on this side of the mean only; the other side is its mirror.
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Lentz's way to work out a continued fraction (Thompson and Barnett 1986)."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for step in range(1, MOST_TERMS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < CLOSE_ENOUGH:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
