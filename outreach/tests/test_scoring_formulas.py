"""The scores hold what their page promises, for any input."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.scoring.formulas import (
    DECAYS,
    GRADES,
    Part,
    fit,
    grade,
    intent,
    least_priority,
    next_better,
    priority,
    signal_strength,
    tier,
)

TODAY = date(2026, 11, 21)
fractions = st.floats(0, 1)
parts = st.builds(
    Part,
    st.sampled_from(["titles", "industries"]),
    st.none() | fractions,
    st.floats(0.1, 5),
    st.just("reason"),
)
signals = st.tuples(
    st.sampled_from(sorted(DECAYS)), st.integers(-10, 5000).map(lambda days: TODAY - timedelta(days=days))
)


@pytest.mark.parametrize(
    ("score", "letter"),
    [
        (1.0, "A+"), (0.9, "A+"), (0.8999999999999999, "A+"), (0.899, "A"), (0.8, "A"), (0.799, "B"), (0.65, "B"),
        (0.649, "C"), (0.5, "C"), (0.499, "D"), (0.35, "D"), (0.349, "F"), (0.0, "F"),
    ],
)  # fmt: skip
def test_a_grade_begins_at_its_least_score(score, letter):
    assert grade(score) == letter


def test_grades_join_without_a_gap():
    ends = [(least_priority(letter), next_better(letter)) for letter, _ in GRADES]

    assert ends == [(0.9, 2.0), (0.8, 0.9), (0.65, 0.8), (0.5, 0.65), (0.35, 0.5), (0.0, 0.35)]


@given(st.lists(parts, max_size=8))
def test_fit_lies_between_0_and_1(some):
    assert 0 <= fit(some) <= 1


@given(st.lists(parts, min_size=1, max_size=8), fractions)
def test_a_criterion_that_is_met_better_never_lowers_fit(some, value):
    first, *rest = some
    low, high = sorted([value, 0.5 if first.value is None else first.value])

    worse = fit([Part(first.criterion, low, first.weight, ""), *rest])
    better = fit([Part(first.criterion, high, first.weight, ""), *rest])

    assert better >= worse - 1e-12


def test_what_is_not_known_counts_as_one_half():
    met, unknown = Part("titles", 1.0, 3.0, ""), Part("headcount", None, 1.0, "")

    assert fit([met, unknown]) == pytest.approx(3.5 / 4)


@given(st.lists(signals, max_size=8), signals)
def test_one_more_signal_never_lowers_intent_and_the_order_does_not_matter(some, more):
    before, after = intent(some, today=TODAY), intent([*some, more], today=TODAY)

    assert 0 <= before <= after + 1e-12 <= 1 + 1e-12
    assert intent([more, *reversed(some)], today=TODAY) == pytest.approx(after)


@pytest.mark.parametrize("kind", sorted(DECAYS))
def test_half_of_a_signal_is_left_after_its_half_life(kind):
    decay = DECAYS[kind]
    then = TODAY - timedelta(days=int(decay.half_life_days))

    assert signal_strength(kind, occurred_on=then, today=TODAY) == pytest.approx(decay.weight / 2)


def test_layoffs_are_no_intent():
    assert intent([("layoff", TODAY)], today=TODAY) == 0


def test_silence_counts_as_a_little_and_not_as_a_reproach():
    assert priority(1.0, 0.0) == priority(1.0, 0.3) == pytest.approx(0.755)


@given(fractions, fractions, fractions)
def test_priority_grows_with_both_scores(fit_score, one, other):
    low, high = sorted([one, other])

    assert priority(fit_score, low) <= priority(fit_score, high)
    assert priority(low, fit_score) <= priority(high, fit_score)


@pytest.mark.parametrize(
    ("total", "sizes"),
    [
        (1, [1, 0, 0, 0]),
        (2, [1, 0, 1, 0]),
        (5, [1, 2, 1, 1]),
        (10, [2, 3, 3, 2]),
        (1000, [200, 300, 300, 200]),
    ],
)
def test_tiers_hold_20_30_30_and_20_percent(total, sizes):
    numbers = [tier(rank, total) for rank in range(total)]

    assert [numbers.count(number) for number in (1, 2, 3, 4)] == sizes
    assert numbers == sorted(numbers)
