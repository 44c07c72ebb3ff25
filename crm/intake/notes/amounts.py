"""The amount of a deal in running text: an amount that is refused, somebody else's or only imagined is none."""

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from crm.intake.faults import BadCellError
from crm.intake.money import CURRENCIES, money
from crm.intake.notes.clauses import Around, around

NUMBER = r"\d{1,3}(?:[ .,'’]\d{3}){1,6}(?:[.,]\d{1,2})?|\d{1,18}(?:[.,]\d{1,18})?"
_CODES = (
    r"(?:usd|eur|gbp|chf|cad|aud|nzd|sek|nok|dkk|pln|czk|huf|ron|jpy|inr|mxn|brl|zar|try|sgd|hkd|cny|aed)"
)
_WORDS = r"(?:pounds?|quid|euros?|dollars?|francs?|franken|bucks|sterling)"
_UNIT = r"(?:k|m|mm|mn|mio\.?|mln\.?|mill?ionen|millions?|mil|thousand|tsd\.?|tausend|mille|grand|bn|lakh|crore)(?![a-z])"
AMOUNT = re.compile(
    rf"(?P<sign>(?:us|ca|au)?[$€£¥₹]|\b{_CODES}\b|\bfr\.)\s?(?P<a>{NUMBER})(?![\d%])\s?(?P<ua>{_UNIT})?"
    rf"|(?<![\w.,/-])(?P<b>{NUMBER})\s?(?:(?P<mixed>teur|t€|k€|k£|k\$|keur|kchf|meur|m€)(?!\w)"
    rf"|(?P<ub>{_UNIT})\s?(?:d[e']\s?)?(?P<ca>{_CODES}\b|{_WORDS}\b|[€$£])?|(?P<cb>{_CODES}\b|{_WORDS}\b|[€$£]))",
    re.IGNORECASE,
)
_THOUSAND, _MILLION = Decimal(1_000), Decimal(1_000_000)
_UNITS = dict.fromkeys(("k", "thousand", "tsd", "tausend", "mille", "grand"), _THOUSAND)
_UNITS |= dict.fromkeys(
    ("m", "mm", "mn", "mio", "mln", "million", "millionen", "milionen", "millions", "mil"), _MILLION
)
_UNITS |= {"bn": Decimal(1_000_000_000), "lakh": Decimal(100_000), "crore": Decimal(10_000_000)}
_NAMED = {"pound": "GBP", "quid": "GBP", "sterling": "GBP", "euro": "EUR", "dollar": "USD", "buck": "USD"}
_NAMED |= {"franc": "CHF", "franken": "CHF", "fr": "CHF", "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP"}
_NAMED |= {"ca$": "CAD", "au$": "AUD", "¥": "JPY", "₹": "INR"}
_MEANT = re.compile(
    r"budget|offer|angebot|quote|deal|worth|approv|sign(?:ed)?[- ]off|set aside|earmark|spend|renew|\barr\b|\bacv\b|\btcv\b|pric|preis"
    r"|contract|vertrag|project|projekt|pilot|invest|freigegeben|freigabe|presupuesto|volum|auftrag|eingeplant|genehmigt|bewilligt"
    r"|devis|offre|montant|enveloppe|allocat|granted|agreed|available|has|have|got|set the|cost|licen|paperwork|valu",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\b(?:no|not|never|without|kein\w*|nicht|nie|sans|pas|aucun\w*|lost|declin\w*|reject\w*|instead of|rather than|far from|too much)\b|n['’]t\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:i['’]m at|i am at|rais(?:ed|ing)|series [a-f]|funding|revenues?|turnover|umsatz|chiffre d|valuation|quota|salar\w+|gehalt|pay(?:s|ing)?|paid|zahl(?:t|en)"
    r"|pa(?:ie|ient)|invoices?|rechnung\w*|factur\w+|overdue|went to|ceiling|threshold|above|more than|at least|exceed\w*|anything over|unter|below|under|less than"
    r"|list|list ?price|sav(?:e|es|ed|ing|ings)|loss|loses?|profit\w*|fine|penalt\w+|grant|debt|owes?|competitor\w*|expensive|bonus|commission"
    r"|last year|previous\w*|used to|formerly|former|up from|down from|instead|compared|versus|vs|shipping|deposit|per diem|travel|hotel|tender)\b",
    re.IGNORECASE,
)
_IMAGINED = re.compile(
    r"\b(?:if|wenn|falls|si|could|might|k[öo]nnt\w*|maybe|perhaps|vielleicht|peut-être|some ?day|one day|eines tages|doubt\w*|unlikely|theoretical\w*|potential\w*|upside|dream\w*)\b"
    r"|\b(?:do|does|did)n['’]t (?:think|believe|have)|\bnever (?:released|approved)|\b(?:isn|wasn)['’]t approved",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"^\s?(?:/|per\b|pro\b|par\b|je\b|each\b|a\b|an\b|p\.)\s?(?:year|jahr|an\b|annum|a\.)?(?P<unit>[\w]*)",
    re.IGNORECASE,
)
_UNITS_OF_PRICE = (
    "month mo monat mois mes seat user head licence license person week day hour unit nutzer platz lizenz woche tag stunde m pm"
    " utilisateur poste piece site plant agent contact call".split()
)
_FROM = re.compile(
    r"\b(?:up|down|cut|reduced|raised|increased|went|erh[öo]ht|gesenkt)?\s?(?:from|von|de)\s+$", re.IGNORECASE
)
_TO = re.compile(r"^\s?(?:to|auf|à|bis)\s+$", re.IGNORECASE)
_LATER = re.compile(r"\b(?:after|now|today|final\w*|then|jetzt|nun|neu|heute)\b[^,;]{0,40}$", re.IGNORECASE)
_RANGE = re.compile(
    r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,2})?)\s?(?:-|–|to|and|und|bis|et|à|a)\s?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Found:
    place: int
    end: int
    amount: Decimal
    currency: str
    weight: int
    is_later: bool


def amount_in(text: str) -> tuple[Decimal | None, str]:
    """Of several the one that is spoken of as theirs for this; of "20k to 25k" the first, of "from 80k to 50k" the second."""
    found = [each for match in AMOUNT.finditer(text) if (each := _read(text, match))]
    found = _of_ranges(text, found)
    meant = [each for each in found if each.weight >= 0]
    if not meant:
        return None, ""
    best = max(meant, key=lambda each: (each.weight, each.is_later, -each.place))
    return best.amount, best.currency


def _of_ranges(text: str, found: list[_Found]) -> list[_Found]:
    """ "From 80k to 50k": what it was is dropped."""
    dropped = {
        one.place
        for one, other in pairwise(found)
        if _FROM.search(text[max(0, one.place - 30) : one.place]) and _TO.match(text[one.end : other.place])
    }
    return [each for each in found if each.place not in dropped]


def _read(text: str, match: re.Match[str]) -> _Found | None:
    written = match["a"] or match["b"]
    unit, currency = _unit_and_currency(match)
    place, end = match.span()
    if currency in {"", "m"} and not match["ub"] and not match["mixed"]:
        return None
    lower = _RANGE.search(text[max(0, place - 20) : place])
    if lower and unit != 1 and not match["sign"]:
        written = lower[1]
    try:
        read = money(re.sub(r"(?<=\d)[ .'’](?=\d{3}(?!\d))", "", written))
    except BadCellError:
        return None
    if read is None or read.amount <= 0:
        return None
    near = around(text, place, end)
    weight = _weight(near)
    return _Found(place, end, read.amount * unit, currency, weight, bool(_LATER.search(near.clause_before)))


def _unit_and_currency(match: re.Match[str]) -> tuple[Decimal, str]:
    mixed = (match["mixed"] or "").lower()
    if mixed:
        unit = _MILLION if mixed[0] == "m" else _THOUSAND
        return unit, _currency(mixed[1:])
    unit = _UNITS.get((match["ua"] or match["ub"] or "").lower().strip("."), Decimal(1))
    return unit, _currency(match["sign"] or match["ca"] or match["cb"] or "")


def _currency(written: str) -> str:
    word = written.lower().strip(". ")
    if word.upper() in CURRENCIES:
        return word.upper()
    return _NAMED.get(word) or _NAMED.get(word.rstrip("s"), "")


def _weight(near: Around) -> int:
    """Below 0 it is not theirs to spend on this."""
    each = _EACH.match(near.after)
    is_each = each is not None and each["unit"].lower().rstrip("s") in _UNITS_OF_PRICE
    against = (
        is_each
        or _REFUSED.search(near.clause)
        or _OTHERS.search(_beside(near))
        or _IMAGINED.search(near.sentence_to_contrast)
    )
    if against:
        return -1
    return 1 if _MEANT.search(near.clause) else 0


def _beside(near: Around) -> str:
    return f"{near.clause_before} | {near.clause_after}"
