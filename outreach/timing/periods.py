"""Stretches of time, and what is left of them."""

from collections.abc import Iterable
from datetime import datetime

Period = tuple[datetime, datetime]


def merged(periods: Iterable[Period]) -> list[Period]:
    """The same time in order, without overlaps and without seams."""
    found: list[Period] = []
    for begin, end in sorted(periods):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found
