"""Why a deal was lost, from somebody's own words to one of the closed set."""

import re

OTHER = "other"

_WORDS = (
    ("no_budget", r"budget|no money|funding|cost cut|frozen|freeze"),
    ("price", r"price|pricing|expensive|cost|cheap|discount"),
    ("competitor", r"compet|rival|another vendor|other vendor|went with|chose|in-?house|built it"),
    ("timing", r"timing|not now|too early|next year|next quarter|postpon|delay|later"),
    ("no_decision", r"no decision|status quo|undecided|not a priority|priorit|cancel"),
    ("missing_feature", r"feature|missing|integration|function|requirement|does not|doesn'?t"),
    ("no_answer", r"silent|silence|no (?:answer|reply|response)|ghost|unresponsive|went dark"),
)
KNOWN = frozenset({*(reason for reason, _ in _WORDS), OTHER})


def loss_reason_of(text: str) -> str:
    """The first that fits; words that fit none are another reason, no words are none."""
    said = text.strip().lower()
    if not said:
        return ""
    key = re.sub(r"[^a-z]+", "_", said).strip("_")
    if key in KNOWN:
        return key
    return next((reason for reason, words in _WORDS if re.search(words, said)), OTHER)
