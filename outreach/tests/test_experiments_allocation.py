from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.experiments.allocation import assign, position
from outreach.experiments.errors import InvalidExperimentError
from outreach.experiments.significance import sample_ratio_p

HALVES = {"A": 0.5, "B": 0.5}


def test_a_person_keeps_the_variant_for_good():
    # The expected letters were written down once: a change here would move people in running tests.
    assigned = "".join(assign("subject-line", f"person-{number}", HALVES) for number in range(12))

    assert assigned == "BBBAABBBBABA"


def test_weights_are_kept_across_people():
    weights = {"A": 5, "B": 3, "C": 2}

    counts = Counter(assign("test", f"person-{number}", weights) for number in range(20_000))

    assert sample_ratio_p([counts[name] for name in weights], list(weights.values())) > 0.01


def test_two_experiments_split_people_independently():
    pairs = Counter(
        (assign("one", f"person-{number}", HALVES), assign("two", f"person-{number}", HALVES))
        for number in range(8_000)
    )

    assert sample_ratio_p(list(pairs.values()), [1, 1, 1, 1]) > 0.01


def test_ids_that_run_together_are_not_the_same_person():
    assert position("ab", "c") != position("a", "bc")


@given(st.text(), st.text())
def test_a_position_is_a_part_of_one_and_stable(experiment, person):
    assert 0 <= position(experiment, person) < 1
    assert position(experiment, person) == position(experiment, person)


@given(st.text(), st.floats(0.001, 1000))
def test_a_variant_with_weight_zero_gets_nobody(person, weight):
    assert assign("test", person, {"A": 0.0, "B": weight, "C": 0.0}) == "B"


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ({}, "At least one variant needs a planned share above zero."),
        ({"A": 0.0}, "At least one variant needs a planned share above zero."),
        ({"A": 1.0, "B": -1.0}, "Planned shares must be zero or more."),
        ({"A": float("nan")}, "Planned shares must be zero or more."),
    ],
)
def test_impossible_weights_are_refused_in_a_sentence(weights, sentence):
    with pytest.raises(InvalidExperimentError) as refused:
        assign("test", "person", weights)

    assert str(refused.value) == sentence
