"""What a discount does to an amount. A discount is a part from 0 to 1; 0.25 is 25 %."""

from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")
STEP = Decimal("0.0001")


def discounted(list_amount: Decimal, discount: Decimal) -> Decimal:
    return (list_amount * (1 - discount)).quantize(CENT, ROUND_HALF_EVEN)


def list_price(amount: Decimal | None, discount: Decimal, noted: Decimal | None) -> Decimal | None:
    """The amount before the discount: the noted one while it still fits, else what the amount implies."""
    if amount is None or not discount:
        return amount
    if noted is not None and discounted(noted, discount) == amount:
        return noted
    return (amount / (1 - discount)).quantize(CENT, ROUND_HALF_EVEN)


def in_percent(discount: Decimal) -> str:
    return f"{(discount * 100).normalize():f} %"
