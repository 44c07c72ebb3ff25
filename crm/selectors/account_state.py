"""How things stand with a company in money: what is open, what it is worth by its chances, what was won."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from crm.enums import DealState
from crm.models import Deal
from crm.selectors.currencies import Total
from crm.selectors.hierarchy import Family


@dataclass(frozen=True, slots=True)
class AccountState:
    """Of the company alone. Totals are None where amounts are hidden; `weighted` also where it cannot be said."""

    open_count: int
    open_total: Total | None
    won_count: int
    won_total: Total | None
    weighted: Decimal | None
    currency: str
    chances: str


def account_state(family: Family, deals: Iterable[Deal], *, shows_amounts: bool) -> AccountState:
    """`deals` are those of the page, with their stages; where they are not all, no weighted sum is said."""
    own = family.members[0]
    running = [each for each in deals if each.deal_state == DealState.OPEN]
    is_whole = shows_amounts and len(running) == own.open_count
    is_nothing_open = is_whole and not running and own.open_total is not None
    weighted = Decimal(0) if is_nothing_open else _weighted(running) if is_whole else None
    currencies = {each.deal_amount_currency for each in running if each.deal_amount is not None}
    return AccountState(
        own.open_count,
        _as_it_is(own.open_total),
        own.won_count,
        _as_it_is(own.won_total),
        weighted,
        next(iter(currencies), own.open_total.currency if own.open_total else ""),
        _chances(running) if weighted is not None else "",
    )


def _weighted(deals: list[Deal]) -> Decimal | None:
    """In one currency; several are not added up without the rates of their days."""
    known = [each for each in deals if each.deal_amount is not None]
    if len({each.deal_amount_currency for each in known}) != 1:
        return None
    return sum(
        (Decimal(str(each.deal_amount)) * Decimal(str(each.stage.probability)) for each in known), Decimal(0)
    )


def _chances(deals: list[Deal]) -> str:
    shares = sorted({round(each.stage.probability * 100) for each in deals if each.deal_amount is not None})
    if not shares:
        return ""
    words = [str(each) for each in shares]
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"chance {listed} %"


def _as_it_is(total: Total | None) -> Total | None:
    """Where no rate is known and all is of one currency, the sum in that one: better than no figure."""
    if total is None or not total.is_empty or len(total.left_out) != 1:
        return total
    currency, amount = total.left_out[0]
    return Total(amount, currency)
