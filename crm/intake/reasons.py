"""Why a deal was lost, from somebody's own words to one of the closed set."""

import re

from crm.enums import LossReason

_WORDS = (
    (LossReason.NO_BUDGET, r"budget|no money|funding|cost cut|frozen|freeze"),
    (LossReason.PRICE, r"price|pricing|expensive|cost|cheap|discount"),
    (LossReason.COMPETITOR, r"compet|rival|another vendor|other vendor|went with|chose|in-?house|built it"),
    (LossReason.TIMING, r"timing|not now|too early|next year|next quarter|postpon|delay|later"),
    (LossReason.NO_DECISION, r"no decision|status quo|undecided|not a priority|priorit|cancel"),
    (LossReason.MISSING_FEATURE, r"feature|missing|integration|function|requirement|does not|doesn'?t"),
    (LossReason.NO_ANSWER, r"silent|silence|no (?:answer|reply|response)|ghost|unresponsive|went dark"),
)


def loss_reason_of(text: str) -> str:
    """The first that fits; words that fit none are another reason, no words are none."""
    said = text.strip().lower()
    if not said:
        return ""
    key = re.sub(r"[^a-z]+", "_", said).strip("_")
    if key in LossReason.values:
        return key
    return next((reason for reason, words in _WORDS if re.search(words, said)), LossReason.OTHER)
