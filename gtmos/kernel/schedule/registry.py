"""What is to happen how often. Declared in each app's `schedules.py`."""

from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`catch_up`: occurrences missed while nothing ran are made up for; otherwise only the newest is run.

    `says`: what it does for people; only such a one is paused or slowed down at the desk.
    """

    name: str
    seconds: float
    work: Work
    catch_up: bool = False
    says: str = ""


_schedules: dict[str, Schedule] = {}


def every(seconds: float, name: str, *, catch_up: bool = False, says: str = "") -> Callable[[Work], Work]:
    """The work must be safe to run twice: its row is marked done in the transaction that it runs in."""

    def register(work: Work) -> Work:
        if name in _schedules:
            raise ValueError(f"schedule {name!r} is registered twice")
        _schedules[name] = Schedule(name, seconds, work, catch_up, says)
        return work

    return register


def schedules() -> dict[str, Schedule]:
    return _schedules
