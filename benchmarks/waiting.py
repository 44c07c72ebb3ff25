"""Waiting for what another process does."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 420.0


def until(held: Callable[[], Any], what: str, *, seconds: float = PATIENCE_SECONDS) -> Any:
    """What `held` returns, as soon as it is true; ends the process after `seconds`, saying `what` did not come."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        found = held()
        if found:
            return found
        time.sleep(0.25)
    raise SystemExit(f"gave up waiting: {what}")
