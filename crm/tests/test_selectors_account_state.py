"""How things stand with a company in money, where amounts are of one currency and no rate is known."""

from decimal import Decimal

import pytest

from crm.selectors.account_state import account_state
from crm.selectors.hierarchy import family
from crm.tests.builders import a_company, a_deal
from gtmos.kernel.actors import Actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("currencies", "shown", "left_out"),
    [
        (("EUR", "EUR"), (Decimal(900), "EUR"), ()),
        (("EUR", "GBP"), (Decimal(0), "USD"), (("EUR", Decimal(450)), ("GBP", Decimal(450)))),
        (("EUR", "USD"), (Decimal(450), "USD"), (("EUR", Decimal(450)),)),
    ],
)
def test_a_sum_of_one_currency_is_said_in_it_where_no_rate_is_known(
    me: Actor, currencies, shown, left_out
) -> None:
    company = a_company(actor=me)
    deals = [a_deal(actor=me, company=company, amount=450, currency=each) for each in currencies]

    total = account_state(family(company, actor=me), deals, shows_amounts=True).open_total

    assert total is not None
    assert ((total.amount, total.currency), total.left_out) == (shown, left_out)


def test_where_nothing_is_open_nothing_is_the_weighted_sum(me: Actor) -> None:
    company = a_company(actor=me)

    state = account_state(family(company, actor=me), [], shows_amounts=True)

    assert (state.weighted, state.currency, state.chances) == (Decimal(0), "USD", "")
