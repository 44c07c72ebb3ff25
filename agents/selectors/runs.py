"""What a run did, as data."""

from typing import Any

from agents.enums import Trust
from agents.models import Run

PLAN_KEYS = ("outcome", "intent", "steps", "missing", "candidates", "reason", "confidence")


def run_report(run: Run) -> dict[str, Any]:
    """The plan, each step with its outcome, and the answer."""
    answer = run.messages.filter(trust=Trust.SYSTEM).order_by("created_at").last()
    return {
        "id": str(run.pk),
        "state": run.state,
        "plan": {name: run.plan.get(name) for name in PLAN_KEYS},
        "steps": [
            {
                "number": step.number,
                "tool": step.tool,
                "state": step.state,
                "summary": step.summary,
                "error": step.error,
                "subject": step.result.get("subject") or {},
                "can_undo": bool(step.undo),
            }
            for step in run.steps.all()
        ],
        "answer": answer.text if answer else "",
        "card": answer.card if answer else {},
    }
