"""Questions, suppositions and denials: "should I launch it?", "if they sign, …", "not won yet" order nothing."""

import re

from agents.planner.schema import REGISTRY

# What is only written down for oneself is harmless: "should I call Grace tomorrow" may become a reminder.
_HARMLESS = frozenset({"task.create", "activity.log", "issue.create", "canvas.record", "email.draft"})
_ASKED = re.compile(
    r"^\W*(?:(?:and|so|but|then|wait|just)\s+)*(?:(?:should|shall|might|would|must|will|do|did|am|have|had) (?:i|we|they|it|this|that|he|she)\b|(?:can|could|may) (?:they|it|this|that|he|she)\b"
    r"|(?:is|are|was|were|has|does|did|isn'?t|aren'?t|wasn'?t|hasn'?t|didn'?t|doesn'?t)\b(?! (?:it )?possible)"
    r"|(?:will|would) (?!you\b)\w+ \w+|what (?:happens|would happen|will happen|if)\b|who\b|why\b"
    r"|when (?:did|was|were|will|is|are|do|does|has|have|can|should|would)\b|what did\b|how (?:did|many|much|often|long|is|are|was)\b)"
)
# "Can I add a variant?" wants one; whether something may be sent or taken back is asked first.
_MAY_I = re.compile(r"^\W*(?:can|could|may) (?:i|we)\b")
_GRAVE = frozenset({"campaign.transition", "ab.promote", "system.undo", "approval.decide", "email.send"})
_SUPPOSED = re.compile(
    r"^\W*(?:(?:and|so|but|then)\s+)*(?:(?:if|in case|once|as soon as|unless|when(?:ever)?)\b(?! (?:possible|you|it'?s (?:ok|okay|possible)|necessary|not already))"
    r"|maybe|perhaps|possibly|(?:i|we) (?:might|may|could|wonder|am thinking|are thinking)|(?:i'm |we're )?(?:thinking (?:of|about)|wondering)|not sure)\b"
)
_CLOSING = re.compile(r"\b(?:won|lost|signed|dead|win|lose|sign)\b")
_DENIED = re.compile(
    r"\b(?:not|never|almost|nearly|hardly|is ?n'?t|are ?n'?t|has ?n'?t|have ?n'?t|did ?n'?t|do ?n'?t|was ?n'?t|does ?n'?t)\b(?:\s+(?:yet|really|been|quite|fully|completely|actually|\w+ed))?\s*$"
)


def orders_nothing(low: str, intent: str) -> bool:
    """Whether these words only ask, suppose or deny what the intent would do."""
    if not REGISTRY[intent].writes or intent in _HARMLESS:
        return False
    if intent in _GRAVE and _MAY_I.match(low):
        return True
    return bool(_ASKED.match(low) or _SUPPOSED.match(low)) or (intent == "deal.update" and _denied(low))


def _denied(low: str) -> bool:
    """The first word of winning or losing stands behind a "not"."""
    first = _CLOSING.search(low)
    return first is not None and _DENIED.search(low[: first.start()]) is not None
