"""How numbers, rates, money and times are written everywhere: pages, agents' sentences and exports."""

import math
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

NOT_KNOWN = "Not known"
NO_BREAK = "\u00a0"
MINUS = "−"
Z_95 = 1.959963984540054
LEAST_EVENTS_FOR_A_RATE = 5
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
MINUTE, HOUR, DAY = 60, 3600, 86_400
INITIALS_MOST = 2

Number = int | float | Decimal


def wilson(count: int, base: int) -> tuple[float, float]:
    """The 95 % interval of a rate by Wilson's score, as fractions."""
    if base <= 0:
        return 0.0, 1.0
    rate = count / base
    spread = Z_95**2 / base
    centre = (rate + spread / 2) / (1 + spread)
    half = Z_95 * math.sqrt(rate * (1 - rate) / base + spread / (4 * base)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def counted(number: Number | None) -> str:
    return NOT_KNOWN if number is None else f"{number:,.0f}".replace("-", MINUS)


def percent(fraction: Number | None) -> str:
    """One decimal: 0.138 is "13.8 %"."""
    return NOT_KNOWN if fraction is None else f"{float(fraction) * 100:.1f}{NO_BREAK}%".replace("-", MINUS)


def points(fraction: Number | None) -> str:
    """A difference of two rates: 0.081 is "+8.1 points"."""
    return NOT_KNOWN if fraction is None else f"{signed(fraction)}{NO_BREAK}points"


def signed(fraction: Number | None) -> str:
    """The same without its unit, for the ends of an interval."""
    return NOT_KNOWN if fraction is None else f"{float(fraction) * 100:+.1f}".replace("-", MINUS)


def interval(low: Number, high: Number) -> str:
    return f"({float(low) * 100:.1f} to {float(high) * 100:.1f})".replace("-", MINUS)


def share(count: int | None, base: int | None) -> str:
    """Percent and interval beside a count that is already shown; empty while there is too little to say."""
    if count is None or not base or count < LEAST_EVENTS_FOR_A_RATE:
        return ""
    return f"{percent(count / base)} {interval(*wilson(count, base))}"


def rate(count: int | None, base: int | None) -> str:
    """Count, base and interval; counts alone under five events."""
    if count is None or base is None:
        return NOT_KNOWN
    counts = f"{counted(count)} of {counted(base)}"
    rest = share(count, base)
    return f"{counts}, {rest}" if rest else counts


def p_value(value: float | None) -> str:
    """Two figures: 0.021, 0.28, and never a bare zero."""
    if value is None:
        return NOT_KNOWN
    if value < 0.0001:
        return "under 0.0001"
    places = 2 if value >= 0.1 else 1 - math.floor(math.log10(value))
    return f"{value:.{places}f}"


def score(value: Number | None) -> str:
    return NOT_KNOWN if value is None else f"{float(value):.2f}"


def money(amount: Number | None, currency: str = "USD") -> str:
    """Currency always, whole units from 100, cents below only where there are some."""
    if amount is None:
        return NOT_KNOWN
    value = Decimal(str(amount))
    whole = abs(value) >= 100 or value == value.to_integral_value()
    digits = f"{abs(value):,.0f}" if whole else f"{abs(value):,.2f}"
    sign = MINUS if value < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{currency}{NO_BREAK}{digits}"


def plural(number: int, one: str, many: str = "") -> str:
    """1 person, 2 people."""
    return f"{counted(number)} {one if number == 1 else many or one + 's'}"


def initials(name: str, most: int = INITIALS_MOST) -> str:
    """First and last word of a person; the first alone of a company (`most` 1)."""
    words = [word for word in name.replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    chosen = words[:1] if most == 1 or len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper()


def duration(seconds: float | None) -> str:
    """0.2 s, 33.4 s, 4 min 10 s, 2 h 5 min, 3 days."""
    if seconds is None:
        return NOT_KNOWN
    if seconds < MINUTE:
        return f"{seconds:.1f}{NO_BREAK}s"
    if seconds < HOUR:
        return _two(seconds, MINUTE, "min", 1, "s")
    if seconds < DAY:
        return _two(seconds, HOUR, "h", MINUTE, "min")
    return plural(round(seconds / DAY), "day")


def _two(seconds: float, large: int, large_name: str, small: int, small_name: str) -> str:
    first, rest = divmod(int(seconds), large)
    second = rest // small
    tail = f" {second}{NO_BREAK}{small_name}" if second else ""
    return f"{first}{NO_BREAK}{large_name}{tail}"


def day(value: date, today: date) -> str:
    """9 Nov, or 9 Nov 2024 in another year."""
    text = f"{value.day} {value:%b}"
    return text if value.year == today.year else f"{text} {value.year}"


def exact(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S %Z}"


def when(moment: datetime, now: datetime) -> str:
    """Relative only under one hour, else the reader's own clock: Today 09:38, Mon 9 Nov, 09:12."""
    away = (now - moment).total_seconds()
    if abs(away) < HOUR:
        return _near(away)
    local, here = timezone.localtime(moment), timezone.localtime(now)
    clock = f"{local:%H:%M}"
    for days, name in ((0, "Today"), (-1, "Yesterday"), (1, "Tomorrow")):
        if local.date() == here.date() + timedelta(days=days):
            return f"{name} {clock}"
    if local.year == here.year:
        return f"{local:%a} {day(local.date(), here.date())}, {clock}"
    return f"{day(local.date(), here.date())}, {clock}"


def _near(away: float) -> str:
    minutes = int(abs(away) // MINUTE)
    if minutes == 0:
        return "Just now" if away >= 0 else "In under a minute"
    return f"{minutes}{NO_BREAK}min ago" if away > 0 else f"In {minutes}{NO_BREAK}min"
