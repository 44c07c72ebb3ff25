"""What every test needs: real stores of its own, and the input data beside the project where there is some."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SHARED_DATA = Path(os.environ.get("GTMOS_SHARED_DATA", Path(__file__).parent.parent / "shared" / "data"))


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """The path of a file of real input; the test is skipped where it is not there."""

    def path_of(relative: str) -> Path:
        path = SHARED_DATA / relative
        if not path.exists():
            pytest.skip(f"{path} is not on this machine")
        return path

    return path_of
