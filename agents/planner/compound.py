"""Where a sentence may hold two orders, and which orders are one."""

import re
from dataclasses import dataclass

_JOINT = re.compile(
    r"\s*(?:,\s*|;\s*|\.\s+)?(?:\b(?:and then|and also|and after that|afterwards|after that|then|and|also|plus|as well as)\b|&)\s+(?:please\s+|also\s+|then\s+)*|\s*;\s*|(?<=\w[\w'\")])\.\s+|,\s+(?=(?:then|also)\b)|,\s+"
)
_VERB = re.compile(
    r"(?:please\s+|pls\s+)?(?:create|add|make|set|new|open|log|record|remind|move|change|update|mark|push|pause|launch|resume|archive|stop|schedule|book|send|draft|write|e-?mail|save|select|dismiss"
    r"|show|list|find|assign|give|undo|enrich|promote|note|task|todo|close|bump|raise|put|export|run|start|tell|ask|reject|approve|bring|lower|submit|build|pick|store|name|increase|reduce|advance|shortlist|nudge|jot|leave|restart|complete|how|what|call it|hand|transfer|rename|reassign)\b"
)
# After a bare comma only these start another order.
_STRONG = re.compile(
    r"(?:please\s+|pls\s+)?(?:create|add|log|record|remind|move|mark|pause|launch|resume|archive|schedule|draft|save|select|pick|choose|shortlist|dismiss|assign|undo|enrich|promote|export|tell|submit|set (?:up|the|a|it))\b"
)
# Verbs of everyday work: inside a task or a note they belong to its text.
_WORK = re.compile(
    r"(?:please\s+)?(?:send|write|draft|e-?mail|schedule|book|ask|tell|find|show|give|push|bring|call|start|run|open|close|make|put|list|change|pick|what|how|only|hand|approve|reject|export)\b"
)
FREE_TEXT = frozenset(
    {
        "task.create",
        "activity.log",
        "agent.run",
        "agent.instruct",
        "email.draft",
        "canvas.record",
        "system.help",
        "issue.create",
    }
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where the sentence may be cut in two."""

    left: str
    right: str
    right_start: int
    everyday: bool
    bare: bool


def cuts(raw: str, low: str, quotes: list[tuple[int, int]]) -> list[Cut]:
    """All places before a verb of command, outside quotes, from left to right."""
    found = []
    for match in _JOINT.finditer(low):
        right = low[match.end() :]
        inside = any(start <= match.start() < end for start, end in quotes)
        bare = not re.search(r"[\w;.&]", match.group())
        verb = _STRONG if bare else _VERB
        if not inside and match.start() > 3 and verb.match(right):
            found.append(
                Cut(
                    raw[: match.start()],
                    raw[match.end() :],
                    match.end(),
                    _WORK.match(right) is not None,
                    bare,
                )
            )
    return found
