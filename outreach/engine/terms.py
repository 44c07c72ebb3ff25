"""How long the engine waits for what. One place, so that tests can run the same code faster."""

from dataclasses import dataclass, field
from datetime import timedelta

from gtmos.env import env

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Seconds of server time, except `retry`, which is business time between attempts."""

    lease: float = 15 * MINUTE
    # A claim that ends within this is too old to begin a hand-over with.
    margin: float = 5.0
    # From asking for the point of no return to the first byte; a process that slept longer sends nothing.
    zombie: float = 3.0
    # Between the last sign of life of a hand-over and deciding what became of it; None leaves it to the transport.
    grace: float | None = None
    batch: int = 20
    retry: tuple[float, ...] = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR)
    give_up_after: int = 12
    # While the mail server does not answer: from here, doubling, up to there.
    pause_first: float = 2.0
    pause_longest: float = 5 * MINUTE
    # Real silence of the engine after which what is overdue waits for a person.
    late_after: timedelta = field(default=timedelta(hours=48))

    def retry_after(self, attempts: int) -> timedelta:
        return timedelta(seconds=self.retry[min(max(attempts, 1), len(self.retry)) - 1])


PRODUCTION = Terms(lease=float(env.lease_seconds))
