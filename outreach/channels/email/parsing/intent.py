"""What an answer wants, by weighted cues: refusals first, then wishes; the heaviest category wins."""

import re

from outreach.channels.email.parsing.auto_reply import AWAY
from outreach.channels.email.parsing.intent_cues import REFUSALS, SHORT_FORMS, WISHES, Cue
from outreach.channels.email.parsing.verdict import Category, Intent

MAX_TEXT = 4_000
MAX_HITS_PER_CUE = 3
SPACES = re.compile(r"\s+")
AWAY_NOW = re.compile(r"\b(?:i am|im|i will be|ill be|bin|je suis|estoy|sono|ik ben|estou)\b")
# On equal weight the category that stops or slows a sequence wins.
PRIORITY = (
    Category.UNSUBSCRIBE,
    Category.REFERRAL,
    Category.NOT_INTERESTED,
    Category.OBJECTION,
    Category.LATER,
    Category.MEETING,
    Category.INTERESTED,
    Category.QUESTION,
)
FULL_WEIGHT = 4.0


def intent(text: str) -> Intent:
    """The category of a reply (its own words only, see `reply_text`) and how sure that is."""
    words = spelled_out(text)
    if not words:
        return Intent(Category.OTHER, 0.0)
    scores: dict[Category, float] = {}
    rest = add_cues(scores, words, REFUSALS, take_out=True)
    if not scores and AWAY.search(text) and AWAY_NOW.search(rest) and len(rest) < 600:
        scores[Category.LATER] = 2.0
    add_cues(scores, rest, WISHES, take_out=False)
    if not scores:
        return Intent(Category.OTHER, 0.2)
    best = max(PRIORITY, key=lambda category: (scores.get(category, 0.0), -PRIORITY.index(category)))
    share = scores[best] / sum(scores.values())
    return Intent(best, round(min(1.0, scores[best] / FULL_WEIGHT) * (0.5 + 0.5 * share), 2))


def spelled_out(text: str) -> str:
    words = SPACES.sub(" ", text[:MAX_TEXT]).strip().lower()
    for pattern, replacement in SHORT_FORMS:
        words = pattern.sub(replacement, words)
    return words


def add_cues(scores: dict[Category, float], words: str, cues: tuple[Cue, ...], *, take_out: bool) -> str:
    """Adds the weight of every cue that occurs and returns the text, without the cues when they are taken out."""
    for category, weight, pattern in cues:
        hits = len(pattern.findall(words)[:MAX_HITS_PER_CUE])
        if hits:
            scores[category] = scores.get(category, 0.0) + weight + 0.5 * (hits - 1)
            words = pattern.sub(" ", words) if take_out else words
    return words
