import json
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.experiments import significance
from outreach.experiments.arms import Table

EXAMPLE = Table(142, 8, 138, 19)


@st.composite
def tables(draw, most=200):
    n, m = draw(st.integers(1, most)), draw(st.integers(1, most))
    return Table(n, draw(st.integers(0, n)), m, draw(st.integers(0, m)))


@st.composite
def even_tables(draw, most=200):
    """Arms as an even split fills them: about as many people in one as in the other."""
    n = draw(st.integers(10, most))
    m = n + draw(st.integers(-2, 2))
    return Table(n, draw(st.integers(0, n)), m, draw(st.integers(0, m)))


def swapped(table):
    return Table(table.variant_trials, table.variant_successes, table.control_trials, table.control_successes)


def enumerated_fisher(table):
    """The same sum in whole numbers, without any rounding."""
    n, m = table.control_trials, table.variant_trials
    successes = table.control_successes + table.variant_successes
    ways = {
        k: comb(n, k) * comb(m, successes - k) for k in range(max(0, successes - m), min(n, successes) + 1)
    }
    seen = ways[table.control_successes]
    return Fraction(sum(way for way in ways.values() if way <= seen), sum(ways.values()))


@pytest.fixture
def hillstrom(shared_data):
    truths = json.loads(shared_data("truths.json").read_text())["hillstrom"]
    return [truth for truth in truths.values() if isinstance(truth, dict) and "k_treat" in truth]


def hillstrom_table(truth):
    return Table(truth["n_ctrl"], truth["k_ctrl"], truth["n_treat"], truth["k_treat"])


def test_every_published_comparison_of_the_mail_test_has_its_z_and_p(hillstrom):
    results = [significance.two_proportion_z(hillstrom_table(truth)) for truth in hillstrom]

    assert len(results) == 6
    assert [result.z for result in results] == pytest.approx([truth["z"] for truth in hillstrom], abs=1e-3)
    assert [result.p_value for result in results] == pytest.approx([t["p"] for t in hillstrom], rel=1e-3)


def test_every_published_comparison_of_the_mail_test_has_its_lift_and_interval(hillstrom):
    tables = [hillstrom_table(truth) for truth in hillstrom]

    assert [significance.lift(t) for t in tables] == pytest.approx(
        [t["rel_lift"] for t in hillstrom], abs=1e-3
    )
    bounds = [bound for table in tables for bound in significance.wald_difference(table)]
    published = [bound for truth in hillstrom for bound in truth["ci95_diff_wald"]]
    assert bounds == pytest.approx(published, abs=1e-5)


def test_the_split_of_the_mail_test_is_as_published(shared_data):
    truth = json.loads(shared_data("truths.json").read_text())["hillstrom"]["srm_check_equal_split"]

    result = significance.sample_ratio_p(list(truth["counts"].values()), [1, 1, 1])

    assert result == pytest.approx(truth["p"], abs=1e-4)


def test_the_z_test_of_eight_and_nineteen():
    result = significance.two_proportion_z(EXAMPLE)

    assert result.z == pytest.approx(2.3054, abs=1e-4)
    assert result.p_value == pytest.approx(0.02115, abs=1e-5)
    assert significance.lift(EXAMPLE) == pytest.approx(1.444, abs=5e-4)


def test_a_tiny_p_value_keeps_its_digits():
    result = significance.two_proportion_z(Table(10584, 1122, 10595, 1917))

    assert result.p_value == pytest.approx(1.554e-54, rel=1e-3)


@pytest.mark.parametrize("successes", [0, 10])
def test_equal_outcomes_everywhere_are_no_evidence(successes):
    result = significance.two_proportion_z(Table(10, successes, 10, successes))

    assert result == (0.0, 1.0)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(Table(4, 3, 4, 1), 17 / 35, id="lady tasting tea"),
        pytest.param(Table(13, 10, 17, 2), 0.0005367, id="convictions of twins"),
        pytest.param(Table(10, 0, 10, 0), 1.0, id="no success at all"),
    ],
)
def test_fisher_matches_textbook_values(table, expected):
    assert significance.fisher_exact(table) == pytest.approx(expected, rel=1e-3)


@given(tables(most=60))
def test_fisher_equals_exact_enumeration(table):
    assert significance.fisher_exact(table) == pytest.approx(float(enumerated_fisher(table)), rel=1e-6)


def test_fisher_holds_for_large_counts():
    table = Table(2584, 222, 2595, 417)

    assert significance.fisher_exact(table) == pytest.approx(float(enumerated_fisher(table)), rel=1e-6)


@given(tables())
def test_swapping_the_arms_turns_the_sign_and_keeps_the_p_values(table):
    one, other = significance.two_proportion_z(table), significance.two_proportion_z(swapped(table))

    assert other.z == pytest.approx(-one.z)
    assert other.p_value == pytest.approx(one.p_value)
    fisher = significance.fisher_exact(swapped(table))
    assert fisher == pytest.approx(significance.fisher_exact(table), rel=1e-6)


@given(tables())
def test_p_values_lie_between_zero_and_one(table):
    p_values = [significance.two_proportion_z(table).p_value, significance.fisher_exact(table)]

    assert [p for p in p_values if not 0 <= p <= 1] == []


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_matches_the_published_table(successes, trials, low, high):
    assert significance.wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(tables())
def test_wilson_holds_the_rate_and_stays_within_zero_and_one(table):
    low, high = significance.wilson(table.control_successes, table.control_trials)

    assert 0 <= low <= table.control_rate <= high <= 1


def test_the_aspirin_trial_has_its_published_ratio_and_difference():
    table = Table(11037, 104, 11034, 189)

    assert significance.lift(table) == pytest.approx(0.82, abs=0.005)
    assert significance.katz_lift(table) == pytest.approx((0.43, 1.31), abs=0.005)
    assert significance.wald_difference(table) == pytest.approx((0.005, 0.011), abs=0.0005)


def test_a_lift_over_nothing_is_not_known():
    table = Table(100, 0, 100, 7)

    assert (significance.lift(table), significance.katz_lift(table)) == (None, None)


@pytest.mark.parametrize(
    ("statistic", "degrees", "expected"),
    [(3.841, 1, 0.05), (5.991, 2, 0.05), (7.815, 3, 0.05), (13.277, 4, 0.01), (15.086, 5, 0.01), (0, 3, 1.0)],
)
def test_the_chi_square_tail_matches_the_tables(statistic, degrees, expected):
    assert significance.chi_square_tail(statistic, degrees) == pytest.approx(expected, rel=1e-3)


def test_a_planned_split_of_two_to_one_is_no_surprise():
    planned = significance.sample_ratio_p([200, 100], [2, 1])
    unplanned = significance.sample_ratio_p([200, 100], [1, 1])

    assert planned == 1.0
    assert unplanned == pytest.approx(7.8e-9, rel=0.02)


@pytest.mark.parametrize(
    ("table", "expected"),
    [(EXAMPLE, significance.Z_TEST), (Table(142, 4, 138, 19), significance.FISHER)],
)
def test_a_small_cell_makes_fisher_the_method(table, expected):
    assert significance.method(table) == expected
