"""A readable name for a campaign, made from what it is about and whom it is for."""

from collections.abc import Mapping, Sequence

LONGEST = 120
ORDER = ("locations", "segment", "funding_stages", "industries")
UPPER = frozenset({"ceo", "cfo", "cio", "cmo", "coo", "cpo", "cro", "cto", "ciso", "vp", "hr", "it"})
KIND_WORDS = {
    "outreach": "Outreach",
    "re_engagement": "Re-engagement",
    "nurture": "Nurture",
    "event_follow_up": "Event follow-up",
    "expansion": "Expansion",
}


def campaign_name(theme: str, kind: str, criteria: Mapping[str, object]) -> str:
    """Hiring, New York fintech CMOs."""
    first = theme.strip() or KIND_WORDS.get(kind, "Outreach")
    audience = audience_words(criteria)
    name = f"{first[0].upper()}{first[1:]}, {audience}" if audience else f"{first[0].upper()}{first[1:]}"
    return name[:LONGEST].rstrip(" ,")


def audience_words(criteria: Mapping[str, object]) -> str:
    """New York fintech CMOs; empty when nothing was asked for."""
    words = [text for slot in ORDER for text in _texts(criteria.get(slot))[:2]]
    people = [_people(text) for text in _texts(criteria.get("titles"))[:2]] or [
        _people(text) for text in _texts(criteria.get("seniority"))[:1]
    ]
    return " ".join([*words, " and ".join(people)]).strip()


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value.replace("_", " ")] if value else []
    if isinstance(value, Mapping):
        return _texts(value.get("name") or value.get("value"))
    if isinstance(value, Sequence):
        return [text for item in value for text in _texts(item)]
    return []


def _people(title: str) -> str:
    words = [word.upper() if word.lower() in UPPER else word for word in title.split()]
    text = " ".join(words)
    return text if text.lower().endswith("s") and text.lower() not in UPPER else f"{text}s"
