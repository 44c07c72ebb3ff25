"""From the text of a cell to the value of a field, one function per kind of value."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from crm.intake.countries import country
from crm.intake.dates import Order, parse_date, parse_moment
from crm.intake.faults import BadCellError, shown
from crm.intake.industries import industry, sub_industry
from crm.intake.keys import domain_key, email_key, email_keys, linkedin_key
from crm.intake.money import Money, currency_code, money, share
from crm.intake.places import place, places
from crm.intake.stages import email_status, funding_stage, influence_role
from crm.intake.text import boolean, clean, count, fold, phone, words
from crm.intake.titles import department, seniority

Converter = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Formats:
    """What the file as a whole proves about its dates and numbers."""

    date_order: Order = ""
    decimal_comma: bool = False


def converter(kind: str, formats: Formats) -> Converter:
    """The function for a kind. It returns None where the cell says nothing, and raises `BadCellError`."""
    if kind.startswith("text:"):
        return _text_up_to(int(kind[5:]))
    if kind in {"date", "moment"}:
        return partial(_dated, parse_date if kind == "date" else parse_moment, formats.date_order)
    if kind in _MONEY:
        return partial(_money, formats.decimal_comma, _MONEY[kind], _RANGE.get(kind, _ANY_AMOUNT))
    return _SIMPLE[kind]


def converts(kind: str, cell: str) -> bool:
    """Whether a cell can be read as this kind, in some order of its parts."""
    try:
        value = converter(kind, Formats("mdy"))(cell)
    except BadCellError:
        return converts_other_order(kind, cell)
    return kind != "funding_stage" or str(value).split(" ")[0] in _STAGE_WORDS


def converts_other_order(kind: str, cell: str) -> bool:
    if kind not in {"date", "moment"}:
        return False
    try:
        converter(kind, Formats("dmy"))(cell)
    except BadCellError:
        return False
    return True


_STAGE_WORDS = frozenset(
    {
        "Seed",
        "Series",
        "Pre-Seed",
        "Private",
        "Public",
        "Bootstrapped",
        "Acquired",
        "Subsidiary",
        "Debt",
        "Grant",
    }
    | {"Venture", "Convertible", "Crowdfunding", ""}
)
_MONEY = {
    "revenue": Decimal(1),
    "last_funding": Decimal(1),
    "total_funding": Decimal(1),
    "amount": Decimal(1),
    "total_funding_millions": Decimal(1_000_000),
}
# What the columns hold: 16 digits for a deal, which is never below 0, 20 elsewhere, two of them after the point.
_RANGE = {"amount": (Decimal(0), Decimal(10) ** 14 - 1)}
_ANY_AMOUNT = (1 - Decimal(10) ** 18, Decimal(10) ** 18 - 1)
_CENT = Decimal("0.01")


def _text_up_to(limit: int) -> Converter:
    def convert(cell: str) -> str | None:
        if cell.isascii() and len(cell) <= limit and cell.strip() is cell:
            return cell
        text = clean(cell)
        if len(text) > limit:
            raise BadCellError(f"{shown(text)} is longer than {limit} characters.", text[:limit])
        return text or None

    return convert


def _long(cell: str) -> str | None:
    return clean(cell) or None


def _dated(read: Callable[[str, Order], object], order: Order, cell: str) -> object:
    return read(cell, order)


def _money(
    decimal_comma: bool,  # noqa: FBT001
    times: Decimal,
    bounds: tuple[Decimal, Decimal],
    cell: str,
) -> tuple[Decimal, str | None] | None:
    found: Money | None = money(cell.strip(), decimal_comma=decimal_comma, in_millions=times > 1)
    if found is None:
        return None
    currency = found.currency or ("USD" if times > 1 else None)
    return _in_range(found.amount * times, bounds, cell), currency


def _in_range(amount: Decimal, bounds: tuple[Decimal, Decimal], cell: str) -> Decimal:
    least, largest = bounds
    if max(amount, -amount) > largest:
        raise BadCellError(f"{shown(cell)} is too large for an amount.")
    # A bookkeeper's (500) is a credit and meant; a minus is refused as it is everywhere.
    if amount < least and not cell.strip().startswith("("):
        raise BadCellError(f"{shown(cell)} is below 0; a deal has no such amount.")
    return amount if amount == amount.to_integral_value() else amount.quantize(_CENT)


def _domain(cell: str) -> str | None:
    key = domain_key(cell)
    if not key and cell.strip():
        raise BadCellError(f"{shown(cell)} is not a web domain.")
    return key or None


def _emails(cell: str) -> tuple[str, str, tuple[str, ...]] | None:
    try:
        key = email_key(cell)
    except BadCellError:
        if not clean(cell):
            return None
        keys = email_keys(cell)
        return keys[0], keys[0], keys[1:]
    return cell.strip(), key, ()


def _more_emails(cell: str) -> tuple[str, ...] | None:
    return email_keys(cell) if cell.strip() else None


def _people(cell: str) -> tuple[str, tuple[str, ...]] | None:
    """The first one's address, and those of the others."""
    first, *others = email_keys(cell) if cell.strip() else ("",)
    return (first, tuple(others)) if first else None


def _flag(cell: str) -> bool | None:
    return boolean(cell) if cell.strip() else None


def _bounced(cell: str) -> str | None:
    return "bounced" if _flag(cell) else None


def _linkedin(cell: str) -> tuple[str, str] | None:
    text = clean(cell)
    return (text[:300], linkedin_key(text)) if text else None


def _country(cell: str) -> tuple[str, str] | None:
    text = clean(cell)
    return (country(text).name[:120], country(text).code) if text else None


def _place(cell: str) -> tuple[str | None, ...] | None:
    spot = place(cell)
    return tuple(part[:120] or None for part in spot) if any(spot) else None


def _places(cell: str) -> tuple[object, ...] | None:
    spot = _place(cell)
    if spot is None:
        return None
    every = tuple(", ".join(part for part in (p.city, p.region, p.country) if part) for p in places(cell))
    return (*spot, every if len(every) > 1 else None)


def _postal(cell: str) -> tuple[str | None, ...] | None:
    """The whole address, and its place where the end of it can be read as one."""
    text = clean(cell)
    spot = place(text) if text.count(",") else None
    return (text, *(part[:120] or None for part in spot)) if spot else (text, None, None, None, None)


def _owner(cell: str) -> tuple[str | None, str | None] | None:
    text = clean(cell)
    if not text:
        return None
    return (None, text.lower()) if "@" in text else (text[:255], None)


def _year(cell: str) -> int | None:
    match = re.search(r"\b(1[5-9]\d\d|20\d\d)\b", cell)
    if match is None and cell.strip(" 0.-"):
        raise BadCellError(f"{shown(cell)} is not a year.")
    return int(match[1]) if match else None


def _keys(cell: str) -> tuple[str, tuple[str, ...]] | None:
    """The first key, and the others in their order."""
    keys = dict.fromkeys(part.strip()[:120] for part in re.split(r"[;,|]", cell) if part.strip())
    return (next(iter(keys)), tuple(keys)[1:]) if keys else None


def _signal_type(cell: str) -> str | None:
    text = re.sub(r"\W+", "_", fold(cell.strip())).strip("_")
    if text in SIGNAL_TYPES or not text:
        return text or None
    for part, name in _SIGNAL_WORDS:
        if part in text:
            return name
    raise BadCellError(f"{shown(cell)} is no kind of signal we know.")


SIGNAL_TYPES = frozenset(
    [
        "hiring",
        "funding",
        "layoff",
        "news",
        "leadership_change",
        "tech_change",
        "expansion",
        "website_visit",
        "review",
        "product_usage",
    ]
)
_SIGNAL_WORDS = (
    ("layoff", "layoff"), ("laid_off", "layoff"), ("hir", "hiring"), ("job", "hiring"), ("fund", "funding"),
    ("raise", "funding"), ("round", "funding"), ("leader", "leadership_change"), ("executive", "leadership_change"),
    ("tech", "tech_change"), ("expan", "expansion"), ("visit", "website_visit"), ("review", "review"),
    ("usage", "product_usage"), ("press", "news"), ("news", "news"),
)  # fmt: skip


def _or_none(read: Callable[[str], str]) -> Converter:
    def convert(cell: str) -> str | None:
        return read(cell) or None

    return convert


_SIMPLE: dict[str, Converter] = {
    "long": _long,
    "words": lambda cell: words(cell) or None,
    "domain": _domain,
    "industry": _or_none(industry),
    "sub_industry": _or_none(sub_industry),
    "country": _country,
    "place": _place,
    "places": _places,
    "postal": _postal,
    "phone": lambda cell: phone(cell)[:60] or None,
    "count": count,
    "year": _year,
    "currency": currency_code,
    "funding_stage": _or_none(funding_stage),
    "owner": _owner,
    "emails": _emails,
    "more_emails": _more_emails,
    "people": _people,
    "email_status": email_status,
    "bounced": _bounced,
    "department": _or_none(department),
    "seniority": _or_none(seniority),
    "role": influence_role,
    "linkedin": _linkedin,
    "flag": _flag,
    "share": share,
    "keys": _keys,
    "signal_type": _signal_type,
}
