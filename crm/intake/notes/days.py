"""The day a deal is meant to be signed, decided or begun; days of calls, meetings and the past are others."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crm.intake.dates import month_of
from crm.intake.notes.clauses import Around, around

_MONTH = r"[^\W\d_]{3,10}"
_NO_MONTH = frozenset({"out", "set"})  # Portuguese and Italian; in a note they are English words
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s(?:of\s|de\s)?({_MONTH})\b(?:,?\s(?:de\s)?(\d{{4}}))?"
)
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(\d{{4}}))?(?!\d)")
_WHOLE = re.compile(
    rf"(?:\b(?:in|by|until|till|before|for|from|to|of|begin|start|starting|en|im|ab|bis|mid|late|early|fin|ende|mitte|anfang|d[ée]but|finales de|this|next|avant)"
    rf"\s+|[,/|]\s*)(?=({_MONTH})\b(?:\s(\d{{4}}))?)",
    re.IGNORECASE,
)
_QUARTER = re.compile(r"\b[QT]([1-4])(?:\s?/?\s?(\d{4}))?\b", re.IGNORECASE)
_YEAR_END = re.compile(
    r"\b(?:end of (?:the |this )?year|year[- ]end|EOY|jahresende|ende des jahres|fin d['’]ann[ée]e)\b",
    re.IGNORECASE,
)
_MONTH_END = re.compile(
    r"\b(?:(?:end of (?:the |this )?|this )month|EOM|monatsende|ende des monats|diesen monat|fin du mois|ce mois)\b",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})?(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])")
_PAST = re.compile(r"^\W*(?:\d{4}\W+)?(?:i|we|they)\b", re.IGNORECASE)
_DECIDES = re.compile(
    r"\b(?:(?:counter)?sign(?!al)|clos(?:e|es|ed|ing)\b|decision|decid|start|begin|(?:go(?:es|ing)?|went|be|are|is)[- ]live|launch|roll[- ]?out|pilot|trial|renew|verl[äa]nger|contract|vertrag"
    r"|deal|purchas|buy|kauf|order|bestell|abschl|unterschr|unterzeich|entscheid|d[ée]ci[sd]|d[ée]marr|cierre|firma|inicio|deadline|paperwork|target|expect"
    r"|tender|zusage|beauftrag|want|offer|approv|po\b|freigabe|commit|loslegen|einf[üu]hr)",
    re.IGNORECASE,
)
_DIARY = re.compile(
    r"\b(?:call(?:s|ed)?|meeting|meet|demo|termin|talk|again|wieder|nochmal|follow|sen[dt]s?|gesendet|webinar|last|ago|since|seit|met|founded|out (?:until|till)"
    r"|back (?:on|in|from)|invoice|run(?:s|ning)? out|end(?:s|ed|ing)|expir\w*|l[äa]uft|workshop|visit\w*|lunch|dinner|conference|messe|fair|session|reminder|remind|ask|try|ping"
    r"|holiday|vacation|urlaub|kick-?off|joined|left|moved? to the|zoom|teams|appel|rappel\w*|r[ée]union|rendez-vous|rdv|entretien|present|training|schulung|onsite|review|check|old|current"
    r"|currently|minutes|raised|event|survey|reply|replied|released|arriv\w+|deliver\w*|maintenance|outage|audit|interview|maternity|leave|leaves|retire\w*)\b",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(?:by|until|till|before|bis|avant|antes|spätestens)\b\W*(?:\w+\W+){0,2}$", re.IGNORECASE
)
_ALONE = re.compile(r"[/|]\s*$")
_RENEWED = re.compile(r"\b(?:not|no|never|nicht|kein\w*|pas)\b|n['’]t\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Named:
    """A day as it is written; 0 is not said."""

    place: int
    end: int
    year: int
    month: int
    day: int

    def after(self, today: date) -> date | None:
        """What has passed means next year, where no year is said; a day of the past is none to come."""
        if not 1 <= self.month <= 12:
            return None
        for year in (self.year,) if self.year else (today.year, today.year + 1):
            named = self._in(year)
            if named and named >= today:
                return named
        return None

    def _in(self, year: int) -> date | None:
        last = monthrange(year, self.month)[1] if 1 <= year <= 9999 else 0
        return date(year, self.month, self.day or last) if last and self.day <= last else None


def day_in(text: str, *, today: date, is_of_deal: bool) -> date | None:
    """Of several the one beside a word of deciding or starting; a month or a quarter means its end."""
    days = [
        (weight, each.place, day)
        for each, day in _days(text, today)
        if (weight := _weight(text, each, is_of_deal)) > 0
    ]
    return max(days)[2] if days else None


def _weight(text: str, each: _Named, is_of_deal: bool) -> int:  # noqa: FBT001
    near = around(text, each.place, each.end)
    weight = _score(near.clause) * 3 or _score(_clause_before(near)) * 2 or _score(near.sentence)
    if _RENEWED.search(near.clause_before) and not _UNTIL.search(near.before):
        return -1
    if weight == 0 and is_of_deal and (_UNTIL.search(near.before) or _ALONE.search(near.before)):
        return 1
    return weight


def _clause_before(near: Around) -> str:
    """ "Contract until Friday, 4 December": the day alone says nothing."""
    before = near.before[: len(near.before) - len(near.clause_before)].rstrip(" ,-–—:")
    return before.rpartition(",")[2]


def _score(words: str) -> int:
    decides, diary = len(_DECIDES.findall(words)), len(_DIARY.findall(words))
    return (decides > diary) - (decides < diary)


def _days(text: str, today: date) -> Iterator[tuple[_Named, date]]:
    exact = list(_exact_days(text))
    taken = {each.place for each in exact if each.month}
    for each in (*exact, *_whole_months(text, taken), *_quarters(text), *_ends(text, today)):
        day = each.after(today)
        if day:
            yield each, day


def _exact_days(text: str) -> Iterator[_Named]:
    for match in _ISO.finditer(text):
        yield _Named(*match.span(), int(match[1]), int(match[2]), int(match[3]) or 99)
    for match in _DOTTED.finditer(text):
        yield _Named(*match.span(), int(match[3] or 0), int(match[2]), int(match[1]) or 99)
    for match in _SLASHED.finditer(text):
        yield from _slashed(match)
    for match in _DAY_FIRST.finditer(text):
        yield _Named(*match.span(), int(match[3] or 0), _month(match[2]), int(match[1]) or 99)
    for match in _MONTH_FIRST.finditer(text):
        yield _Named(*match.span(), int(match[3] or 0), _month(match[1]), int(match[2]) or 99)


def _slashed(match: re.Match[str]) -> Iterator[_Named]:
    """03/04/2027 may be either and is neither."""
    one, other, year = int(match[1]), int(match[2]), int(match[3])
    if one > 12 or one == other:
        yield _Named(*match.span(), year, other, one)
    elif other > 12:
        yield _Named(*match.span(), year, one, other)


def _whole_months(text: str, taken: set[int]) -> Iterator[_Named]:
    """ "In May I met …" tells when it was, not when it will be."""
    for match in _WHOLE.finditer(text):
        is_past = match.start() < 2 and _PAST.match(text[match.end(1) :])
        if not is_past and not any(abs(place - match.start(1)) < 6 for place in taken):
            yield _Named(
                match.start(1), max(match.end(1), match.end(2)), int(match[2] or 0), _month(match[1]), 0
            )


def _quarters(text: str) -> Iterator[_Named]:
    for match in _QUARTER.finditer(text):
        yield _Named(*match.span(), int(match[2] or 0), int(match[1]) * 3, 0)


def _ends(text: str, today: date) -> Iterator[_Named]:
    for match in _YEAR_END.finditer(text):
        yield _Named(*match.span(), today.year, 12, 31)
    for match in _MONTH_END.finditer(text):
        yield _Named(*match.span(), today.year, today.month, 0)


def _month(name: str) -> int:
    return 0 if name.lower() in _NO_MONTH else month_of(name)
