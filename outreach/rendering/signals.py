"""What may be said about a dated signal, in a sentence that is true whatever else is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from outreach.rendering.fields import clean

# Layoffs, visits to our pages, reviews and product usage are known, but nobody wants to read that we know.
SENTENCES = {
    "hiring": "I saw that {company} is hiring",
    "funding": "I saw the news about {company}'s funding",
    "expansion": "I saw that {company} is expanding",
    "leadership_change": "I saw that there is a change in the leadership of {company}",
    "tech_change": "I saw that {company} is changing its technology",
    "news": "I saw {company} in the news",
}
FIRST_FOR_THEME = {"hiring": ("hiring", "expansion"), "funding": ("funding", "expansion")}
FRESH = timedelta(days=180)
LONGEST_DETAIL = 90


@dataclass(frozen=True, slots=True)
class DatedSignal:
    id: str
    type: str
    detail: str
    source: str
    occurred_on: date


def speakable(signals: Iterable[DatedSignal], *, theme: str, on: date) -> DatedSignal | None:
    """The newest signal that suits the theme, else the newest that may be mentioned; none when all are old."""
    fresh = [
        signal for signal in signals if signal.type in SENTENCES and on - FRESH <= signal.occurred_on <= on
    ]
    wanted = FIRST_FOR_THEME.get(theme, ())
    return max(fresh, key=lambda signal: _rank(signal, wanted), default=None)


def _rank(signal: DatedSignal, wanted: Sequence[str]) -> tuple[int, date, str]:
    place = len(wanted) - wanted.index(signal.type) if signal.type in wanted else 0
    return place, signal.occurred_on, signal.id


def sentence(signal: DatedSignal, *, company: str) -> str:
    """I saw that Hadrius is hiring ("Growth lead", 3 November)."""
    start = SENTENCES[signal.type].format(company=clean(company))
    day = f"{signal.occurred_on.day} {signal.occurred_on:%B}"
    detail = clean(signal.detail).strip("\"'“”. ")
    # A long detail is a text of its own and reads badly in brackets.
    if not detail or len(detail) > LONGEST_DETAIL:
        return f"{start} ({day})."
    return f"{start} (“{detail}”, {day})."
