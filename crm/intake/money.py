"""Amounts as people write them: 1.234,56 · 1,234.56 · 13,00,000 · 45k · 1.2M · € 9 500 · (1200)."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from crm.intake.faults import BadCellError, shown
from crm.intake.text import fold, is_blank
from gtmos.kernel.currencies import CODES


class Money(NamedTuple):
    """An amount and, where the cell says so, its currency."""

    amount: Decimal
    currency: str


_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "₽": "RUB",
    "zł": "PLN",
}
_DOLLARS = {
    "us$": "USD",
    "ca$": "CAD",
    "c$": "CAD",
    "a$": "AUD",
    "au$": "AUD",
    "hk$": "HKD",
    "r$": "BRL",
    "s$": "SGD",
}
# Those that are taken for money where they stand as words in a text; TOP and ALL are currencies, too.
CURRENCIES = frozenset(
    (
        "USD EUR GBP JPY CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY ILS INR CNY HKD SGD TWD KRW THB IDR "
        "MYR PHP VND BRL MXN ARS CLP COP PEN ZAR NGN KES GHS EGP AED SAR QAR RUB UAH PKR BDT LKR ISK"
    ).split()
)
_UNITS = {
    **dict.fromkeys(("k", "tsd", "thousand", "mil"), Decimal(1_000)),
    **dict.fromkeys(
        ("m", "mm", "mn", "mio", "million", "millions", "millionen", "millones"), Decimal(1_000_000)
    ),
    **dict.fromkeys(("b", "bn", "mrd", "billion", "billions", "milliarden"), Decimal(1_000_000_000)),
    **dict.fromkeys(("t", "tn", "trillion"), Decimal(1_000_000_000_000)),
    "lakh": Decimal(100_000),
    "crore": Decimal(10_000_000),
}
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_OF_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_NUMBER = re.compile(r"\d[\d.,'’\s]*")
_WORD = re.compile(r"[a-z]+\$?|[^\W\d_]+")
_COMMA_DECIMAL = re.compile(r"\d,\d{1,2}(?![\d.,])")
_POINT_DECIMAL = re.compile(r"\d\.\d{1,2}(?![\d.,])")


@lru_cache(maxsize=16384)
def money(cell: str, *, decimal_comma: bool = False, in_millions: bool = False) -> Money | None:
    """Read an amount, or None for a blank.

    Nobody writes money with three decimals: 1.234 and 1,234 are thousands. Where a unit follows, as in 1.234 M,
    `decimal_comma` says what they are.
    """
    if _PLAIN.fullmatch(cell) and not ("." in cell and (decimal_comma or _OF_THOUSANDS.fullmatch(cell))):
        return Money(Decimal(cell), "")
    text = cell.replace("\u00a0", " ").replace("\u202f", " ").strip()
    if is_blank(text):
        return None
    found = _NUMBER.search(text)
    if found is None:
        raise BadCellError(f"{shown(cell)} is not an amount.")
    around = f"{text[: found.start()]} {text[found.end() :]}"
    currency, unit = _words_around(around, cell)
    before_decimals = ("," if decimal_comma else ".") if in_millions or unit != 1 else ""
    amount = _decimal(found.group().strip(" .,'’"), before_decimals)
    negative = "-" in around or "−" in around or (text.startswith("(") and text.endswith(")"))
    return Money(-amount * unit if negative else amount * unit, currency)


def _decimal(digits: str, before_decimals: str) -> Decimal:
    compact = re.sub(r"[\s'’]", "", digits)
    comma, point = compact.rfind(","), compact.rfind(".")
    if comma >= 0 and point >= 0:
        mark = "," if comma > point else "."
    else:
        mark = _lone_mark(compact, before_decimals)
    whole, _, part = compact.rpartition(mark) if mark else (compact, "", "")
    if not mark:
        whole = compact
    return Decimal(re.sub(r"[.,]", "", whole) + (f".{part}" if part else ""))


def _lone_mark(compact: str, before_decimals: str) -> str:
    """Whether the only kind of separator stands before decimals (it is returned) or between thousands ("")."""
    marks = [letter for letter in compact if letter in ".,"]
    if len(marks) != 1:
        return ""
    return "" if _OF_THOUSANDS.fullmatch(compact) and marks[0] != before_decimals else marks[0]


def _words_around(around: str, cell: str) -> tuple[str, Decimal]:
    currency, unit = "", Decimal(1)
    for sign, code in _SIGNS.items():
        if sign in around:
            currency, around = code, around.replace(sign, " ")
    for word in _WORD.findall(fold(around)):
        if word.upper() in CODES:
            currency = word.upper()
        elif word in _DOLLARS:
            currency = _DOLLARS[word]
        elif word in _UNITS:
            unit *= _UNITS[word]
        elif word not in {"approx", "ca", "about", "usd$"}:
            raise BadCellError(f"{shown(cell)} is not an amount.")
    return currency or ("USD" if "$" in around else ""), unit


def decimal_mark(cell: str) -> str:
    """Which decimal mark a cell proves: ",", "." or "" when it proves none."""
    if _COMMA_DECIMAL.search(cell):
        return ","
    return "." if _POINT_DECIMAL.search(cell) else ""


def currency_code(cell: str) -> str:
    """A three-letter code from a code, a sign or HubSpot's "USD - US Dollar"."""
    text = cell.strip()
    if text in _SIGNS:
        return _SIGNS[text]
    code = text[:3].upper()
    if text == "$":
        return "USD"
    if code in CODES and not text[3:4].isalpha():
        return code
    raise BadCellError(f"{shown(cell)} is not a currency.")


def share(cell: str) -> float | None:
    """A probability between 0 and 1, written as 75, 75 % or 0.75."""
    if is_blank(cell):
        return None
    text = cell.strip()
    try:
        number = float(text.rstrip("% ").replace(",", "."))
    except ValueError:
        raise BadCellError(f"{shown(cell)} is not a share.") from None
    if "%" in text or number > 1:
        number /= 100
    if not 0 <= number <= 1:
        raise BadCellError(f"{shown(cell)} is not between 0 and 100 %.")
    return number
