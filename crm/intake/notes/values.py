"""Amounts, days, addresses, numbers and head counts inside running text."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.intake.dates import month_of
from crm.intake.faults import BadCellError
from crm.intake.keys import email_key
from crm.intake.money import money
from crm.intake.notes.shapes import Refused

_SIGN = r"[^\s<>()\[\],;:\"“”]"
EMAIL = re.compile(rf"<?(?:mailto:)?(?<!{_SIGN})({_SIGN}+@{_SIGN}+)>?", re.UNICODE)
PHONE = re.compile(r"(?<![\w.,])(?:\+\d[\d ().-]{6,}\d|\(?\d{3}\)?[ -]\d{3}-\d{4}|\d{3}-\d{4})(?![\w])")
_NUMBER = r"\d{1,3}(?:[ .,'’]\d{3}){1,6}(?:[.,]\d{1,2})?|\d{1,18}(?:[.,]\d{1,18})?"
_UNIT = r"(?:k|m|mm|mn|mio|mln|million|thousand|tsd|grand|bn|lakh|crore)\b"
_CODE = r"(?:usd|eur|gbp|chf|cad|aud|sek|nok|dkk|pln|jpy|inr|pounds?|euros?|dollars?)\b"
AMOUNT = re.compile(
    rf"(?:(?:us|ca|au)?[$€£¥₹]\s?(?:{_NUMBER})\s?(?:{_UNIT})?|\b(?:usd|eur|gbp|chf)\s(?:{_NUMBER})\s?(?:{_UNIT})?"
    rf"|(?<![\w.,-])(?:{_NUMBER})\s?(?:{_UNIT}\s?(?:{_CODE}|[€$£])?|{_CODE}|[€$£]))",
    re.IGNORECASE,
)
HEADS = re.compile(
    rf"({_NUMBER})\s?-?\s?(?:employees|people work|people\b|ppl\b|staff\b|person\b|persons\b|headcount|mitarbeiter\w*|employés)",
    re.IGNORECASE,
)
_WORDS = {"grand": "k", "mln": "million", "pounds": "GBP", "pound": "GBP", "euros": "EUR", "euro": "EUR"}
_WORDS |= {"dollars": "USD", "dollar": "USD"}
_MONTH = r"[^\W\d_]{3,10}"
_NO_MONTH = frozenset({"out", "set"})  # Portuguese and Italian; in a note they are English words
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of\s)?({_MONTH})\b(?:\s(\d{{4}}))?")
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(\d{{4}}))?")
_WHOLE = re.compile(
    rf"(?:\b(?:in|by|until|till|before|for|from|to|of|begin|start|starting|en|im|ab|bis|mid|late|early)\s+|[,/|]\s*)({_MONTH})\b(?:\s(\d{{4}}))?",
    re.IGNORECASE,
)
_QUARTER = re.compile(r"\bQ([1-4])(?:\s?/?\s?(\d{4}))?\b", re.IGNORECASE)
_YEAR_END = re.compile(r"\b(?:end of (?:the |this )?year|year[- ]end|EOY)\b", re.IGNORECASE)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_PAST = re.compile(r"^\W*(?:\d{4}\W+)?(?:i|we|they)\b", re.IGNORECASE)


def amount_in(text: str) -> tuple[Decimal | None, str]:
    """Of "from 80k to 50k" the second, of "20k to 25k" the first."""
    found = list(AMOUNT.finditer(text))
    if not found:
        return None, ""
    chosen = found[0]
    if len(found) > 1 and re.search(r"\bfrom\s+$", text[: found[0].start()], re.IGNORECASE):
        chosen = found[1]
    words = re.sub(
        r"[a-z]+", lambda each: _WORDS.get(each[0].lower(), each[0]), chosen[0], flags=re.IGNORECASE
    )
    try:
        read = money(re.sub(r"(?<=\d)[ .'’](?=\d{3}(?!\d))", "", words))
    except BadCellError:
        return None, ""
    return (read.amount, read.currency) if read and read.amount > 0 else (None, "")


@dataclass(frozen=True, slots=True)
class _Named:
    """A day as it is written; 0 is not said."""

    place: int
    year: int
    month: int
    day: int

    def after(self, today: date) -> date | None:
        """What has passed means next year, where no year is said."""
        if not 1 <= self.month <= 12:
            return None
        for year in (self.year,) if self.year else (today.year, today.year + 1):
            named = self._in(year)
            if named and (self.year or named >= today):
                return named
        return None

    def _in(self, year: int) -> date | None:
        last = monthrange(year, self.month)[1] if 1 <= year <= 9999 else 0
        return date(year, self.month, self.day or last) if last and self.day <= last else None


def day_in(text: str, *, today: date) -> date | None:
    """The last day that is named; a month or a quarter means its end, and what has passed means next year."""
    exact = list(_exact_days(text))
    taken = {each.place for each in exact if each.month}
    found = [*exact, *_whole_months(text, taken), *_quarters(text)]
    days = [(each.place, day) for each in found if (day := each.after(today))]
    days += [(match.start(), date(today.year, 12, 31)) for match in _YEAR_END.finditer(text)]
    return max(days)[1] if days else None


def _exact_days(text: str) -> Iterator[_Named]:
    for match in _ISO.finditer(text):
        yield _Named(match.start(), int(match[1]), int(match[2]), int(match[3]) or 99)
    for match in _DAY_FIRST.finditer(text):
        yield _Named(match.start(), int(match[3] or 0), _month(match[2]), int(match[1]) or 99)
    for match in _MONTH_FIRST.finditer(text):
        yield _Named(match.start(), int(match[3] or 0), _month(match[1]), int(match[2]) or 99)


def _whole_months(text: str, taken: set[int]) -> Iterator[_Named]:
    """ "In May I met …" tells when it was, not when it will be."""
    for match in _WHOLE.finditer(text):
        is_past = match.start() < 2 and _PAST.match(text[match.end() :])
        if not is_past and not any(abs(place - match.start(1)) < 6 for place in taken):
            yield _Named(match.start(), int(match[2] or 0), _month(match[1]), 0)


def _quarters(text: str) -> Iterator[_Named]:
    for match in _QUARTER.finditer(text):
        yield _Named(match.start(), int(match[2] or 0), int(match[1]) * 3, 0)


def _month(name: str) -> int:
    return 0 if name.lower() in _NO_MONTH else month_of(name)


def emails_in(text: str) -> tuple[list[str], list[Refused]]:
    """Addresses as they were written, and those that are none."""
    good, bad = [], []
    for match in EMAIL.finditer(text):
        address = match[1].rstrip(".!?'")
        try:
            email_key(address)
        except BadCellError as error:
            bad.append(Refused("email", address, str(error)))
        else:
            good.append(address)
    return good, bad


def heads_in(text: str) -> int | None:
    match = HEADS.search(text)
    digits = re.sub(r"\D", "", match[1]) if match else ""
    return int(digits) if 0 < len(digits) <= 9 else None
