"""When a mailbox must stop by itself: too many of its mails bounce, or are reported as spam.

Under so many mails, or with a single one that came back, a rate says nothing.
"""

from dataclasses import dataclass
from datetime import timedelta

OVER = timedelta(days=7)
FEWEST_MAILS, FEWEST_RETURNS = 100, 2
GOOD, WARN, STOP = "good", "warn", "stop"
ORDER = (GOOD, WARN, STOP)


@dataclass(frozen=True, slots=True)
class Limit:
    kind: str
    warn: float
    stop: float


BOUNCES, COMPLAINTS = Limit("bounced", 0.02, 0.05), Limit("complained", 0.001, 0.003)


@dataclass(frozen=True, slots=True)
class Returns:
    """Of so many mails in the last days, how many bounced and how many were reported as spam."""

    mails: int = 0
    bounced: int = 0
    complained: int = 0

    def count(self, limit: Limit) -> int:
        return self.bounced if limit is BOUNCES else self.complained


def level_of(returns: Returns, limit: Limit) -> str:
    count = returns.count(limit)
    if returns.mails < FEWEST_MAILS or count < FEWEST_RETURNS:
        return GOOD
    rate = count / returns.mails
    return STOP if rate >= limit.stop else WARN if rate >= limit.warn else GOOD


def gravest(returns: Returns) -> tuple[str, Limit]:
    """Complaints weigh more than bounces of the same level."""
    return max(
        ((level_of(returns, each), each) for each in (COMPLAINTS, BOUNCES)), key=lambda at: ORDER.index(at[0])
    )
