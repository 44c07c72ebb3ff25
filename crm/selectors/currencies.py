"""Amounts of several currencies as one, with the days of the rates and what could not be converted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from django.db import connection
from django.db.models import QuerySet

from crm.models import ExchangeRate
from gtmos.context.selectors.organisation import organisation
from gtmos.kernel.actors import Actor

CENT = Decimal("0.01")
# `crm_rate` is the one place that says which rate counts: the newest on or before the day, as stated, turned
# round, or by way of a third currency.
RATES = (
    "SELECT w.currency, w.day, r.rate, r.dated_on FROM unnest(%s::text[], %s::date[]) AS w(currency, day) "
    "CROSS JOIN LATERAL crm_rate(w.currency, %s, w.day) r"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of one currency, counted as on this day."""

    amount: Decimal
    currency: str
    day: date


@dataclass(frozen=True, slots=True)
class Total:
    """`rates_from` and `rates_to` are the days of the oldest and newest rate used; none was used where they are empty.

    `left_out` are the amounts, by currency, for which there is no rate; they are not in `amount`.
    """

    amount: Decimal
    currency: str
    rates_from: date | None = None
    rates_to: date | None = None
    left_out: tuple[tuple[str, Decimal], ...] = ()

    @property
    def is_converted(self) -> bool:
        return self.rates_from is not None

    @property
    def is_empty(self) -> bool:
        """Nothing could be counted, so there is no figure to show."""
        return not self.amount and bool(self.left_out)


def visible_rates(*, actor: Actor) -> QuerySet[ExchangeRate]:
    """Everybody who is signed in may know them."""
    return ExchangeRate.objects.all() if actor.user or actor.is_system else ExchangeRate.objects.none()


def organisation_currency() -> str:
    return organisation().currency


def total(amounts: Iterable[Amount], *, currency: str) -> Total:
    """One sum; a statement only where there is something of another currency."""
    given = list(amounts)
    pairs = sorted({(each.currency, each.day) for each in given if each.currency != currency})
    rates = _rates(pairs, currency) if pairs else {}
    whole, left, days = Decimal(0), dict[str, Decimal](), list[date]()
    for each in given:
        if each.currency == currency:
            whole += each.amount
        elif (known := rates.get((each.currency, each.day))) is not None:
            whole += each.amount * known[0]
            days.append(known[1])
        else:
            left[each.currency] = left.get(each.currency, Decimal(0)) + each.amount
    return Total(
        whole.quantize(CENT, ROUND_HALF_EVEN),
        currency,
        min(days, default=None),
        max(days, default=None),
        tuple(sorted(left.items())),
    )


def _rates(pairs: list[tuple[str, date]], currency: str) -> dict[tuple[str, date], tuple[Decimal, date]]:
    with connection.cursor() as cursor:
        cursor.execute(RATES, [[each for each, _ in pairs], [day for _, day in pairs], currency])
        return {(code, day): (rate, dated_on) for code, day, rate, dated_on in cursor.fetchall()}
