"""When the next message of a sequence is due: spaced like a person would, and the same at every computation."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outreach.timing.windows import Window, add_open_time, next_open

LONGEST_SPREAD = timedelta(minutes=45)
LONGEST_SPACING_SECONDS = 180.0
JITTER = 0.4  # of the spacing, to either side


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a step lies from the first touch, and at least from the one before it."""

    offset: timedelta
    minimum: timedelta = timedelta(hours=48)


def fraction(seed: str) -> float:
    """A number from 0 up to 1 that looks random and never changes for the same seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:7]) / 2**56


def spacing_seconds(window: Window, daily_cap: int) -> float:
    """Seconds between two first touches of one mailbox, so that a day's cap fills the day."""
    today = (
        window.end.hour * 3600 + window.end.minute * 60 - window.start.hour * 3600 - window.start.minute * 60
    )
    return min(max(today, 60) / max(daily_cap, 1), LONGEST_SPACING_SECONDS)


def first_touch_at(
    starts_at: datetime, position: int, spacing: float, window: Window, zone: ZoneInfo, *, seed: str
) -> datetime:
    """The people of a campaign one after the other, counting only hours in which the reader may be written to."""
    jitter = (fraction(seed) * 2 - 1) * JITTER
    return add_open_time(starts_at, timedelta(seconds=max(0.0, (position + jitter) * spacing)), window, zone)


def next_touch_at(
    first_sent_at: datetime, last_sent_at: datetime, gap: Gap, window: Window, zone: ZoneInfo, *, seed: str
) -> datetime:
    """The later of first touch + offset and last touch + minimum gap, rolled into the window and spread a little."""
    earliest = max(first_sent_at + gap.offset, last_sent_at + gap.minimum)
    opens, closes = next_open(earliest, window, zone)
    return opens + min(LONGEST_SPREAD, (closes - opens) / 2) * fraction(seed)
