"""Beliefs are computed, and agree with closed forms where there are some."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtmos.context.scoring import belief, beta_quantile, incomplete_beta

weights = st.floats(0.2, 200)


@given(st.floats(0, 1), st.floats(0.2, 50))
def test_one_of_the_two_parameters_at_one_has_a_closed_form(x, a):
    assert incomplete_beta(x, a, 1.0) == pytest.approx(x**a, abs=1e-12)
    assert incomplete_beta(x, 1.0, a) == pytest.approx(1 - (1 - x) ** a, abs=1e-12)


@given(st.floats(0.001, 0.999), weights, weights)
def test_both_sides_add_up_to_one(x, a, b):
    assert incomplete_beta(x, a, b) + incomplete_beta(1 - x, b, a) == pytest.approx(1, abs=1e-9)


@given(st.floats(0.01, 0.99), st.floats(1, 100), st.floats(1, 100))
def test_the_quantile_is_the_inverse(probability, a, b):
    assert incomplete_beta(beta_quantile(probability, a, b), a, b) == pytest.approx(probability, abs=1e-9)


def test_known_values():
    """Beta(2, 3) at 0.4 by the binomial sum; the quantiles of Beta(4, 1) are fourth roots."""
    assert incomplete_beta(0.4, 2, 3) == pytest.approx(0.5248)
    mean, low, high = belief(3, 0)
    assert (mean, low, high) == pytest.approx((0.8, 0.025**0.25, 0.975**0.25))


def test_without_evidence_nothing_is_believed_either_way():
    assert belief(0, 0) == pytest.approx((0.5, 0.025, 0.975))


def test_evidence_narrows_the_interval():
    few, many = belief(3, 1), belief(30, 10)

    assert many.high - many.low < few.high - few.low
    assert few.low < many.low


def test_a_prior_needs_weight():
    with pytest.raises(ValueError, match="above zero"):
        belief(1, 0, prior_weight=0)
