"""A key number of a home, with what it stands on and the page that shows its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from gtmos.kernel import wording


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    unit: str = ""
    note: str = ""
    url: str = ""


def changed(now: Decimal | int, before: Decimal | int | None, *, currency: str = "", than: str) -> str:
    """How a number differs from an earlier one, in its own unit."""
    if before is None:
        return ""
    step = Decimal(now) - Decimal(before)
    if not step:
        return f"As {than}"
    size = wording.money(abs(step), currency) if currency else wording.counted(abs(step))
    return f"{size} {'more' if step > 0 else 'less'} than {than}"


def with_left_out(note: str, left_out: Iterable[tuple[str, Decimal]]) -> str:
    """The note, and what is not in the figure because no rate for its currency is known."""
    missing = (f"{wording.money(amount, currency)} left out, no rate" for currency, amount in left_out)
    return ", ".join(filter(None, (note, *missing)))
