"""Metrics of a customer journey: stages passed, channels and places; and the people of one company."""

import re

from agents.planner.lexicon.titles import functions
from agents.planner.scene import Draft, Scene
from agents.planner.slots.generic import fill, screen
from agents.planner.text import Span

_CHANNELS = {
    "organic": r"organic",
    "outbound": r"outbound",
    "inbound": r"inbound",
    "events": r"events?|webinars?|conferences?",
    "paid_media": r"paid(?: media)?|ads",
    "partner": r"partners?",
    "referral": r"referrals?",
}
_STAGES = {
    "lead_acquisition": r"leads?(?: acquisition)?|prospects?|visitors?",
    "sales_development": r"qualified|qualification|sales development|sqls?|mqls?|opportunit(?:y|ies)|opps?",
    "sales": r"sales|won|customers?|deals?|closed",
    "signup": r"sign-?ups?|registered",
    "activation": r"activation|activated|active",
    "monetization": r"moneti[sz]ation|paid|paying|revenue",
    "retention_expansion": r"retention|expansion|renewed|retained",
}
_FROM_TO = re.compile(
    r"\b(?:from\s+)?(?P<a>[\w-]+(?: [\w-]+)?)\s+(?:to|into|->)\s+(?P<b>[\w-]+(?: development)?)\b"
)
_IN = re.compile(r"\bin (?:the )?(?P<f>[\w& ]+?)(?: team| department)?\W*$")


def journey(scene: Scene) -> Draft:
    draft = fill("journey.query", scene)
    known = {stage for stages in scene.world.journey_stages.values() for stage in stages}
    match = _FROM_TO.search(scene.low)
    if match:
        first, second = _stage(match.group("a"), known), _stage(match.group("b"), known)
        if first and second:
            draft.put("from_stage", first, Span("text", *match.span("a")))
            draft.put("to_stage", second, Span("text", *match.span("b")))
    channels = [name for name, words in _CHANNELS.items() if scene.has(rf"\b(?:{words})\b")]
    draft.put("channel", channels)
    return draft


def _stage(words: str, known: set[str]) -> str | None:
    return next(
        (n for n, pattern in _STAGES.items() if n in known and re.search(rf"\b(?:{pattern})\b", words)), None
    )


def contacts_find(scene: Scene) -> Draft:
    draft = fill("contacts.find", scene)
    match = _IN.search(scene.low)
    if "titles" not in draft.slots and match and match.group("f") in functions():
        draft.put("titles", [match.group("f")], Span("text", *match.span("f")))
    screen(draft, scene, "company")
    return draft
