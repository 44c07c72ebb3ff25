"""Undo and help."""

from agents.selectors.resolving import Call
from agents.services.registry import Slots, Tool, ToolResult, tool, tools
from agents.services.undoing import undo_last
from gtmos.kernel import wording

SHOWN_IN_HELP = 12


@tool("system.undo", examples=("undo", "undo the last 2 things"))
def undo(slots: Slots, call: Call) -> ToolResult:
    """Take back your last actions."""
    sentence, count = undo_last(
        actor=call.actor, steps=int(slots.get("steps") or 1), target=str(slots.get("target") or "")
    )
    return ToolResult(sentence, card={"findings": [{"count": count, "text": "taken back"}]})


@tool("system.help", examples=("help", "how do I create a campaign"))
def help_(slots: Slots, call: Call) -> ToolResult:
    """Say what can be asked for."""
    del call
    about = str(slots.get("topic") or "").lower()
    known = [entry for entry in tools().values() if _is_about(entry, about)]
    chosen = known or list(tools().values())
    first = f"About {about}:" if known and about else "You can say, for example:"
    rows = [{"cells": [entry.intent.title, entry.examples[0]]} for entry in chosen[:SHOWN_IN_HELP]]
    more = len(chosen) - len(rows)
    rest = f" {wording.plural(more, 'more')} on the help page." if more > 0 else ""
    return ToolResult(f"{first}{rest}", card={"table": {"columns": ["What", "Say"], "rows": rows}})


def _is_about(entry: Tool, topic: str) -> bool:
    text = " ".join([entry.name, entry.intent.title, *entry.examples]).lower()
    words = [word.rstrip("s") for word in topic.split() if len(word) > 2]
    return bool(words) and any(word in text for word in words)
