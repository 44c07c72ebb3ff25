"""Orders that are held back: "don't launch it yet" is no order to launch."""

import re

from agents.planner.text import Span

_NOT = (
    r"(?:(?:do|should|must|can|shall|may) ?not|(?:do|should|must|can|does|wo)n'?t|never|not yet|no need to|not to|not going to"
    r"|(?:hold|holding) off (?:on )?|wait (?:with|before)|refrain from|avoid|i(?: would|'d) rather not|without)"
)
_ORDER = (
    r"(?:launch|start|activat|kick|promot|roll|archiv|resum|restart|reactivat|complet|submit|publish|ship|pause|stop|delet|remov|mov|chang|clos"
    r"|set|updat|mark|creat|mak|add|log|sav|select|dismiss|undo|revert|push|go(?:ing)? live|open|assign|book|schedul|bump|rais|lower|send it|sending it|send the|touch)"
)
_HELD = re.compile(
    rf"(?:\b(?:but|and|though|however)\s+|[,;.]\s*)*(?:\bplease\s+)?\b{_NOT}\s+(?:ever |yet |please |just |actually |now )?{_ORDER}\w*\b"
)
_END = re.compile(r"[,;.!](?:\s|$)|\s+(?:but|and|instead|just|rather|only)\b|\s+-\s")
_FILLER = re.compile(
    r"\b(?:please|pls|ok|okay|yet|now|hey|hi|just|it|that|this|so|and|but|no|wait|thanks|well|hmm)\b|\W"
)


def held_back(low: str, quotes: list[Span]) -> Span | None:
    """The clause that forbids an order, outside quotes; with the joint before it, up to the next clause."""
    for match in _HELD.finditer(low):
        if any(quote.start <= match.start() < quote.end for quote in quotes):
            continue
        end = _END.search(low, match.end())
        return Span("held", match.start(), end.start() if end else len(low))
    return None


def rest_of(raw: str, held: Span) -> str:
    """What is still ordered, every place in it unchanged; nothing when only filler words are left."""
    rest = raw[: held.start] + " " * held.width + raw[held.end :]
    words = _FILLER.sub(" ", rest.lower()).split()
    return rest if len(words) > 1 else ""
