from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.timing.hours import read_hours, written_hours


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("09:00–17:00", "09:00–17:00"),
        ("9-17", "09:00–17:00"),
        ("13.30 to 17, 9:00-12:00", "09:00–12:00, 13:30–17:00"),
        ("  ", ""),
    ],
)
def test_hours_are_read_as_people_write_them_and_kept_in_one_form(text, wanted):
    assert written_hours(read_hours(text)) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("in the morning", "Write hours such as"),
        ("9-25", "Write hours such as"),
        ("17-9", "Hours end after they begin"),
        ("9-12, 11-13", "Two stretches overlap"),
        ("1-2,3-4,5-6,7-8,9-10", "at most 4 stretches"),
        ("9-", "Write hours such as"),
    ],
)
def test_hours_that_cannot_be_are_refused_in_words(text, said):
    with pytest.raises(ValueError, match=said):
        read_hours(text)


@given(
    st.lists(
        st.times().map(lambda at: at.replace(second=0, microsecond=0)), min_size=2, max_size=8, unique=True
    )
)
def test_what_is_written_is_read_back_the_same(moments):
    moments = sorted(moments)[: len(moments) // 2 * 2]
    hours = tuple(zip(moments[::2], moments[1::2], strict=True))

    assert read_hours(written_hours(hours)) == hours
    assert all(isinstance(each, time) for stretch in hours for each in stretch)
