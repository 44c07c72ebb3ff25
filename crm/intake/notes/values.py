"""Amounts, days, addresses, numbers and head counts inside running text."""

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal

from crm.intake.dates import month_of
from crm.intake.faults import BadCellError
from crm.intake.keys import email_key
from crm.intake.money import money
from crm.intake.notes.shapes import Refused

EMAIL = re.compile(r"<?(?:mailto:)?([^\s<>()\[\],;:\"“”]+@[^\s<>()\[\],;:\"“”]+)>?", re.UNICODE)
PHONE = re.compile(r"(?<![\w.,])(?:\+\d[\d ().-]{6,}\d|\(?\d{3}\)?[ -]\d{3}-\d{4}|\d{3}-\d{4})(?![\w])")
_NUMBER = r"\d{1,3}(?:[ .,'’]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
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
_MONTH = r"[A-Za-zäéûç]{3,10}"
_DAY = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of\s)?({_MONTH})(?:\s(\d{{4}}))?|\b({_MONTH})\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(\d{{4}}))?"
)
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
        read = money(re.sub(r"(?<=\d) (?=\d{3})", "", words))
    except BadCellError:
        return None, ""
    return (read.amount, read.currency) if read and read.amount > 0 else (None, "")


def day_in(text: str, *, today: date) -> date | None:
    """The last day that is named; a month or a quarter means its end, and what has passed means next year."""
    found: list[tuple[int, date]] = []
    for match in _ISO.finditer(text):
        _note(found, match.start(), int(match[1]), int(match[2]), int(match[3]), today, is_exact=True)
    for match in _DAY.finditer(text):
        day, name, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
        _note(found, match.start(), int(year or 0), month_of(name), int(day), today, is_exact=bool(year))
    taken = [place for place, _ in found]
    for match in _WHOLE.finditer(text):
        is_past = bool(_PAST.match(text[match.end() :])) and match.start() < 2
        near = any(abs(place - match.start(1)) < 4 for place in taken)
        if not is_past and not near:
            _note(
                found,
                match.start(),
                int(match[2] or 0),
                month_of(match[1]),
                0,
                today,
                is_exact=bool(match[2]),
            )
    for match in _QUARTER.finditer(text):
        _note(found, match.start(), int(match[2] or 0), int(match[1]) * 3, 0, today, is_exact=bool(match[2]))
    for match in _YEAR_END.finditer(text):
        found.append((match.start(), date(today.year, 12, 31)))
    return max(found)[1] if found else None


def _note(
    found: list[tuple[int, date]], place: int, year: int, month: int, day: int, today: date, *, is_exact: bool
) -> None:
    if not 1 <= month <= 12:
        return
    for each in (year,) if is_exact else (today.year, today.year + 1):
        last = monthrange(each, month)[1] if each else 0
        if not last or day > last:
            return
        named = date(each, month, day or last)
        if is_exact or named >= today:
            found.append((place, named))
            return


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
