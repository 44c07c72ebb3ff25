"""What is to happen how often. Declared in each app's `schedules.py`."""

from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`catch_up`: occurrences missed while nothing ran are made up for; otherwise only the newest is run."""

    name: str
    seconds: float
    work: Work
    catch_up: bool = False


_schedules: dict[str, Schedule] = {}


def every(seconds: float, name: str, *, catch_up: bool = False) -> Callable[[Work], Work]:
    """The work must be safe to run twice: its row is marked done in the transaction that it runs in."""

    def register(work: Work) -> Work:
        if name in _schedules:
            raise ValueError(f"schedule {name!r} is registered twice")
        _schedules[name] = Schedule(name, seconds, work, catch_up)
        return work

    return register


def schedules() -> dict[str, Schedule]:
    return _schedules
