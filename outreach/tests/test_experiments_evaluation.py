import pytest

from outreach.experiments.arms import Arm
from outreach.experiments.errors import InvalidExperimentError
from outreach.experiments.evaluation import Verdict, evaluate

A, B = Arm("A", 142, 8), Arm("B", 138, 19)


def test_a_leader_that_one_look_would_call_significant_is_not_proven():
    result = evaluate([A, B], looks=40)

    assert (result.verdict, result.leader, result.winner) == (Verdict.KEEP_TESTING, B, None)
    assert result.main.p_value == pytest.approx(0.0211, abs=1e-4)
    assert result.main.always_valid_p > 0.2


@pytest.mark.parametrize(
    ("trials", "expected"), [(99, Verdict.NOT_ENOUGH_DATA), (100, Verdict.PROVEN_BETTER)]
)
def test_no_verdict_comes_before_a_hundred_per_variant(trials, expected):
    result = evaluate([Arm("A", 101, 2), Arm("B", trials, 60)])

    assert result.verdict == expected


def test_the_least_sample_is_a_setting():
    arms = [Arm("A", 150, 2), Arm("B", 150, 60)]

    assert evaluate(arms, minimum=200).verdict == Verdict.NOT_ENOUGH_DATA


def test_a_better_variant_is_proven():
    better = Arm("B", 1000, 100)

    result = evaluate([Arm("A", 1000, 50), better])

    assert (result.verdict, result.winner) == (Verdict.PROVEN_BETTER, better)


def test_a_worse_variant_is_proven_and_the_control_wins():
    control = Arm("A", 1000, 100)

    result = evaluate([control, Arm("B", 1000, 50)])

    assert (result.verdict, result.winner) == (Verdict.PROVEN_WORSE, control)


def test_the_planned_sample_without_a_proof_is_inconclusive():
    arms = [Arm("A", 500, 25), Arm("B", 500, 30)]

    verdicts = [evaluate(arms, planned_per_arm=planned).verdict for planned in (501, 500)]

    assert verdicts == [Verdict.KEEP_TESTING, Verdict.INCONCLUSIVE]


def test_a_split_that_is_off_decides_nothing():
    result = evaluate([Arm("A", 1000, 50), Arm("B", 800, 120)])

    assert (result.verdict, result.winner) == (Verdict.SPLIT_OFF, None)
    assert result.sample_ratio_p < 0.001


def test_a_split_of_four_to_one_is_fine_when_planned():
    control = Arm("A", 400, 12)

    planned = evaluate([control, Arm("B", 1600, 200, weight=4)])
    unplanned = evaluate([control, Arm("B", 1600, 200)])

    assert [planned.verdict, unplanned.verdict] == [Verdict.PROVEN_BETTER, Verdict.SPLIT_OFF]


def test_the_planned_sample_is_reached_when_it_has_had_its_time_to_answer():
    settled, waiting = Arm("A", 200, 10), Arm("B", 210, 12, open_trials=11)

    early = evaluate([settled, waiting], planned_per_arm=200)
    later = evaluate([settled, Arm("B", 210, 12, open_trials=10)], planned_per_arm=200)

    assert [early.verdict, later.verdict] == [Verdict.KEEP_TESTING, Verdict.INCONCLUSIVE]


def test_equal_rates_have_no_leader():
    result = evaluate([Arm("A", 200, 10), Arm("B", 200, 10)])

    assert (result.verdict, result.leader, result.goal) == (Verdict.KEEP_TESTING, None, None)


def test_no_successes_at_all_is_a_result_like_any_other():
    result = evaluate([Arm("A", 200, 0), Arm("B", 200, 0)])

    assert (result.main.z, result.main.p_value, result.main.lift) == (0.0, 1.0, None)
    assert result.verdict == Verdict.KEEP_TESTING


def test_a_test_that_just_started_has_figures_that_are_not_known():
    result = evaluate([Arm("A", 0, 0), Arm("B", 0, 0)])

    assert result.verdict == Verdict.NOT_ENOUGH_DATA
    assert (result.main.z, result.main.lift, result.arms[0].rate, result.needed) == (None, None, None, None)


def test_each_of_two_variants_is_held_to_half_of_alpha():
    pair = evaluate([A, B])
    three = evaluate([A, B, Arm("C", 140, 9)])

    assert three.main.variant == B
    assert three.main.always_valid_p == pytest.approx(2 * pair.main.always_valid_p)
    assert three.main.always_valid_interval.low < pair.main.always_valid_interval.low
    assert three.main.p_value == pair.main.p_value


def test_a_control_wins_over_several_variants_only_when_all_are_proven_worse():
    control, worse = Arm("A", 1000, 100), Arm("B", 1000, 40)

    undecided = evaluate([control, worse, Arm("C", 1000, 90)])
    decided = evaluate([control, worse, Arm("C", 1000, 45)])

    assert (undecided.verdict, undecided.winner) == (Verdict.KEEP_TESTING, None)
    assert (decided.verdict, decided.winner) == (Verdict.PROVEN_WORSE, control)


def test_the_needed_sample_is_that_of_the_plan_or_of_the_rates_seen():
    planned = evaluate([A, B], baseline=0.05, target=0.10)
    seen = evaluate([A, B])

    assert (planned.needed.one_look, planned.goal.is_planned) == (435, True)
    assert (seen.needed.one_look, seen.goal.is_planned) == (207, False)
    assert planned.needed.always_valid > planned.needed.one_look


@pytest.mark.parametrize(
    ("arms", "settings", "sentence"),
    [
        ([A], {}, "A test needs a control and at least one more variant."),
        ([A, A], {}, "Every variant needs a name of its own."),
        ([A, B], {"alpha": 0.0}, "Alpha must lie between 0 and 1, not 0.0."),
        ([A, B], {"alpha": float("nan")}, "Alpha must lie between 0 and 1, not nan."),
        ([A, B], {"looks": 0}, "The number of looks must be one or more."),
        ([A, B], {"minimum": 0}, "The least and the planned sample must be one or more."),
        ([A, B], {"baseline": 0.1}, "A planned sample needs both the baseline and the target."),
    ],
)
def test_an_impossible_experiment_is_refused_in_a_sentence(arms, settings, sentence):
    with pytest.raises(InvalidExperimentError) as refused:
        evaluate(arms, **settings)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (("", 1, 0), "Every variant needs a name."),
        (("A", -1, 0), "A: counts cannot be negative."),
        (("A", 10, -1), "A: counts cannot be negative."),
        (("A", 10, 11), "A: 11 successes cannot come from 10 trials."),
        (("A", 10, 1, 0.0), "A: the planned share must be above zero."),
    ],
)
def test_impossible_counts_are_refused_in_a_sentence(counts, sentence):
    with pytest.raises(InvalidExperimentError) as refused:
        Arm(*counts)

    assert str(refused.value) == sentence
