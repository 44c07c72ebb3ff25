"""Numbers in digits and words, with k and M, money, percentages and splits."""

import re

from agents.planner.text import Span

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "dozen": 12, "couple": 2,
}  # fmt: skip
UNITS = {
    "k": 1e3, "grand": 1e3, "thousand": 1e3, "thou": 1e3, "m": 1e6, "mm": 1e6, "mn": 1e6, "mil": 1e6, "mio": 1e6,
    "million": 1e6, "millions": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9,
}  # fmt: skip
CURRENCIES = {
    "$": "USD", "€": "EUR", "£": "GBP", "usd": "USD", "dollars": "USD", "dollar": "USD", "bucks": "USD",
    "us$": "USD", "eur": "EUR", "euro": "EUR", "euros": "EUR", "gbp": "GBP", "pounds": "GBP", "pound": "GBP",
    "quid": "GBP", "chf": "CHF", "francs": "CHF", "cad": "CAD", "aud": "AUD", "jpy": "JPY", "inr": "INR",
    "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "¥": "JPY", "₹": "INR",
}  # fmt: skip
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
WORD_NUMBER = (
    rf"(?:(?:{_TENS})(?:[- ](?:{_ONES}))?|(?:(?:a|{_ONES}) )?hundred|ten|eleven|twelve|thirteen|fourteen|fifteen"
    rf"|sixteen|seventeen|eighteen|nineteen|{_ONES}|half a dozen|a dozen|dozen)"
)
_DOTTED = r"[1-9]\d{0,2}(?:\.\d{3})+(?![\d.])(?:,\d{1,2}(?!\d))?"
_COMMA = r"\d{1,3},\d{1,2}(?=\s?(?:k|m|mio|mn|b|bn|million|thousand)\b)"
DIGITS = rf"(?:{_DOTTED}|{_COMMA}|(?:\d{{1,3}}(?:[,' ]\d{{3}})+(?!\d)|\d+)(?:\.\d+)?)"
UNIT = r"(?:thousand|thou|grand|millions?|mil|mio|mm|mn|billion|bn|k|m|b)"
NUMBER = rf"(?:{DIGITS}(?:\s?{UNIT}\b)?|{WORD_NUMBER}(?:\s{UNIT}\b)?)"
SIGN = r"(?:us\$|[$€£¥₹])"
CODE = r"(?:usd|eur|gbp|chf|cad|aud|jpy|inr|sek|nok|dkk|pln|dollars?|bucks|euros?|pounds?|quid|francs)"
_EDGE = r"(?<![\w.,/:$€£-])"

MONEY = re.compile(
    rf"{SIGN}\s?{NUMBER}(?:\s?{CODE}\b)?"
    rf"|{_EDGE}{CODE}\s{NUMBER}"
    rf"|{_EDGE}{NUMBER}\s?(?:{CODE}\b|[€£$](?!\d))"
    rf"|{_EDGE}(?:{DIGITS}\s?|(?:{WORD_NUMBER}|half a|a quarter|a) ){UNIT}\b"
)
PERCENT = re.compile(rf"{_EDGE}({NUMBER})\s?(?:%|percent\b|per cent\b|pct\b)")
SPLIT = re.compile(
    r"(?<![\w/.-])(\d{1,3})\s?(?:/|-|:|to| and )\s?(\d{1,3})(?:\s?(?:/|-|:)\s?(\d{1,3}))?(?![\w/-])"
)
PLAIN = re.compile(rf"{_EDGE}(?:{DIGITS}|\b{WORD_NUMBER}\b)(?![\w])")
_PART = re.compile(rf"({DIGITS}|{WORD_NUMBER}|half a|a quarter|a)?\s?({UNIT})?\b")
_HALVES = {"half a": 0.5, "a quarter": 0.25, "a": 1.0, "half a dozen": 6.0, "a dozen": 12.0}


def as_int(value: float) -> float | int:
    return int(value) if value == int(value) else value


def parse_number(text: str) -> float | int | None:
    """'1.2m' → 1200000, 'twenty five' → 25, 'half a million' → 500000."""
    text = text.strip().lower()
    match = re.fullmatch(rf"({DIGITS}|{WORD_NUMBER}|half a|a quarter|a)\s?({UNIT})?", text)
    if match is None:
        return None
    head, unit = match.groups()
    digits = head[0].isdigit()
    base = _digits(head) if digits else _HALVES.get(head, 0.0) or _words(head)
    return as_int(round(base * UNITS.get(unit or "", 1.0), 6))


def _digits(text: str) -> float:
    """'1,200.50', "1'200" and the European '1.200,50' and '1,5' (before a unit)."""
    if re.fullmatch(_DOTTED, text):
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3},\d{1,2}", text):
        text = text.replace(",", ".")
    return float(re.sub(r"[,' ]", "", text))


def _words(text: str) -> float:
    total = 0.0
    for word in re.split(r"[- ]", text):
        if word == "hundred":
            total = max(total, 1) * 100
        elif word != "a":
            total += WORDS[word]
    return total


def parse_money(text: str, default: str = "USD") -> dict[str, float | int | str] | None:
    """'$1.2M' → {'amount': 1200000, 'currency': 'USD'}."""
    low = text.strip().lower()
    sign = re.search(rf"{SIGN}|\b{CODE}\b|(?<=\d){CODE}\b", low)
    amount = parse_number(re.sub(rf"{SIGN}|\b{CODE}\b|(?<=\d){CODE}\b|(?<=[km]){CODE}\b", "", low))
    if amount is None:
        return None
    return {"amount": amount, "currency": CURRENCIES[sign.group()] if sign else default}


def find_money(low: str, currency: str = "USD") -> list[Span]:
    found = []
    for match in MONEY.finditer(low):
        value = parse_money(match.group(), currency)
        if value is not None:
            found.append(Span("money", match.start(), match.end(), value))
    return found


def find_percents(low: str) -> list[Span]:
    return [Span("percent", m.start(), m.end(), parse_number(m.group(1))) for m in PERCENT.finditer(low)]


def find_splits(low: str) -> list[Span]:
    """Shares that add up to a hundred: 60/40, 50-50, 34/33/33."""
    found = []
    for match in SPLIT.finditer(low):
        shares = [int(group) for group in match.groups() if group]
        if sum(shares) == 100:
            found.append(Span("split", match.start(), match.end(), shares))
    return found


def find_numbers(low: str) -> list[Span]:
    return [Span("number", m.start(), m.end(), parse_number(m.group())) for m in PLAIN.finditer(low)]
