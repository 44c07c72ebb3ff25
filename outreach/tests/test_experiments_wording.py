import pytest

from outreach.experiments.arms import Arm
from outreach.experiments.evaluation import evaluate
from outreach.experiments.wording import describe, p_text, points_text

A, B = Arm("A", 142, 8), Arm("B", 138, 19)


def test_a_leader_is_called_leading_and_not_proven_with_all_counts():
    words = describe(evaluate([A, B]))

    assert words.title == "B is leading, not proven"
    assert words.detail == (
        "A: 8 of 142, 5.6 % (2.9 to 10.7). B: 19 of 138, 13.8 % (9.0 to 20.5). "
        "A single planned look would call p = 0.021 enough. This test is looked at all along, so another "
        "figure decides: always-valid p = 0.34, limit 0.05; the difference lies in −3.2 to +20.1 points."
    )


@pytest.mark.parametrize(
    ("arms", "settings", "title"),
    [
        ([Arm("A", 99, 3), Arm("B", 120, 3)], {}, "Not enough data"),
        ([Arm("A", 200, 10), Arm("B", 200, 10)], {}, "No variant is leading"),
        ([Arm("A", 900, 60), Arm("B", 500, 60)], {}, "The split is off, nothing is decided"),
        ([A, B], {"planned_per_arm": 120}, "Planned sample reached. B is leading, not proven"),
        ([Arm("A", 1000, 50), Arm("B", 1000, 100)], {}, "B is the winner: proven better than A"),
        ([Arm("A", 1000, 100), Arm("B", 1000, 50)], {}, "A is the winner: B is proven worse"),
        (
            [Arm("A", 1000, 100), Arm("B", 1000, 40), Arm("C", 1000, 45)],
            {},
            "A is the winner: B and C are proven worse",
        ),
    ],
)
def test_each_verdict_has_its_title(arms, settings, title):
    assert describe(evaluate(arms, **settings)).title == title


def test_too_little_data_says_how_much_there_is():
    words = describe(evaluate([Arm("A", 42, 1), Arm("B", 40, 3)]))

    assert words.detail == "Each variant needs 100 before there is a verdict. So far: A 42, B 40."


def test_under_five_successes_there_are_counts_and_no_rate():
    words = describe(evaluate([Arm("A", 200, 4), Arm("B", 200, 5)]))

    assert words.detail.startswith(
        "A: 4 of 200. B: 5 of 200, 2.5 % (1.1 to 5.7). What decides: always-valid p = "
    )


def test_a_winner_over_the_control_is_not_called_better_than_other_variants():
    words = describe(evaluate([Arm("A", 1000, 50), Arm("B", 1000, 120), Arm("C", 1000, 118)]))

    assert words.detail.endswith("Each variant was compared with the control, not with the other variants.")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0211, "0.021"), (0.34, "0.34"), (1.0, "1"), (0.00051, "0.00051"), (1e-9, "under 0.0001")],
)
def test_p_values_have_two_figures(value, text):
    assert p_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.081, "+8.1"), (-0.0323, "−3.2"), (0.0001, "0.0"), (-1.0, "−100.0")]
)
def test_points_carry_a_sign(value, text):
    assert points_text(value) == text
