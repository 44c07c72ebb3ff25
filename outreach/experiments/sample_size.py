"""How many people per arm a test needs: for one look, and for the rule that may be looked at all along."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import ceil, exp, lgamma, log, log1p, sqrt
from typing import NamedTuple

from outreach.experiments.always_valid import Ratio, mixture, plain_ratios
from outreach.experiments.errors import InvalidExperimentError
from outreach.experiments.significance import normal_quantile

NODES = 9
REACH = 4.5
NEGLIGIBLE = 9.0
CLOSE = 0.2
FINE_ENOUGH = 0.002
FIRST_GUESS = 2.1
FIRST_STEP = 0.85
ROUNDS = 12
MOST_LOOKS = 12
MOST = 1_000_000
TOO_CLOSE = "Baseline and target are too close to tell apart by any real sample."


class Needed(NamedTuple):
    one_look: int
    always_valid: int


def needed_per_arm(baseline: float, target: float, *, alpha: float = 0.05, power: float = 0.8) -> Needed:
    """People per arm to find `target` instead of `baseline` with the given power, equal arms.

    one_look: two-sided pooled z-test, no continuity correction (Fleiss, Levin and Paik 2003, equation 4.14).
    always_valid: the least n (to 0.2 %) at which the always-valid rule says "proven" at that very look with
    the given power. Binomial power, no simulation; only the limit of the rule between nine points is drawn
    straight. Looked at all along, the chance is higher still, as an earlier look may decide as well.
    """
    _check(baseline, target, alpha, power)
    return _needed(min(baseline, target), max(baseline, target), alpha, power)


def _check(baseline: float, target: float, alpha: float, power: float) -> None:
    for name, value in (("baseline", baseline), ("target", target), ("alpha", alpha), ("power", power)):
        if not 0 < value < 1:
            raise InvalidExperimentError(f"The {name} must lie between 0 and 1, not {value}.")
    if baseline == target:
        raise InvalidExperimentError("Baseline and target are the same: there is nothing to find.")
    if power <= alpha:
        raise InvalidExperimentError("The power must be higher than alpha.")


@lru_cache(maxsize=512)
def _needed(low: float, high: float, alpha: float, power: float) -> Needed:
    one_look = one_look_per_arm(low, high, alpha=alpha, power=power)
    if one_look > MOST:
        raise InvalidExperimentError(TOO_CLOSE)
    return Needed(one_look, _always_valid_per_arm(low, high, alpha, power, ceil(FIRST_GUESS * one_look)))


def one_look_per_arm(low: float, high: float, *, alpha: float, power: float) -> int:
    mean = (low + high) / 2
    pooled = normal_quantile(1 - alpha / 2) * sqrt(2 * mean * (1 - mean))
    apart = normal_quantile(power) * sqrt(low * (1 - low) + high * (1 - high))
    return ceil(((pooled + apart) / (high - low)) ** 2)


def _always_valid_per_arm(low: float, high: float, alpha: float, power: float, guess: int) -> int:
    """Regula falsi on the normal score of the power, which is close to straight in the root of n."""
    goal = normal_quantile(power)

    def miss(n: int) -> float:
        return _score(power_at(n, low, high, alpha=alpha)) - goal

    lower, upper = _bracket(miss, guess)
    for _ in range(ROUNDS):
        if upper[0] - lower[0] <= max(1, FINE_ENOUGH * upper[0]):
            break
        n = _between(lower, upper)
        found = (n, miss(n))
        lower, upper = (found, upper) if found[1] < 0 else (lower, found)
    return upper[0]


def _bracket(miss: Callable[[int], float], guess: int) -> tuple[tuple[int, float], tuple[int, float]]:
    """Two sample sizes with their miss, one below the goal and one at or above it."""
    here = (guess, miss(guess))
    is_enough = here[1] >= 0
    for _ in range(MOST_LOOKS):
        n = max(1, int(here[0] * FIRST_STEP)) if is_enough else ceil(here[0] / FIRST_STEP)
        there = (n, miss(n))
        if is_enough and (there[1] < 0 or n == 1):
            return there, here
        if not is_enough and there[1] >= 0:
            return here, there
        here = there
    raise InvalidExperimentError(TOO_CLOSE)


def _between(lower: tuple[int, float], upper: tuple[int, float]) -> int:
    """Where the line through both ends meets zero, a trifle above, so that the bracket closes soon."""
    start, end = sqrt(lower[0]), sqrt(upper[0])
    root = start + (end - start) * -lower[1] / (upper[1] - lower[1])
    n = ceil(root * root * (1 + FINE_ENOUGH / 3))
    if n >= upper[0]:
        n = int(upper[0] * (1 - FINE_ENOUGH))
    return min(max(n, lower[0] + 1), upper[0] - 1)


def _score(chance: float) -> float:
    return normal_quantile(min(max(chance, 1e-12), 1 - 1e-12))


def power_at(n: int, low: float, high: float, *, alpha: float = 0.05) -> float:
    """Chance that the always-valid rule proves the higher rate at `n` per arm, at this look alone."""
    first, control = _binomial(n, low)
    start, variant = _binomial(n, high)
    tails = _tails(variant)
    limits = _limits(n, first, first + len(control) - 1, alpha)
    return sum(
        chance * _tail_from(tails, ceil(limit - 1e-9) - start)
        for chance, limit in zip(control, limits, strict=True)
    )


def _binomial(n: int, rate: float) -> tuple[int, list[float]]:
    """First count and probabilities of all counts within 4.5 standard deviations."""
    spread = REACH * sqrt(n * rate * (1 - rate)) + 3
    first, last = max(0, int(n * rate - spread)), min(n, ceil(n * rate + spread))
    weight = lgamma(n + 1) - lgamma(first + 1) - lgamma(n - first + 1)
    chance = exp(weight + first * log(rate) + (n - first) * log1p(-rate))
    chances = [chance]
    odds = rate / (1 - rate)
    for count in range(first, last):
        chance *= (n - count) / (count + 1) * odds
        chances.append(chance)
    return first, chances


def _tails(chances: list[float]) -> list[float]:
    total, tails = 0.0, []
    for chance in reversed(chances):
        total += chance
        tails.append(total)
    return tails[::-1]


def _tail_from(tails: list[float], index: int) -> float:
    if index >= len(tails):
        return 0.0
    return tails[max(0, index)]


def _limits(n: int, first: int, last: int, alpha: float) -> Iterator[float]:
    """For each count of the control: from how many successes of the variant on the rule says "proven"."""
    needed = -log(alpha)
    width = (last - first) / (NODES - 1)
    limits: list[float] = []
    for node in range(NODES):
        limits.append(_limit(n, first + width * node, needed, limits[-1] if limits else float(first)))
    for count in range(first, last + 1):
        place = (count - first) / width if width else 0.0
        node = min(int(place), NODES - 2)
        yield limits[node] + (limits[node + 1] - limits[node]) * (place - node)


def _limit(n: int, control: float, needed: float, start: float) -> float:
    """The real number of variant successes where the evidence is just enough; n + 1 when it never is."""
    ratios = plain_ratios(0.5)
    if mixture(ratios, control, n - control, n, 0.0) < needed:
        return n + 1.0
    low, high = max(start, control), float(n)
    step = 4 * sqrt(control * (1 - control / n) + 1)
    while low + step < n:
        relevant = _relevant(ratios, n, control, low + step)
        if mixture(relevant, control, n - control, low + step, n - low - step) >= needed:
            high, ratios = low + step, relevant
            break
        low += step
    while high - low > CLOSE:
        middle = (low + high) / 2
        if mixture(ratios, control, n - control, middle, n - middle) < needed:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _relevant(ratios: tuple[Ratio, ...], n: int, control: float, variant: float) -> tuple[Ratio, ...]:
    """Only what counts near these numbers. Leaving terms out lowers the evidence: the sample errs upwards."""
    logs = [
        w + control * a1 + (n - control) * a0 + variant * b1 + (n - variant) * b0
        for w, a1, a0, b1, b0 in ratios
    ]
    least = max(logs) - NEGLIGIBLE
    return tuple(ratio for ratio, value in zip(ratios, logs, strict=True) if value > least)
