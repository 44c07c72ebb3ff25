"""Each role of the demo signs in and finds its home."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import PEOPLE


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_signs_in_and_sees_its_home(seat: Callable[..., Any], role: str) -> None:
    somebody = seat(role)

    answer = somebody.open("/")

    assert answer.status == 200
    assert somebody.page.locator("h1, h2").count() > 0
