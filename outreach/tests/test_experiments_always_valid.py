from collections import defaultdict
from itertools import product
from math import exp, log

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from outreach.experiments import always_valid
from outreach.experiments.arms import Table
from outreach.experiments.significance import two_proportion_z
from outreach.tests.test_experiments_significance import even_tables, swapped, tables

EXAMPLE = Table(142, 8, 138, 19)


def expected_evidence(people, control, variant, share, difference):
    """Mean of E over all arms and answers `people` persons can have, weighed by their chance."""
    outcomes = {
        (0, 0): (1 - share) * (1 - control),
        (0, 1): (1 - share) * control,
        (1, 0): share * (1 - variant),
        (1, 1): share * variant,
    }
    total = 0.0
    for persons in product(outcomes, repeat=people):
        chance = 1.0
        for person in persons:
            chance *= outcomes[person]
        n, m = sum(1 for arm, _ in persons if not arm), sum(arm for arm, _ in persons)
        table = Table(n, sum(y for arm, y in persons if not arm), m, sum(y for arm, y in persons if arm))
        total += chance * exp(always_valid.log_evidence(table, difference=difference, share=share))
    return total


@pytest.mark.parametrize("share", [0.5, 0.2])
@pytest.mark.parametrize("rate", [0.01, 0.05, 0.4, 0.9])
def test_evidence_has_mean_one_when_the_arms_are_the_same(rate, share):
    mean = expected_evidence(5, rate, rate, share, 0.0)

    assert mean == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("share", [0.5, 0.3])
@pytest.mark.parametrize("control", [0.0, 0.05, 0.3, 0.9])
@pytest.mark.parametrize("difference", [0.1, 0.02, -0.04])
def test_evidence_against_the_true_difference_has_a_mean_of_one_at_most(control, difference, share):
    control = max(control, -difference)

    mean = expected_evidence(4, control, control + difference, share, difference)

    assert 0.5 < mean <= 1.0 + 1e-9


def exact_false_promotions(people, rate, alpha):
    """Chance that the evidence ever reaches its limit, by walking through all counts: no simulation."""
    steps = {
        (1, 0, 0, 0): rate / 2,
        (0, 1, 0, 0): (1 - rate) / 2,
        (0, 0, 1, 0): rate / 2,
        (0, 0, 0, 1): (1 - rate) / 2,
    }
    alive, promoted = {(0, 0, 0, 0): 1.0}, 0.0
    for _ in range(people):
        after = defaultdict(float)
        for cells, chance in alive.items():
            for step, part in steps.items():
                after[tuple(a + b for a, b in zip(cells, step, strict=True))] += chance * part
        alive = {}
        for cells, chance in after.items():
            table = Table(cells[0] + cells[1], cells[0], cells[2] + cells[3], cells[2])
            if always_valid.is_proven(table, alpha=alpha):
                promoted += chance
            else:
                alive[cells] = chance
    return promoted


@pytest.mark.parametrize("rate", [0.05, 0.5])
def test_looking_after_every_single_person_keeps_the_error_below_its_limit(rate):
    # A generous limit, as so few people can hardly reach a strict one.
    chance = exact_false_promotions(22, rate, alpha=0.3)

    assert 0 < chance <= 0.3


def test_eight_of_142_against_19_of_138_is_not_proven():
    p = always_valid.p_value(EXAMPLE)

    assert 0.2 < p < 0.4
    assert always_valid.confidence_sequence(EXAMPLE).contains(0.0)


def test_a_plain_difference_is_proven():
    table = Table(1000, 50, 1000, 100)

    interval = always_valid.confidence_sequence(table)

    assert always_valid.p_value(table) < 0.01
    assert 0 < interval.low < 0.05 < interval.high < 0.10


def test_the_sequence_is_wider_than_one_look_and_not_by_much():
    table = Table(10584, 1122, 10595, 1917)

    low, high = always_valid.confidence_sequence(table)

    assert (low, high) == pytest.approx((0.0749 - 0.0178, 0.0749 + 0.0181), abs=0.002)


@given(tables())
def test_swapping_the_arms_keeps_the_evidence(table):
    assert always_valid.log_evidence(swapped(table)) == pytest.approx(
        always_valid.log_evidence(table), abs=1e-9
    )


@given(tables(), st.floats(0.05, 0.95))
def test_the_quick_bound_is_never_below_the_evidence(table, share):
    bound = always_valid.log_evidence_bound(table, share=share)

    assert bound >= always_valid.log_evidence(table, share=share) - 1e-9


@given(tables(), st.floats(0.05, 0.95))
def test_the_p_value_lies_between_zero_and_one(table, share):
    assert 0 <= always_valid.p_value(table, share=share) <= 1


@given(even_tables())
def test_one_more_success_of_the_better_arm_is_more_evidence(table):
    assume(table.variant_successes < table.variant_trials and two_proportion_z(table).z > 1)

    more = table._replace(variant_successes=table.variant_successes + 1)

    assert always_valid.log_evidence(more) > always_valid.log_evidence(table)


@settings(max_examples=12)
@given(even_tables(most=400), st.sampled_from([0.01, 0.05, 0.3]))
def test_the_sequence_leaves_out_zero_exactly_when_the_p_value_says_so(table, alpha):
    assume(table.difference != 0)

    interval = always_valid.confidence_sequence(table, alpha=alpha)

    assert interval.contains(0.0) is not (always_valid.log_evidence(table) >= -log(alpha))


@settings(max_examples=12)
@given(even_tables(most=400))
def test_the_sequence_holds_the_difference_seen_and_possible_values_only(table):
    low, high = always_valid.confidence_sequence(table)

    assert -1 <= low <= table.difference <= high <= 1


@settings(max_examples=8)
@given(even_tables(most=300))
def test_a_stricter_limit_gives_a_wider_sequence(table):
    narrow = always_valid.confidence_sequence(table, alpha=0.1)
    wide = always_valid.confidence_sequence(table, alpha=0.01)

    assert wide.low <= narrow.low <= narrow.high <= wide.high
