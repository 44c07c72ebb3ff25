"""How fast a pipeline turns deals into money."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal


@dataclass(frozen=True, slots=True)
class Velocity:
    """Money a day, and the four figures it is made of; None where one of them is not known."""

    per_day: Decimal | None
    open_deals: int
    win_rate: float | None
    closed_deals: int
    average_won: Decimal | None
    won_deals: int
    cycle_days: float | None


def velocity(
    *, open_deals: int, won_deals: int, lost_deals: int, won_amount: Decimal, cycle_days: float | None
) -> Velocity:
    """Pipeline velocity = open deals x win rate x average won amount / days from start to signing.

    The usual formula of sales operations (for example HubSpot's and Salesforce's "sales velocity"). The win rate is won
    over won and lost; amounts are in one currency; `cycle_days` is the mean of the won deals.
    """
    closed = won_deals + lost_deals
    rate = won_deals / closed if closed else None
    average = (won_amount / won_deals).quantize(Decimal("0.01"), ROUND_HALF_EVEN) if won_deals else None
    per_day = None
    if rate is not None and average is not None and cycle_days:
        per_day = (open_deals * Decimal(str(rate)) * average / Decimal(str(cycle_days))).quantize(
            Decimal("0.01"), ROUND_HALF_EVEN
        )
    return Velocity(per_day, open_deals, rate, closed, average, won_deals, cycle_days)
