"""The day somebody is back, from the words of an out-of-office note."""

import re
from datetime import date, timedelta

from outreach.channels.email.parsing.dates import Mention, date_mentions, weekday_mentions
from outreach.channels.email.parsing.language import language_of

MAX_TEXT = 6_000
BEFORE, AFTER = 55, 40
# Two dates closer than this belong to one range.
SHORTEST_CLAUSE = 25
LONGEST_ABSENCE = timedelta(days=800)

# Words between a cue and its date: articles, prepositions, weekdays and their commas.
GAP = r"[\s,:(]{0,3}(?:(?:on|the|am|dem|den|de|el|le|la|il|em|op|på|dia|día|dnia|to|at|in|work|office|until|zum|zu|an|ab|vom|from|as|of|is|w|у|в|в\.|morning|(?:[^\W\d_]{2,13}(?:-feira)?))[\s,.()]{1,3}){0,6}$"
RETURN_CUES = (
    r"back|returning|returns?|return date|resume|available again|reachable again|rejoin|re-?start|zurück|zurueck|zurückkehren|wieder|rückkehr|de retour|retour|reviens|reviendrai|rentre|rentrerai|reprends?|reprendrai|vuelvo|vuelva|regreso|regresaré|volveré|vuelta|reincorpor\w{0,8}|rientro|rientrerò|tornerò|torno|ritorno"
    r"|terug|weer|de volta|volto|voltarei|voltar|retorno|retornarei|retornar|regresso|regressarei|tillbaka|åter|tilbage|tilbake|takaisin|palaan|wracam|wrócę|powrót|powrotem|zpět|vrátím|вернусь|возвращаюсь|выйду|döneceğim|döneceğiz|dönüyorum"
)
RETURN_BEFORE = re.compile(rf"\b(?:{RETURN_CUES})\b{GAP}", re.IGNORECASE)
FROM_BEFORE = re.compile(
    r"\b(?:ab|from|a partir (?:del?|du|di|do)|à partir du|dal|vanaf|fra|från|od|с|as of|starting)\b[\s,]{0,3}(?:(?:dem|den|the|el|le|il|o|dia|[^\W\d_]{4,13})[\s,.]{1,3}){0,3}$",
    re.IGNORECASE,
)
AGAIN_AFTER = re.compile(
    r"^[\s,.)]{0,4}(?:[^\W\d_]{1,14}[\s,]{1,2}){0,4}?(?:wieder|zurück|back|again|de nouveau|de nuevo|nuovamente|weer|terug|novamente|tillbaka|åter|igen|tilbage|tilbake|takaisin|ponownie|z powrotem|opět|zpět)\b|^[^。\n]{0,12}(?:より|から|に|起|부터|에)[^。\n]{0,12}(?:返信|対応|出社|復帰|順次|再開|業務|営業|連絡|戻|返回|回来|恢复|回复|复工|복귀|답변|회신)|^[^。\n]{0,6}(?:返回|回来|回到|恢复|복귀)",
    re.IGNORECASE,
)
LAST_DAY_AFTER = re.compile(r"^[\s)]{0,2}(?:\([^)]{1,4}\)\s{0,2})?(?:まで|까지|为止)")
LAST_DAY_BEFORE = re.compile(r"(?:至|到|直到|~|〜|～)\s{0,2}$")
INCLUSIVE = re.compile(
    r"inclusive|including|\bincl|einschl|inkl|inclus|incluid|incluíd|compres|inclusief|tot en met|t/m|t\.?o\.?m|och med|og med|saakka|włącznie|včetně|включительно",
    re.IGNORECASE,
)
SMALL = r"[\s,:(]{0,3}(?:(?:and|und|et|en|y|e|including|inclusive|einschließlich|einschl\.?|inkl\.?|einschliesslich|zum|dem|den|the|el|le|il|dia|día|incluido|on|(?:[^\W\d_]{2,13}(?:-feira)?))[\s,.]{1,3}){0,3}$"
LAST_DAY_CUES = re.compile(
    rf"(?:\b(?:through|thru|bis|jusqu['’]?\s?(?:au|à|en)?|au|hasta|al|fino (?:al|a)|sino al|tot en met|t/m|até(?: ao?)?|ao|do|po|asti|saakka|до|по|till och med|t\.?o\.?m\.?|til og med|tot en met)|(?<=[\d.\s])(?:-|–|—|to|a|à|bis|tot)){SMALL}",
    re.IGNORECASE,
)
UNTIL_CUES = re.compile(
    rf"\b(?:until|till|'?til|untill|up to|by|tot|to|before|vóór|vor dem|avant le){SMALL}", re.IGNORECASE
)
BETWEEN = re.compile(
    r"\b(?:between|zwischen|entre|tra|tussen|mellan)\b.{0,60}\b(?:and|und|et|y|e|en|och)\b[\s,]{0,3}(?:[^\W\d_]{1,13}[\s,.]{1,3}){0,3}$",
    re.IGNORECASE,
)
RANGE_FROM = re.compile(
    r"\b(?:from|starting|between|vom|von|du|del|dal|van|från|fra|od|с)\b[^!?\n]{0,40}\d[^!?\n]{0,25}\b(?:to|a)\b",
    re.IGNORECASE,
)
TOMORROW = re.compile(
    r"\b(?:back|return(?:ing)?|zurück|wieder|retour|vuelvo|torno|terug|volto)\b[^.!?\n]{0,25}\b(?:tomorrow|morgen|demain|mañana|domani|amanhã|i morgon|i morgen)\b|\bmorgen (?:wieder|zurück)",
    re.IGNORECASE,
)
NEXT_WEEK = re.compile(
    r"\b(?:next|nächste|kommende|volgende|la próxima|prossima|próxima)\s(?:week|woche|semana|settimana)\b|semaine prochaine",
    re.IGNORECASE,
)


def return_date(text: str, *, sent_on: date, language: str = "") -> date | None:
    """The first day the writer is back, or None when the text does not say."""
    text = " ".join(text[:MAX_TEXT].split())
    language = language or language_of(text)
    mentions = date_mentions(text, sent_on, language)
    back = from_mentions(text, mentions) or from_weekdays(text, mentions, sent_on)
    if back is None and TOMORROW.search(text):
        back = sent_on + timedelta(days=1)
    if back and abs(back - sent_on) > LONGEST_ABSENCE:
        return None
    return back


def from_mentions(text: str, mentions: list[Mention]) -> date | None:
    """A named day of return wins; else the day that follows from the last day away."""
    ends = []
    for place, mention in enumerate(mentions):
        floor = mentions[place - 1].end if place else 0
        floor = 0 if mention.start - floor < SHORTEST_CLAUSE else floor
        before = text[max(floor, mention.start - BEFORE) : mention.start]
        after = text[mention.end : mention.end + AFTER]
        if is_return(before, after):
            return mention.day
        end = end_of_absence(before, after, mention)
        if end:
            ends.append(end)
    return max(ends, default=None)


def is_return(before: str, after: str) -> bool:
    if LAST_DAY_AFTER.match(after):
        return False
    if RETURN_BEFORE.search(before) and not re.search(
        r"\b(?:until|till|bis|hasta|jusqu\S{0,3}|fino|tot|até)\b[^.]{0,25}$", before, re.IGNORECASE
    ):
        return True
    again = AGAIN_AFTER.match(after)
    return bool(again) and (
        bool(FROM_BEFORE.search(before)) or not (LAST_DAY_CUES.search(before) or UNTIL_CUES.search(before))
    )


def end_of_absence(before: str, after: str, mention: Mention) -> date | None:
    """The day after the last day away; English "until" already names the day of return."""
    next_day = mention.day + timedelta(days=1)
    inclusive = bool(INCLUSIVE.search(before[-30:]) or INCLUSIVE.match(after.lstrip(" ,(")))
    if (
        mention.is_range_end
        or LAST_DAY_AFTER.match(after)
        or LAST_DAY_BEFORE.search(before)
        or BETWEEN.search(before)
    ):
        return next_day
    if RANGE_FROM.search(before):
        return next_day
    if UNTIL_CUES.search(before) and not re.search(r"\d\S{0,3}[\s]{0,2}(?:to|tot)\b[^\d]{0,20}$", before):
        return next_day if inclusive else mention.day
    if LAST_DAY_CUES.search(before):
        return next_day
    return None


def from_weekdays(text: str, mentions: list[Mention], sent_on: date) -> date | None:
    if NEXT_WEEK.search(text):
        return None
    alone = [
        day
        for day in weekday_mentions(text, sent_on)
        if not any(abs(day.end - m.start) < 12 or abs(m.end - day.start) < 12 for m in mentions)
    ]
    return from_mentions(text, alone)
