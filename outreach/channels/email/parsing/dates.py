"""Finds dates in free text in a dozen languages, and says which day each one names."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

MONTH_NAMES = (
    "january jan januar jänner jän janvier janv enero ene gennaio gen gennaio januari janeiro tammikuuta styczeń stycznia sty leden ledna января янв ocak",
    "february feb februar feber février fevrier févr fév febrero febbraio febbr februari fevereiro fev helmikuuta luty lutego únor února февраля фев şubat",
    "march mar märz maerz mrz mars marzo maart mrt março marco maaliskuuta marzec marca březen března марта мар mart",
    "april apr avril avr abril abr aprile huhtikuuta kwiecień kwietnia kwi duben dubna апреля апр nisan",
    "may mai mayo maggio mag mei maio maj toukokuuta maja květen května мая mayıs",
    "june jun juni juin junio giugno giu junho kesäkuuta czerwiec czerwca cze červen června июня июн haziran",
    "july jul juli juillet juil julio luglio lug julho heinäkuuta lipiec lipca lip červenec července июля июл temmuz",
    "august aug août aout agosto ago augustus augusti elokuuta sierpień sierpnia sie srpen srpna августа авг ağustos",
    "september sept sep septembre septiembre settembre set setembro syyskuuta wrzesień września wrz září сентября сен eylül",
    "october oct oktober okt octobre octubre ottobre ott outubro out lokakuuta październik października paź říjen října октября окт ekim",
    "november nov novembre noviembre novembro marraskuuta listopad listopada listopadu ноября ноя kasım",
    "december dec dezember dez décembre diciembre dic dicembre dezembro joulukuuta grudzień grudnia gru prosinec prosince декабря дек aralık december desember des décembre déc",
)  # fmt: skip
MONTHS = {name: number for number, names in enumerate(MONTH_NAMES, 1) for name in names.split()} | {
    "decembre": 12,
    "listopad": 11,
}
WEEKDAY_NAMES = (
    "monday mon montag mo lundi lunes lunedì lunedi maandag segunda-feira segunda måndag mandag maanantaina poniedziałek poniedziałku pondělí понедельник 月曜日",
    "tuesday tue tues dienstag di mardi martes martedì martedi dinsdag terça-feira terça tisdag tirsdag tiistaina wtorek úterý вторник 火曜日",
    "wednesday wed mittwoch mi mercredi miércoles miercoles mercoledì woensdag quarta-feira quarta onsdag keskiviikkona środa środę středa среду 水曜日",
    "thursday thu thur thurs donnerstag do jeudi jueves giovedì donderdag quinta-feira quinta torsdag torstaina czwartek čtvrtek четверг 木曜日",
    "friday fri freitag fr vendredi viernes venerdì vrijdag sexta-feira sexta fredag perjantaina piątek pátek пятницу 金曜日",
    "saturday sat samstag sonnabend sa samedi sábado sabato zaterdag lördag lørdag lauantaina sobota sobotę субботу 土曜日",
    "sunday sun sonntag so dimanche domingo domenica zondag söndag søndag sunnuntaina niedziela niedzielę neděle воскресенье 日曜日",
)  # fmt: skip
WEEKDAYS = {name: number for number, names in enumerate(WEEKDAY_NAMES) for name in names.split()}
# Two letters alone are a weekday only next to a date, never in a sentence.
SPOKEN_WEEKDAYS = [name for name in WEEKDAYS if len(name) > 3]


def any_of(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


MONTH = f"(?P<month>{any_of(list(MONTHS))})"
YEAR = r"(?P<year>20\d{2})"
ORDINAL = r"(?:st|nd|rd|th|er|e|º|ª|°|\.|:?a|:?e)?"
DAY_MONTH = re.compile(
    rf"(?<![\d.:/])(?P<day>\d{{1,2}}){ORDINAL}[ \u00a0]{{0,2}}(?:(?:of|de|del|di|den)[ \u00a0]|d['’])?[-/ ]?{MONTH}\b\.?(?:[ ,\u00a0/-]{{0,3}}(?:de |del |of )?{YEAR}(?!\d))?",
    re.IGNORECASE,
)
MONTH_DAY = re.compile(
    rf"\b{MONTH}\.?[ \u00a0]{{1,2}}(?:the )?(?P<first>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:[ \u00a0]{{0,2}}(?:-|–|—|to|through|thru|until|and)[ \u00a0]{{0,2}}(?P<last>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:/]|\.\d))?(?:,?[ \u00a0]{{0,2}}{YEAR}(?!\d))?",
    re.IGNORECASE,
)
ISO = re.compile(r"(?<![\d-])(?P<year>20\d{2})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)")
NUMERIC = re.compile(
    r"(?<![\d.:/-])(?P<a>\d{1,2})(?P<sep>[./-])[ ]?(?P<b>\d{1,2})(?:(?P=sep)[ ]?(?P<year>20\d{2}|\d{2})(?![\d:])|\.(?!\d)|(?![\d./:%-]))"
)
CJK = re.compile(
    r"(?:(?P<year>20\d{2})\s{0,2}[年년]\s{0,2})?(?P<m>\d{1,2})\s{0,2}[月월]\s{0,2}(?P<d>\d{1,2})\s{0,2}[日号일]"
)
WEEKDAY = re.compile(rf"(?<![\w-])(?:{any_of(SPOKEN_WEEKDAYS)})(?![\w-])", re.IGNORECASE)
STALE = timedelta(days=45)
SOON = timedelta(days=75)


@dataclass(frozen=True)
class Mention:
    start: int
    end: int
    day: date
    is_range_end: bool = False


def date_mentions(text: str, sent_on: date, language: str) -> list[Mention]:
    """Every date in the text, in order; a date inside another one's span is left out."""
    found = [*iso_dates(text, sent_on), *named_dates(text, sent_on), *numeric_dates(text, sent_on, language)]
    found.sort(key=lambda mention: (mention.start, -mention.end))
    result: list[Mention] = []
    for mention in found:
        if not result or mention.start >= result[-1].end:
            result.append(mention)
    return result


def iso_dates(text: str, sent_on: date) -> list[Mention]:
    matches = [*ISO.finditer(text), *CJK.finditer(text)]
    return [
        mention
        for match in matches
        if (mention := mention_of(match, int(match["d"]), int(match["m"]), match["year"], sent_on))
    ]


def named_dates(text: str, sent_on: date) -> list[Mention]:
    found = []
    for match in DAY_MONTH.finditer(text):
        mention = mention_of(match, int(match["day"]), MONTHS[match["month"].lower()], match["year"], sent_on)
        found += [mention] if mention else []
    for match in MONTH_DAY.finditer(text):
        day = int(match["last"] or match["first"])
        mention = mention_of(match, day, MONTHS[match["month"].lower()], match["year"], sent_on)
        if mention:
            found.append(Mention(mention.start, mention.end, mention.day, is_range_end=bool(match["last"])))
    return found


def numeric_dates(text: str, sent_on: date, language: str) -> list[Mention]:
    matches = list(NUMERIC.finditer(text))
    month_first = any(int(match["b"]) > 12 >= int(match["a"]) for match in matches if match["sep"] == "/")
    day_first = any(int(match["a"]) > 12 for match in matches)
    found = []
    for match in matches:
        if match["sep"] == "-" and not match["year"]:
            continue
        day, month = int(match["a"]), int(match["b"])
        if match["sep"] == "/" and (month_first or (not day_first and american(match, sent_on, language))):
            day, month = month, day
        mention = mention_of(match, day, month, match["year"], sent_on)
        found += [mention] if mention else []
    return found


def american(match: re.Match[str], sent_on: date, language: str) -> bool:
    """English writers use both orders: take month/day when only that one lies in the near future."""
    if language not in {"en", ""}:
        return False
    european = resolve(int(match["a"]), int(match["b"]), match["year"], sent_on)
    us = resolve(int(match["b"]), int(match["a"]), match["year"], sent_on)
    if european is None or us is None:
        return us is not None
    near_us, near_european = (sent_on <= day <= sent_on + SOON for day in (us, european))
    return near_us and (not near_european or us < european)


def mention_of(match: re.Match[str], day: int, month: int, year: str | None, sent_on: date) -> Mention | None:
    resolved = resolve(day, month, year, sent_on)
    return Mention(match.start(), match.end(), resolved) if resolved else None


def resolve(day: int, month: int, year: str | None, sent_on: date) -> date | None:
    """The date; without a year the one around the sending day, so that January after December is next year's."""
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        found = date(sent_on.year, month, day)
        return date(sent_on.year + 1, month, day) if found < sent_on - STALE else found
    except ValueError:
        return None


def weekday_mentions(text: str, sent_on: date) -> list[Mention]:
    """Weekday names standing alone: the next such day after the mail was sent."""
    found = []
    for match in WEEKDAY.finditer(text):
        ahead = (WEEKDAYS[match[0].lower()] - sent_on.weekday() - 1) % 7 + 1
        found.append(Mention(match.start(), match.end(), sent_on + timedelta(days=ahead)))
    return found
