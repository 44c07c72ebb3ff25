"""A short run of the simulations of benchmarks/experiments.py; the long one runs there."""

from random import Random

import pytest

from benchmarks.experiments import World, false_promotions, found_lifts, looks, people


@pytest.mark.parametrize("is_decided", [False, True])
def test_looking_every_quarter_of_an_hour_promotes_by_mistake_in_under_five_percent(is_decided):
    world = false_promotions(1, World(0.05, 800, is_decided=is_decided), 150)

    assert world["false_promotion_rate"] <= 0.05
    assert world["z_test_rate"] > 0.08


def test_a_true_lift_is_found_at_the_needed_sample():
    lift = found_lifts(3, 0.05, 0.10, 300)

    assert lift["found_at_any_look"] >= 0.8
    assert lift["mean_per_arm_when_stopped"] < lift["needed_per_arm"]


def test_late_answers_all_arrive_within_the_looks_that_follow():
    changes = people(Random(4), World(0.2, 300))

    *_, last = looks(changes, 10_000)

    assert last.control_trials + last.variant_trials == 300
    assert last.control_successes + last.variant_successes == sum(kind for _, kind, _ in changes)
