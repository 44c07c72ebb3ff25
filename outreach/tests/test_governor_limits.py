"""Of all limits the lowest wins, whatever they are."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from outreach.governor.limits import Ramp, cap_on, days_to_the_top

FIRST = date(2026, 11, 2)
caps = st.integers(min_value=0, max_value=10_000)
ramps = st.builds(
    Ramp,
    starts_on=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    first=caps,
    step=st.integers(min_value=1, max_value=500),
)
days = st.dates(date(2020, 1, 1), date(2031, 1, 1))
limits = st.none() | caps


@given(days, caps, ramps, limits)
def test_no_limit_is_ever_passed_and_one_of_them_is_reached(day, daily_cap, ramp, domain_cap):
    cap = cap_on(day, daily_cap=daily_cap, ramp=ramp, domain_cap=domain_cap)
    there_are = [each for each in (daily_cap, ramp.cap_on(day), domain_cap) if each is not None]

    assert cap in there_are
    assert all(cap <= each for each in there_are)


@given(days, caps, ramps, limits)
def test_a_warm_up_only_ever_grows_until_its_top(day, daily_cap, ramp, domain_cap):
    today, tomorrow = (
        cap_on(each, daily_cap=daily_cap, ramp=ramp, domain_cap=domain_cap)
        for each in (day, day + timedelta(days=1))
    )

    assert today <= tomorrow <= today + ramp.step


@given(caps, st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=500))
def test_the_days_to_the_top_are_those_below_it(daily_cap, first, step):
    ramp = Ramp(FIRST, first, step)
    count = days_to_the_top(ramp, daily_cap)
    reached = cap_on(FIRST + timedelta(days=count), daily_cap=daily_cap, ramp=ramp)
    before = cap_on(FIRST + timedelta(days=count - 1), daily_cap=daily_cap, ramp=ramp)

    assert reached == daily_cap
    assert count == 0 or before < daily_cap


def test_day_one_is_capped_by_the_curve_and_each_day_adds_a_step():
    ramp = Ramp(FIRST, first=20, step=10)
    caps_of = [cap_on(FIRST + timedelta(days=n), daily_cap=45, ramp=ramp) for n in range(-1, 5)]

    assert caps_of == [20, 20, 30, 40, 45, 45]
