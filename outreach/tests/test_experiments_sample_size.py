from math import comb

import pytest

from outreach.experiments.always_valid import is_proven
from outreach.experiments.arms import Table
from outreach.experiments.errors import InvalidExperimentError
from outreach.experiments.sample_size import needed_per_arm, power_at


def exact_power(n, low, high):
    """Sum over every pair of counts, each judged by the rule itself."""
    control = [comb(n, k) * low**k * (1 - low) ** (n - k) for k in range(n + 1)]
    variant = [comb(n, k) * high**k * (1 - high) ** (n - k) for k in range(n + 1)]
    return sum(
        control[a] * variant[b]
        for a in range(n + 1)
        for b in range(a + 1, n + 1)
        if control[a] * variant[b] > 1e-12 and is_proven(Table(n, a, n, b))
    )


@pytest.mark.parametrize(("baseline", "target", "expected"), [(0.05, 0.10, 435), (0.05, 0.075, 1471)])
def test_one_look_needs_what_the_textbook_formula_says(baseline, target, expected):
    assert needed_per_arm(baseline, target).one_look == expected


@pytest.mark.parametrize(("low", "high"), [(0.05, 0.25), (0.3, 0.6)])
def test_power_equals_the_sum_over_all_outcomes(low, high):
    assert power_at(100, low, high) == pytest.approx(exact_power(100, low, high), abs=0.01)


@pytest.mark.parametrize(("low", "high"), [(0.05, 0.10), (0.05, 0.075), (0.2, 0.3), (0.4, 0.44)])
def test_the_needed_sample_just_reaches_the_power_asked_for(low, high):
    needed = needed_per_arm(low, high).always_valid

    assert 0.8 <= power_at(needed, low, high) < 0.81
    assert power_at(round(needed * 0.97), low, high) < 0.8


def test_a_rule_for_all_looks_needs_about_twice_as_many_people():
    needed = needed_per_arm(0.05, 0.10)

    assert 1.8 < needed.always_valid / needed.one_look < 2.2


def test_a_fall_needs_as_many_people_as_the_same_rise():
    assert needed_per_arm(0.10, 0.05) == needed_per_arm(0.05, 0.10)


def test_more_certainty_needs_more_people():
    usual = needed_per_arm(0.05, 0.10)
    powerful, strict = needed_per_arm(0.05, 0.10, power=0.9), needed_per_arm(0.05, 0.10, alpha=0.01)

    assert min(powerful.one_look, strict.one_look) > usual.one_look
    assert min(powerful.always_valid, strict.always_valid) > usual.always_valid


@pytest.mark.parametrize(
    ("baseline", "target", "settings", "sentence"),
    [
        (0.0, 0.1, {}, "The baseline must lie between 0 and 1, not 0.0."),
        (0.1, 1.0, {}, "The target must lie between 0 and 1, not 1.0."),
        (0.1, 0.1, {}, "Baseline and target are the same: there is nothing to find."),
        (0.1, 0.2, {"alpha": 1.0}, "The alpha must lie between 0 and 1, not 1.0."),
        (0.1, 0.2, {"power": 0.05}, "The power must be higher than alpha."),
        (0.5, 0.50001, {}, "Baseline and target are too close to tell apart by any real sample."),
    ],
)
def test_an_impossible_plan_is_refused_in_a_sentence(baseline, target, settings, sentence):
    with pytest.raises(InvalidExperimentError) as refused:
        needed_per_arm(baseline, target, **settings)

    assert str(refused.value) == sentence
