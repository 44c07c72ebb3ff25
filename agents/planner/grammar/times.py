"""Times of day, durations and rhythms, and their joining to a date."""

import datetime as dt
import re
from dataclasses import replace

from agents.planner.grammar.dates import When, count_of
from agents.planner.grammar.numbers import WORD_NUMBER, parse_number
from agents.planner.text import Span

_CLOCK = re.compile(
    r"(?:\b(?:at|@|around|by)\s*)?(?<![\d$€£.,/])(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s?(?P<half>[ap]\.?m\.?)(?!\w)"
    r"|(?:\b(?:at|@|around)\s*)?(?<![\d.,/:])(?P<hour2>[01]?\d|2[0-3]):(?P<minute2>[0-5]\d)(?![\d:])"
    r"|(?:\bat|@)\s*(?P<hour3>[01]?\d|2[0-3])(?:\s?o'?clock)?(?![\d%:,./]|\s?(?:k|m|%|percent|touch|days|people|employees|companies|deals)\b)(?!\w)"
    r"|\b(?:at\s+)?(?P<word>noon|midday|midnight)\b"
)
_JOIN = re.compile(r"\s*(?:,|at|@|on|-)?\s*")
_NUMBER = rf"(?:\d+(?:\.\d+)?|{WORD_NUMBER}|half an|an?)"
DURATION = re.compile(
    rf"(?<![\w.,])({_NUMBER})[\s-]?(?:and a half[\s-])?(minutes?|mins?|min|m(?=\s+(?:call|meeting|chat))|hours?|hrs|hr(?!\s+(?:director|manager|head|lead|people|team|tech|vp|exec|business|generalist|specialist|prof|partner|dep))|h)\b"
)
EVERY = re.compile(
    rf"\b(?:every|each|with|at|spaced|spacing(?: of)?)\s+(?:a\s+)?({_NUMBER}|other|second|third|couple of|few)[\s-]?(days?|weeks?)"
    rf"(?:[\s-](?:apart|between|in between|gaps?|intervals?|spacing|cadence))?\b"
    rf"|\b({_NUMBER})[\s-](days?|weeks?)(?:'s?)?\s?(?:apart|between|in between|gaps?|intervals?|spacing|cadence|rhythm|delay|breaks?|pauses?)\b"
    r"|\b(?:an?|one|1)\s+(?:e-?mail|mail|touch|message|step|call)\s+(?:an?|per|every|each)\s+(day|week)\b|(?:,|\band\b)\s*(?:one|1) (?:an?|per|each|every) (?P<pace>day|week)\b"
    r"|\b(every day|daily|every week|weekly|once a week|fortnightly|biweekly|bi-weekly|every fortnight)\b"
)
_RHYTHMS = {"every day": 1, "daily": 1, "every week": 7, "weekly": 7, "once a week": 7}
_COUNTS = {"other": 2, "second": 2, "third": 3, "couple of": 2, "few": 3}


def find_times(low: str) -> list[Span]:
    return [Span("time", m.start(), m.end(), time) for m in _CLOCK.finditer(low) if (time := _time(m))]


def _time(match: re.Match[str]) -> dt.time | None:
    groups = match.groupdict()
    if groups["word"]:
        return dt.time(0 if groups["word"] == "midnight" else 12, 0)
    hour = int(groups["hour"] or groups["hour2"] or groups["hour3"])
    minute = int(groups["minute"] or groups["minute2"] or 0)
    if groups["half"]:
        hour = hour % 12 + (12 if groups["half"].startswith("p") else 0)
    elif groups["hour3"] and 1 <= hour <= 6:
        hour += 12
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


def join_times(dates: list[Span], times: list[Span], low: str, today: dt.date) -> list[Span]:
    """Dates that stand beside a time become moments; a time alone is today, or tomorrow."""
    joined = []
    used: set[int] = set()
    for date in dates:
        partner = next(
            (t for t in times if t.start not in used and not t.overlaps(date) and _beside(date, t, low)), None
        )
        if partner is None:
            joined.append(date)
            continue
        used.add(partner.start)
        start, end = min(date.start, partner.start), max(date.end, partner.end)
        joined.append(Span("date", start, end, replace(date.value, time=partner.value)))
    alone = [t for t in times if t.start not in used and not any(t.overlaps(d) for d in dates)]
    return joined + [Span("time", t.start, t.end, When(today, today, t.value)) for t in alone]


def _beside(date: Span, time: Span, low: str) -> bool:
    first, second = (date, time) if date.start < time.start else (time, date)
    return _JOIN.fullmatch(low[first.end : second.start]) is not None


def find_durations(low: str) -> list[Span]:
    """Minutes."""
    found = []
    for match in DURATION.finditer(low):
        head, unit = match.groups()
        number = 0.5 if head == "half an" else 1 if head in {"a", "an"} else parse_number(head) or 0
        if "and a half" in match.group():
            number += 0.5
        minutes = round(number * (60 if unit.startswith("h") else 1))
        found.append(Span("duration", match.start(), match.end(), minutes))
    return found


def find_intervals(low: str) -> list[Span]:
    """Days between touches: "every 3 days", "a week apart", "weekly"."""
    found = []
    for match in EVERY.finditer(low):
        count, unit, count2, unit2, pace, _, rhythm = match.groups()
        pace = pace or match["pace"]
        if pace or rhythm:
            days = _RHYTHMS.get(rhythm, 14) if rhythm else {"day": 1, "week": 7}[pace]
        else:
            head = count or count2
            days = _COUNTS.get(head) or count_of(head)
            days *= 7 if (unit or unit2).startswith("week") else 1
        found.append(Span("interval", match.start(), match.end(), days))
    return found
