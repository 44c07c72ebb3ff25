"""What a period will bring: the sums that sales leaders name, from the deals of that period.

Each deal is in one category. `commit` is what its owner stands for, `best_case` what may well come, `upside` what would
surprise, `omitted` what nobody counts. The totals build on each other: commit = won + deals in commit; best case = commit
+ deals in best case; upside = best case + deals in upside. `weighted` = won + the sum of amount x probability of the
stage over all open deals that are not omitted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")
COMMIT_FROM, BEST_CASE_FROM = (
    0.75,
    0.4,
)  # probability of the stage, where neither deal nor stage says a category
WON, COMMIT, BEST_CASE, UPSIDE, OMITTED = "won", "commit", "best_case", "upside", "omitted"


@dataclass(frozen=True, slots=True)
class Part:
    """Deals of one category and one currency in the period; amounts already in the currency of the forecast."""

    category: str
    count: int
    amount: Decimal
    weighted: Decimal


@dataclass(frozen=True, slots=True)
class Forecast:
    """Totals as defined above, and on how many deals they stand."""

    won: Decimal
    commit: Decimal
    best_case: Decimal
    upside: Decimal
    weighted: Decimal
    deals: int
    won_deals: int
    open_deals: int


def category_of(deal: str, stage: str, probability: float) -> str:
    """What the deal says, else what its stage says, else by the stage's probability (0 to 1)."""
    if deal or stage:
        return deal or stage
    if probability >= COMMIT_FROM:
        return COMMIT
    return BEST_CASE if probability >= BEST_CASE_FROM else UPSIDE


def forecast(parts: Iterable[Part]) -> Forecast:
    sums: dict[str, Decimal] = dict.fromkeys((WON, COMMIT, BEST_CASE, UPSIDE), Decimal(0))
    counts: dict[str, int] = dict.fromkeys(sums, 0)
    weighted = Decimal(0)
    for part in parts:
        if part.category not in sums:
            continue
        sums[part.category] += part.amount
        counts[part.category] += part.count
        weighted += part.amount if part.category == WON else part.weighted
    commit = sums[WON] + sums[COMMIT]
    best_case = commit + sums[BEST_CASE]
    everything = sum(counts.values())
    return Forecast(
        won=_cents(sums[WON]),
        commit=_cents(commit),
        best_case=_cents(best_case),
        upside=_cents(best_case + sums[UPSIDE]),
        weighted=_cents(weighted),
        deals=everything,
        won_deals=counts[WON],
        open_deals=everything - counts[WON],
    )


def error_of(said: Decimal, actual: Decimal) -> float | None:
    """How far the forecast was off, as a part of what came: 0.2 is a fifth too high. None where nothing came."""
    return float((said - actual) / actual) if actual else None


def mean_absolute_error(errors: Iterable[float | None]) -> tuple[float | None, int]:
    """The mean of the absolute errors (MAPE) and of how many; those without a base are left out."""
    known = [abs(error) for error in errors if error is not None]
    return (sum(known) / len(known), len(known)) if known else (None, 0)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)
