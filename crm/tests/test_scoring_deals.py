"""The figures about deals, computed by hand beside what the product says."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.deals import score_deal
from crm.scoring.forecast import Part, category_of, error_of, forecast, mean_absolute_error
from crm.scoring.health import Health, Standing, judge
from crm.scoring.velocity import velocity

WELL = Standing(
    rot_days=14,
    days_in_stage=3,
    days_since_activity=2,
    has_next_step=True,
    next_step_late_days=None,
    signing_late_days=-20,
    has_signing_date=True,
    has_decision_maker=True,
)


def test_the_totals_of_a_forecast_build_on_each_other() -> None:
    parts = [
        Part("won", 2, Decimal(100), Decimal(100)),
        Part("commit", 1, Decimal(50), Decimal(40)),
        Part("best_case", 1, Decimal(30), Decimal(15)),
        Part("upside", 3, Decimal(20), Decimal(4)),
        Part("omitted", 1, Decimal(1000), Decimal(500)),
    ]

    found = forecast(parts)

    assert (found.won, found.commit, found.best_case, found.upside) == (100, 150, 180, 200)
    assert found.weighted == Decimal(159)
    assert (found.deals, found.won_deals, found.open_deals) == (7, 2, 5)


def test_the_owners_word_counts_before_the_stages_and_that_before_the_probability() -> None:
    assert category_of("upside", "commit", 0.9) == "upside"
    assert category_of("", "best_case", 0.9) == "best_case"
    assert [category_of("", "", each) for each in (0.75, 0.4, 0.39)] == ["commit", "best_case", "upside"]


def test_an_error_is_a_part_of_what_came() -> None:
    assert error_of(Decimal(120), Decimal(100)) == 0.2
    assert error_of(Decimal(120), Decimal(0)) is None
    assert mean_absolute_error([0.2, -0.4, None]) == (0.30000000000000004, 2)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["won", "commit", "best_case", "upside", "omitted"]),
            st.integers(0, 50),
            st.integers(0, 10**9).map(Decimal),
            st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
        ),
        max_size=8,
    )
)
def test_a_wider_total_is_never_smaller(rows: list[tuple[str, int, Decimal, float]]) -> None:
    found = forecast(
        Part(name, many, money, money * Decimal(str(chance))) for name, many, money, chance in rows
    )

    assert found.won <= found.commit <= found.best_case <= found.upside
    assert found.won <= found.weighted <= found.upside + Decimal("0.01")


def test_a_deal_that_moves_is_well() -> None:
    assert judge(WELL) == judge(WELL)
    assert (judge(WELL).health, judge(WELL).findings) == (Health.GREEN, ())


def test_a_deal_with_no_activity_for_longer_than_its_stage_allows_is_flagged() -> None:
    found = judge(replace(WELL, days_since_activity=15))

    assert found.health is Health.YELLOW
    assert [each.code for each in found.findings] == ["no_activity"]
    assert found.findings[0].blocker == "Nothing has happened for 15 days; the stage allows 14."


def test_a_deal_that_is_silent_twice_as_long_is_at_risk_and_one_for_the_manager() -> None:
    found = judge(replace(WELL, days_since_activity=29, days_in_stage=40))

    assert found.health is Health.RED
    assert found.escalate == "Red and 40 days in the stage: talk it through with the manager this week."


def test_velocity_is_open_deals_times_win_rate_times_value_by_days() -> None:
    found = velocity(open_deals=10, won_deals=4, lost_deals=4, won_amount=Decimal(8000), cycle_days=40)

    assert found.per_day == Decimal("250.00")
    assert (found.win_rate, found.closed_deals, found.average_won) == (0.5, 8, Decimal("2000.00"))


def test_velocity_is_not_known_before_anything_is_won() -> None:
    found = velocity(open_deals=3, won_deals=0, lost_deals=1, won_amount=Decimal(0), cycle_days=None)

    assert (found.per_day, found.win_rate, found.average_won) == (None, 0.0, None)


def test_an_answer_raises_the_score_and_fades() -> None:
    silent = score_deal(answers=[], fit=0.5, signals=[])
    fresh = score_deal(answers=[("email", 0.0)], fit=0.5, signals=[])
    old = score_deal(answers=[("email", 14.0)], fit=0.5, signals=[])

    assert silent.score == round(0.3 * 0.5 / 0.7, 4)
    assert dict(fresh.parts) == {"engagement": 0.2835, "fit": 0.5, "intent": None}
    assert dict(old.parts)["engagement"] == 0.1535
