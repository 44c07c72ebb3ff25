"""How many mails may leave on a day: of all limits the lowest wins."""

from dataclasses import dataclass
from datetime import date

# Nobody sends more; beyond it a warm-up would end on a day that no calendar has.
MOST_A_DAY = 1_000_000


@dataclass(frozen=True, slots=True)
class Ramp:
    """A new sender begins with few mails and adds some every day, so that receivers learn to trust it.

    Without a first day there is no ramp.
    """

    starts_on: date | None = None
    first: int = 20
    step: int = 10

    def cap_on(self, day: date) -> int | None:
        """None where the ramp sets no limit. Before its first day it is as on that day."""
        if self.starts_on is None:
            return None
        return self.first + self.step * max(0, (day - self.starts_on).days)


def cap_on(day: date, *, daily_cap: int, ramp: Ramp, domain_cap: int | None = None) -> int:
    """The most that one mailbox may send on this day."""
    return min(limit for limit in (daily_cap, ramp.cap_on(day), domain_cap) if limit is not None)


def days_to_the_top(ramp: Ramp, top: int) -> int:
    """On how many days the ramp is lower than the cap of the mailbox."""
    if ramp.starts_on is None or ramp.first >= top:
        return 0
    return -((ramp.first - top) // max(1, ramp.step))
