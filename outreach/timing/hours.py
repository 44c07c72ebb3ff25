"""Hours of a day as people write them: `09:00–12:00, 13:00–17:00`."""

import re
from datetime import time
from itertools import pairwise

from outreach.timing.slots import Stretch

MOST_STRETCHES = 4
# For who never said anything.
OFFICE_WEEK = (*["09:00–17:00"] * 5, "", "")
_TIME = r"(\d{1,2})(?:[:.](\d{2}))?"
_STRETCH = re.compile(rf"\s*{_TIME}\s*(?:-|–|—|to)\s*{_TIME}\s*", re.IGNORECASE)
SAID = "Write hours such as 09:00–17:00, or 09:00–12:00, 13:00–17:00."


def read_hours(text: str) -> tuple[Stretch, ...]:
    """In their order; nothing written is a day off. Raises ValueError with a sentence for people."""
    if not text.strip():
        return ()
    found = sorted(_stretch(part) for part in re.split(r"[,;]", text))
    if len(found) > MOST_STRETCHES:
        raise ValueError(f"A day has at most {MOST_STRETCHES} stretches.")
    for (_start, end), (start, _end) in pairwise(found):
        if start < end:
            raise ValueError("Two stretches overlap.")
    return tuple(found)


def written_hours(stretches: tuple[Stretch, ...]) -> str:
    return ", ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in stretches)


def _stretch(text: str) -> Stretch:
    match = _STRETCH.fullmatch(text)
    if match is None:
        raise ValueError(SAID)
    hour, minute, until_hour, until_minute = (int(each or 0) for each in match.groups())
    try:
        start, end = time(hour, minute), time(until_hour, until_minute)
    except ValueError as error:
        raise ValueError(SAID) from error
    if start >= end:
        raise ValueError("Hours end after they begin, on the same day.")
    return start, end
