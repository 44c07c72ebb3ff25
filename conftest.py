"""What every test needs: real stores of its own, and the input data beside the project where there is some."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from gtmos.kernel.people.models import User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

SHARED_DATA = Path(os.environ.get("GTMOS_SHARED_DATA", Path(__file__).parent.parent / "shared" / "data"))

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """The path of a file of real input; the test is skipped where it is not there."""

    def path_of(relative: str) -> Path:
        path = SHARED_DATA / relative
        if not path.exists():
            pytest.skip(f"{path} is not on this machine")
        return path

    return path_of


@pytest.fixture
def user(db: None) -> User:
    """Somebody in a team of their own."""
    del db
    return a_user(team=a_team())


@pytest.fixture
def api(user: User) -> Api:
    """A program that works for them."""
    return Api.of(user)
