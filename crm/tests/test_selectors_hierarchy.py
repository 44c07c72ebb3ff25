"""What a company and all below it are worth, in one currency, and what could not be counted."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.selectors.currencies import Amount, Total, total
from crm.selectors.hierarchy import family
from crm.services.companies import update_company
from crm.services.currencies import read_rates, record_rate, record_rates
from crm.services.deal_stages import win_deal
from crm.tests.builders import a_company, a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db
OLD, NEW = date(2020, 1, 1), date(2020, 6, 1)


def a_rate(currency: str, rate: str, *, base: str = "USD", on: date = OLD) -> None:
    record_rate(currency=currency, base=base, dated_on=on, rate=Decimal(rate), actor=SYSTEM)


# Rates


@pytest.mark.parametrize(
    ("day", "amount", "rated"),
    [(date(2020, 5, 31), "110.00", OLD), (NEW, "120.00", NEW), (date(2026, 1, 1), "120.00", NEW)],
)
def test_the_newest_rate_on_or_before_the_day_counts(day: date, amount: str, rated: date) -> None:
    a_rate("EUR", "1.1")
    a_rate("EUR", "1.2", on=NEW)

    found = total([Amount(Decimal(100), "EUR", day)], currency="USD")

    assert (found.amount, found.rates_from, found.rates_to) == (Decimal(amount), rated, rated)


def test_a_rate_is_turned_round_and_led_by_way_of_a_third_currency() -> None:
    a_rate("EUR", "1.25")
    a_rate("EUR", "0.8", base="GBP", on=NEW)

    found = total([Amount(Decimal(80), "GBP", NEW)], currency="USD")
    back = total([Amount(Decimal(125), "USD", NEW)], currency="EUR")

    assert (found.amount, found.rates_from, back.amount) == (Decimal("125.00"), OLD, Decimal("100.00"))


def test_a_currency_without_a_rate_is_named_and_never_counts_as_nothing() -> None:
    a_rate("EUR", "1.1", on=NEW)
    given = [Amount(Decimal(5), "USD", OLD), Amount(Decimal(7), "EUR", OLD), Amount(Decimal(9), "CHF", NEW)]

    assert total(given, currency="USD") == Total(
        Decimal("5.00"), "USD", None, None, (("CHF", Decimal(9)), ("EUR", Decimal(7)))
    )


def test_a_file_of_rates_is_taken_whole_or_not_at_all() -> None:
    good = b"dated_on,currency,base,rate\n2020-01-01,eur,USD,1.1\n2020-01-01,GBP,USD,1.3\n"

    count = record_rates(read_rates(good), actor=SYSTEM)
    again = record_rates(read_rates(good), actor=SYSTEM)

    assert (count, again) == (2, 0)
    with pytest.raises(InvalidInputError) as refusal:
        read_rates(good + b"2020-13-01,CHF,USD,1.0\n")
    assert refusal.value.message.startswith("Line 4:")


def test_only_revops_writes_rates_down() -> None:
    with pytest.raises(NotPermittedError):
        record_rate(currency="EUR", base="USD", dated_on=OLD, rate=Decimal(1), actor=an_actor(Role.AE))


# The tree


def test_a_parent_shows_the_open_and_won_deals_of_all_below_it_in_one_statement(
    django_assert_num_queries: Any,
) -> None:
    a_rate("EUR", "2")
    top = a_company(name="Top")
    middle = a_company(name="Middle", parent=top)
    low = a_company(name="Low", parent=middle)
    a_deal(company=top, amount=100)
    a_deal(company=low, amount=50, currency="EUR")
    a_deal(company=low, amount=9, currency="CHF")
    win_deal(a_deal(company=middle, amount=30), actor=SYSTEM)

    with django_assert_num_queries(3):  # beside it the organisation's currency and its day
        found = family(top, actor=SYSTEM)

    assert [(each.name, each.depth, each.open_count) for each in found.members] == [
        ("Top", 0, 1), ("Middle", 1, 0), ("Low", 2, 2),
    ]  # fmt: skip
    assert (found.open_count, found.open_total) == (
        3,
        Total(Decimal("200.00"), "USD", OLD, OLD, (("CHF", Decimal("9.00")),)),
    )
    assert (found.won_count, found.won_total.amount) == (1, Decimal("30.00"))


def test_a_deal_signed_long_ago_counts_at_the_rate_of_its_day() -> None:
    a_rate("EUR", "2")
    a_rate("EUR", "3", on=NEW)
    deal = a_deal(amount=10, currency="EUR")
    win_deal(deal, signed_on=date(2020, 2, 1), actor=SYSTEM)

    assert deal.company is not None
    assert family(deal.company, actor=SYSTEM).won_total.amount == Decimal("20.00")


def test_what_the_reader_may_not_see_is_in_neither_the_tree_nor_the_sums() -> None:
    stranger = Actor.of(a_user(team=a_team()))
    top = a_company(name="Top")
    hidden = a_company(actor=stranger, name="Hidden", parent=top)
    a_deal(actor=stranger, company=hidden, amount=100)

    found = family(top, actor=an_actor(team=a_team()))

    assert ([each.name for each in found.members], found.open_count) == (["Top"], 0)


def test_a_company_cannot_stand_below_itself() -> None:
    top = a_company(name="Top")
    low = a_company(name="Low", parent=a_company(parent=top))

    with pytest.raises(DomainError) as refusal:
        update_company(top, changes={"parent": low}, actor=SYSTEM)

    assert refusal.value.message == "Top cannot stand below itself."
    assert clock.now().date() >= NEW
