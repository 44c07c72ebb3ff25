"""Undo and help."""

from agents.enums import Risk
from agents.models import Step
from agents.selectors.resolving import Call
from agents.services.registry import Slots, Tool, ToolResult, tool, tools
from agents.services.undoing import asks_first, steps_to_undo, undo_last
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor

SAID_IN_HELP = 3
SHOWN_IN_HELP = 12


def weigh_undo(slots: Slots, actor: Actor) -> Risk:
    """Taking back is as weighty as what it does: to resume a campaign acts outside, to delete a note does not."""
    return Risk.EXTERNAL if asks_first(_chosen(slots, actor)) else Risk.WRITE


@tool("system.undo", examples=("undo", "undo the last 2 things"), weigh=weigh_undo)
def undo(slots: Slots, call: Call) -> ToolResult:
    """Take back your last actions. What changes sending you confirm first."""
    chosen = _chosen(slots, call.actor)
    call.resolved["target"] = {
        "id": ", ".join(str(step.pk) for step in chosen),
        "name": " ".join(step.summary for step in chosen),
        "version": sum(step.version for step in chosen),
    }
    sentence, count = undo_last(
        actor=call.actor, steps=_count(slots), target=_target(slots), is_approved=call.is_approved
    )
    return ToolResult(sentence, card={"findings": [{"count": count, "text": "taken back"}]})


def _chosen(slots: Slots, actor: Actor) -> list[Step]:
    return steps_to_undo(actor=actor, steps=_count(slots), target=_target(slots))


def _count(slots: Slots) -> int:
    return int(slots.get("steps") or 1)


def _target(slots: Slots) -> str:
    return str(slots.get("target") or "")


@tool("system.help", examples=("help", "how do I create a campaign"))
def help_(slots: Slots, call: Call) -> ToolResult:
    """Say what can be asked for."""
    del call
    about = str(slots.get("topic") or "").lower()
    known = [entry for entry in tools().values() if _is_about(entry, about)]
    chosen = known or list(tools().values())
    first = f"About {about}:" if known and about else "You can say, for example:"
    rows = [{"cells": [entry.intent.title, entry.examples[0]]} for entry in chosen[:SHOWN_IN_HELP]]
    said = ", ".join(f"“{entry.examples[0]}”" for entry in chosen[:SAID_IN_HELP])
    more = len(chosen) - len(rows)
    rest = f" The help page has {wording.counted(more)} more." if more > 0 else ""
    return ToolResult(f"{first} {said}.{rest}", card={"table": {"columns": ["What", "Say"], "rows": rows}})


def _is_about(entry: Tool, topic: str) -> bool:
    text = " ".join([entry.name, entry.intent.title, *entry.examples]).lower()
    words = [word.rstrip("s") for word in topic.split() if len(word) > 2]
    return bool(words) and any(word in text for word in words)
